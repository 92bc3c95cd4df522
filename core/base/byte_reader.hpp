#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"

namespace espial {

/// The longest varint: LEB128 of a 32-bit number.
inline constexpr std::size_t kMaxVarintSize = 5;

/// Takes little-endian numbers off the front of a run of bytes.
///
/// Failure is sticky: after the first read that can't be satisfied every later one yields zeros or
/// empty views, and ok() stays false. So a parser reads a whole picture and asks once.
class ByteReader {
 public:
  explicit constexpr ByteReader(ByteView bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::int8_t i8() { return static_cast<std::int8_t>(u8()); }
  std::int16_t i16() { return static_cast<std::int16_t>(u16()); }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }

  /// LEB128 of at most kMaxVarintSize bytes. A longer form than needed, or a number of more than
  /// 32 bits, fails and sets not_canonical().
  std::uint32_t varint();

  /// The next `count` bytes, borrowed; empty when fewer are left.
  ByteView bytes(std::size_t count);
  MacAddress mac();
  /// Copies the next out.size() bytes; `out` is left alone when fewer are left.
  void copy(MutableByteView out);
  /// Everything that is left.
  ByteView rest() { return bytes(rest_.size()); }

  std::size_t left() const { return rest_.size(); }
  bool empty() const { return rest_.empty(); }
  bool ok() const { return ok_; }
  /// True when the failure was a varint in another form than the shortest.
  bool not_canonical() const { return not_canonical_; }

 private:
  std::uint64_t number(std::size_t size);
  void fail();

  ByteView rest_;
  bool ok_ = true;
  bool not_canonical_ = false;
};

}  // namespace espial
