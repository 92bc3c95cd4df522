#include "ports/linux/random_linux.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace espial {
namespace {

TEST(RandomLinux, FillsEveryByteAnewEachTime) {
  RandomLinux random;
  // A byte left alone in 32 fills happens once in 2^256 runs.
  std::array<std::uint8_t, 64> seen{};
  for (int run = 0; run < 32; ++run) {
    std::array<std::uint8_t, 64> bytes{};
    random.fill(bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) seen[i] |= bytes[i];
  }
  EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](std::uint8_t byte) { return byte != 0; }));
}

TEST(RandomLinux, FillsNothingElse) {
  RandomLinux random;
  std::array<std::uint8_t, 3> bytes{};
  random.fill({bytes.data() + 1, 1});
  random.fill({bytes.data() + 1, 0});
  EXPECT_EQ(bytes[0], 0);
  EXPECT_EQ(bytes[2], 0);
}

}  // namespace
}  // namespace espial
