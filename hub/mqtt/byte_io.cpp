#include "hub/mqtt/byte_io.hpp"

#include <algorithm>
#include <array>

#include "hub/mqtt/topic.hpp"

namespace espial::mqtt {

std::uint8_t Reader::u8() {
  if (rest_.empty()) {
    refuse();
    return 0;
  }
  const std::uint8_t value = rest_[0];
  rest_ = rest_.subview(1);
  return value;
}

std::uint16_t Reader::u16() {
  const ByteView b = bytes(2);
  return b.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(b[0] << 8 | b[1]);
}

std::uint32_t Reader::u32() {
  const std::uint32_t high = u16();
  return high << 16 | u16();
}

std::uint32_t Reader::varint() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift <= 21; shift += 7) {
    const std::uint8_t byte = u8();
    value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) != 0) continue;
    if (byte == 0 && shift > 0) break;  // longer than needed
    return value;
  }
  refuse();
  return 0;
}

ByteView Reader::binary() { return bytes(u16()); }

std::string_view Reader::text() {
  const ByteView raw = binary();
  const std::string_view value(reinterpret_cast<const char*>(raw.data()), raw.size());
  if (valid_text(value)) return value;
  refuse();
  return {};
}

ByteView Reader::bytes(std::size_t count) {
  if (count > rest_.size()) {
    refuse();
    return {};
  }
  const ByteView value(rest_.data(), count);
  rest_ = ByteView(rest_.data() + count, rest_.size() - count);
  return value;
}

void Writer::u16(std::uint16_t value) {
  u8(static_cast<std::uint8_t>(value >> 8));
  u8(static_cast<std::uint8_t>(value));
}

void Writer::u32(std::uint32_t value) {
  u16(static_cast<std::uint16_t>(value >> 16));
  u16(static_cast<std::uint16_t>(value));
}

void Writer::varint(std::uint32_t value) {
  while (value > 0x7F) {
    u8(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  u8(static_cast<std::uint8_t>(value));
}

void Writer::binary(ByteView value) {
  const ByteView kept = value.subview(0, 0xFFFF);
  u16(static_cast<std::uint16_t>(kept.size()));
  bytes(kept);
}

void Writer::bytes(ByteView value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }

std::size_t Writer::begin_length() {
  u8(0);
  return bytes_.size();
}

void Writer::end_length(std::size_t mark) {
  auto length = static_cast<std::uint32_t>(bytes_.size() - mark);
  std::array<std::uint8_t, 4> encoded{};
  std::size_t size = 0;
  do {
    encoded[size++] = static_cast<std::uint8_t>((length & 0x7F) | (length > 0x7F ? 0x80 : 0));
    length >>= 7;
  } while (length > 0 && size < encoded.size());
  bytes_[mark - 1] = encoded[0];
  const auto position = bytes_.begin() + static_cast<std::ptrdiff_t>(mark);
  bytes_.insert(position, encoded.begin() + 1, encoded.begin() + static_cast<std::ptrdiff_t>(size));
}

}  // namespace espial::mqtt
