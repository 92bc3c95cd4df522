#include "core/base/byte_writer.hpp"

#include <gtest/gtest.h>

#include <array>

namespace espial {
namespace {

TEST(ByteWriter, WritesLittleEndian) {
  std::array<std::uint8_t, 12> out{};
  ByteWriter writer(out);
  writer.u8(0x01).u16(0x0302).u24(0xff060504).i16(-2).u32(0x0a090807);
  EXPECT_EQ(writer.size(), 12u);
  EXPECT_EQ(out, (std::array<std::uint8_t, 12>{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0xfe, 0xff, 0x07,
                                               0x08, 0x09, 0x0a}));
}

TEST(ByteWriter, WritesNothingPastTheEndAndStaysFailed) {
  std::array<std::uint8_t, 4> out{};
  ByteWriter writer(MutableByteView(out).first(3));
  writer.u16(0x0201).u16(0x0403).u8(5);
  EXPECT_FALSE(writer.ok());
  EXPECT_EQ(writer.size(), 0u);
  EXPECT_TRUE(writer.written().empty());
  EXPECT_EQ(out, (std::array<std::uint8_t, 4>{1, 2, 0, 0}));
}

TEST(ByteWriter, FillsItsBufferExactly) {
  std::array<std::uint8_t, 8> out{};
  EXPECT_EQ(ByteWriter(out).u64(0x0807060504030201u).size(), 8u);
  EXPECT_EQ(out, (std::array<std::uint8_t, 8>{1, 2, 3, 4, 5, 6, 7, 8}));
}

}  // namespace
}  // namespace espial
