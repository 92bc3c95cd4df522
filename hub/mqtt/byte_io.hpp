#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace espial::mqtt {

/// Reads MQTT's elementary types from the front of some bytes. After the first thing that isn't
/// there or isn't right everything reads as zero or empty and `ok()` is false.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint32_t varint();   ///< 1..4 bytes, 7 bits each, lowest first; no longer than needed
  ByteView binary();        ///< a 16-bit length and as many bytes
  std::string_view text();  ///< the same, and valid MQTT text
  ByteView bytes(std::size_t count);

 private:
  void refuse() {
    ok_ = false;
    rest_ = {};
  }

  ByteView rest_;
  bool ok_ = true;
};

/// Appends MQTT's elementary types to a buffer. Texts and binaries longer than 65 535 bytes are the
/// caller's to refuse; here they would be cut.
class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void varint(std::uint32_t value);
  void binary(ByteView value);
  void text(std::string_view value) { binary(as_bytes(value)); }
  void bytes(ByteView value);

  /// Leaves room for a length; `end_length` with the mark fills in how much was written since.
  std::size_t begin_length();
  void end_length(std::size_t mark);

 private:
  std::vector<std::uint8_t>& bytes_;
};

/// The largest number a variable byte integer holds.
inline constexpr std::uint32_t kMaxVarint = 268'435'455;

}  // namespace espial::mqtt
