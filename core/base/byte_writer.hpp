#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"

namespace espial {

/// Appends little-endian numbers to a caller's buffer.
///
/// Failure is sticky: what does not fit is not written, nor is anything after it, and size() is 0.
class ByteWriter {
 public:
  explicit constexpr ByteWriter(MutableByteView out) : out_(out) {}

  ByteWriter& u8(std::uint8_t value) { return number(value, 1); }
  ByteWriter& u16(std::uint16_t value) { return number(value, 2); }
  /// The low 24 bits.
  ByteWriter& u24(std::uint32_t value) { return number(value, 3); }
  ByteWriter& u32(std::uint32_t value) { return number(value, 4); }
  ByteWriter& u64(std::uint64_t value) { return number(value, 8); }
  ByteWriter& i8(std::int8_t value) { return u8(static_cast<std::uint8_t>(value)); }
  ByteWriter& i16(std::int16_t value) { return u16(static_cast<std::uint16_t>(value)); }
  ByteWriter& i32(std::int32_t value) { return u32(static_cast<std::uint32_t>(value)); }
  /// LEB128, shortest form.
  ByteWriter& varint(std::uint32_t value);
  ByteWriter& bytes(ByteView bytes);
  ByteWriter& mac(const MacAddress& mac) { return bytes(ByteView(mac.octets)); }

  bool ok() const { return ok_; }
  /// How many bytes were written; 0 after a failure.
  std::size_t size() const { return ok_ ? used_ : 0; }
  /// What was written; empty after a failure.
  ByteView written() const { return {out_.data(), size()}; }

 private:
  ByteWriter& number(std::uint64_t value, std::size_t size);
  bool reserve(std::size_t size);

  MutableByteView out_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

/// How many bytes varint(value) takes, 1..5.
constexpr std::size_t varint_size(std::uint32_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

}  // namespace espial
