#include "core/base/byte_reader.hpp"

#include <gtest/gtest.h>

#include <array>

#include "core/base/byte_writer.hpp"

namespace espial {
namespace {

TEST(ByteReader, ReadsLittleEndian) {
  const std::array<std::uint8_t, 18> bytes{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
                                           0x0a, 0xff, 0xfe, 0xff, 0x10, 0x11, 0x12, 0x13, 0x14};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u8(), 0x01);
  EXPECT_EQ(reader.u16(), 0x0302);
  EXPECT_EQ(reader.u24(), 0x060504u);
  EXPECT_EQ(reader.u32(), 0x0a090807u);
  EXPECT_EQ(reader.i8(), -1);
  EXPECT_EQ(reader.i16(), -2);
  EXPECT_EQ(reader.left(), 5u);
  EXPECT_EQ(reader.bytes(2)[1], 0x11);
  EXPECT_EQ(reader.rest().size(), 3u);
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.empty());
}

TEST(ByteReader, StaysFailed) {
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0u) << "nothing is read past a failure, though a byte was there";
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, LeavesTheTargetOfAFailedCopyAlone) {
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  std::array<std::uint8_t, 4> out{9, 9, 9, 9};
  ByteReader reader(bytes);
  reader.copy(out);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(out, (std::array<std::uint8_t, 4>{9, 9, 9, 9}));
}

struct VarintCase {
  std::array<std::uint8_t, kMaxVarintSize> bytes;
  std::size_t size;
  std::uint32_t value;
};

TEST(Varint, HasOneFormForEveryNumber) {
  const VarintCase cases[] = {
      {{0x00}, 1, 0},
      {{0x7f}, 1, 127},
      {{0x80, 0x01}, 2, 128},
      {{0xff, 0x7f}, 2, 16383},
      {{0x80, 0x80, 0x01}, 3, 16384},
      {{0xff, 0xff, 0xff, 0xff, 0x0f}, 5, UINT32_MAX},
  };
  for (const auto& [bytes, size, value] : cases) {
    SCOPED_TRACE(value);
    const ByteView form(bytes.data(), size);
    ByteReader reader(form);
    EXPECT_EQ(reader.varint(), value);
    EXPECT_TRUE(reader.ok());
    EXPECT_TRUE(reader.empty());

    std::array<std::uint8_t, kMaxVarintSize> out{};
    ByteWriter writer(out);
    writer.varint(value);
    EXPECT_TRUE(equal(writer.written(), form));
    EXPECT_EQ(varint_size(value), size);
  }
}

TEST(Varint, RefusesEveryOtherForm) {
  const VarintCase cases[] = {
      {{0x80, 0x00}, 2, 0},
      {{0xff, 0x80, 0x00}, 3, 0},
      {{0xff, 0xff, 0xff, 0xff, 0x1f}, 5, 0},  // 33 bits
      {{0xff, 0xff, 0xff, 0xff, 0xff}, 5, 0},  // no end
  };
  for (const auto& [bytes, size, value] : cases) {
    ByteReader reader(ByteView(bytes.data(), size));
    EXPECT_EQ(reader.varint(), value);
    EXPECT_FALSE(reader.ok());
    EXPECT_TRUE(reader.not_canonical());
  }
}

TEST(Varint, CutIsNotTheSameAsNotCanonical) {
  const std::array<std::uint8_t, 2> bytes{0x80, 0x80};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.varint(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_FALSE(reader.not_canonical());
}

}  // namespace
}  // namespace espial
