#include "sim/heap_watch.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace espial::sim {
namespace {

struct Role {
  void take() { memory = std::make_unique<int>(1); }
  void call_port() {
    const OutsideCore port;
    take();
  }
  std::unique_ptr<int> memory;
};

TEST(HeapWatch, CountsWhatCoreTakesAndNotWhatItsPortsDo) {
  ASSERT_TRUE(HeapWatch::counts());
  Role role;
  const std::uint64_t before = HeapWatch::requests();
  role.take();
  in_core(role, "a role")->call_port();
  EXPECT_EQ(HeapWatch::requests(), before);
  in_core(role, "a role")->take();
  EXPECT_EQ(HeapWatch::requests(), before + 1);
  EXPECT_STREQ(HeapWatch::first(), "a role");
  role.take();
  EXPECT_EQ(HeapWatch::requests(), before + 1);
}

}  // namespace
}  // namespace espial::sim
