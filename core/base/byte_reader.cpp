#include "core/base/byte_reader.hpp"

#include <algorithm>

namespace espial {

std::uint32_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kMaxVarintSize; ++i) {
    const std::uint8_t byte = u8();
    if (!ok_) return 0;
    value |= static_cast<std::uint64_t>(byte & 0x7fu) << (7 * i);
    if ((byte & 0x80u) != 0) continue;
    const bool padded = byte == 0 && i > 0;
    if (padded || value > UINT32_MAX) break;
    return static_cast<std::uint32_t>(value);
  }
  not_canonical_ = true;
  fail();
  return 0;
}

ByteView ByteReader::bytes(std::size_t count) {
  if (count > rest_.size()) {
    fail();
    return {};
  }
  const ByteView taken = rest_.subview(0, count);
  rest_ = rest_.subview(count);
  return taken;
}

MacAddress ByteReader::mac() {
  MacAddress address;
  copy(address.octets);
  return address;
}

void ByteReader::copy(MutableByteView out) {
  const ByteView taken = bytes(out.size());
  std::copy(taken.begin(), taken.end(), out.data());
}

std::uint64_t ByteReader::number(std::size_t size) {
  const ByteView taken = bytes(size);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    value |= static_cast<std::uint64_t>(taken[i]) << (8 * i);
  }
  return value;
}

void ByteReader::fail() {
  ok_ = false;
  rest_ = {};
}

}  // namespace espial
