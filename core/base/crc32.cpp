#include "core/base/crc32.hpp"

#include <array>

namespace espial {
namespace {

/// One entry a nibble: 64 bytes of flash instead of a kilobyte.
constexpr std::array<std::uint32_t, 16> make_table() {
  constexpr std::uint32_t kPolynomial = 0xedb88320;
  std::array<std::uint32_t, 16> table{};
  for (std::uint32_t nibble = 0; nibble < table.size(); ++nibble) {
    std::uint32_t value = nibble;
    for (int bit = 0; bit < 4; ++bit) value = value >> 1U ^ ((value & 1U) != 0 ? kPolynomial : 0U);
    table[nibble] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 16> kTable = make_table();

}  // namespace

Crc32& Crc32::add(ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    state_ ^= byte;
    state_ = state_ >> 4U ^ kTable[state_ & 0xfU];
    state_ = state_ >> 4U ^ kTable[state_ & 0xfU];
  }
  return *this;
}

}  // namespace espial
