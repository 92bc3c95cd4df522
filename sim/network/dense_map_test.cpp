#include "sim/network/dense_map.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace espial::sim {
namespace {

/// All keys want the same few places.
struct Crowded {
  std::size_t operator()(std::uint32_t key) const { return key % 4; }
};

TEST(DenseMapTest, KeepsEveryKeyThroughCollisionsAndGrowth) {
  DenseMap<std::uint32_t, std::string, Crowded> map;
  constexpr std::uint32_t kKeys = 500;
  for (std::uint32_t key = 0; key < kKeys; ++key) {
    EXPECT_EQ(map.find(key), nullptr);
    map[key] = std::to_string(key);
  }
  EXPECT_EQ(map.size(), kKeys);
  for (std::uint32_t key = 0; key < kKeys; ++key) {
    ASSERT_NE(map.find(key), nullptr);
    EXPECT_EQ(*map.find(key), std::to_string(key));
  }
  EXPECT_EQ(map.find(kKeys), nullptr);
}

TEST(DenseMapTest, AKeyThatIsThereIsNotAddedAgain) {
  DenseMap<std::uint32_t, int, Crowded> map;
  map[7] = 1;
  ++map[7];
  EXPECT_EQ(*map.find(7), 2);
  EXPECT_EQ(map.size(), 1U);
}

}  // namespace
}  // namespace espial::sim
