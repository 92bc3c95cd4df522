#include "core/base/crc32.hpp"

#include <gtest/gtest.h>

namespace espial {
namespace {

TEST(Crc32Test, IsTheOneOfZipAndEthernet) {
  EXPECT_EQ(Crc32().value(), 0U);
  EXPECT_EQ(Crc32().add(as_bytes("123456789")).value(), 0xcbf43926U);
}

TEST(Crc32Test, PiecesGiveWhatTheWholeGives) {
  EXPECT_EQ(Crc32().add(as_bytes("1234")).add({}).add(as_bytes("56789")).value(), 0xcbf43926U);
}

}  // namespace
}  // namespace espial
