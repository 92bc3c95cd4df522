#include "sim/digest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace espial::sim {
namespace {

std::uint64_t digest_of(const std::vector<std::uint8_t>& bytes) {
  Digest digest;
  digest.add(ByteView(bytes.data(), bytes.size()));
  return digest.value();
}

TEST(DigestTest, TellsEveryBitOfEveryByte) {
  for (std::size_t size = 1; size <= 17; ++size) {
    const std::vector<std::uint8_t> bytes(size, 0x5a);
    for (std::size_t at = 0; at < size; ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        std::vector<std::uint8_t> other = bytes;
        other[at] ^= static_cast<std::uint8_t>(1U << bit);
        EXPECT_NE(digest_of(bytes), digest_of(other)) << size << " bytes, at " << at;
      }
    }
  }
}

TEST(DigestTest, TellsHowManyBytesThereWere) {
  EXPECT_NE(digest_of({1}), digest_of({1, 0}));
  Digest one;
  one.add(ByteView());
  one.add(digest_of({}));
  EXPECT_NE(one.value(), digest_of({}));
}

/// A number for each machine would be no digest of a run.
TEST(DigestTest, IsTheSameOnEveryMachine) {
  EXPECT_EQ(digest_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}), 0x423bb0fe99a3c00eU);
}

}  // namespace
}  // namespace espial::sim
