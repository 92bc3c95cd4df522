#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

/// The slot that means the module itself.
inline constexpr std::uint8_t kModuleSlot = 15;
/// The longest value of a reading.
inline constexpr std::size_t kMaxValueSize = 200;
inline constexpr std::size_t kMaxReadingSize = 3 + kMaxValueSize;

/// True for 0..11 and 15.
constexpr bool valid_slot(std::uint8_t slot) { return slot < kSlotCount || slot == kModuleSlot; }
/// True for 1..254: 1..191 are standard, 192..254 belong to a network's configuration.
constexpr bool valid_kind(std::uint8_t kind) { return kind != 0 && kind != 255; }

/// One value of one function; borrowed. See value.hpp for what the bytes mean.
///
///     0     1     2 ...                       0     1   2     3 ...
///    |SN   |kind |value, N bytes|     or     |SF   |N  |kind |value, N bytes|   N 15..200
struct Reading {
  std::uint8_t slot = 0;  ///< 0..11, or kModuleSlot
  std::uint8_t kind = 0;  ///< 1..254
  ByteView value;         ///< 0..200 bytes
};

/// Reads the reading at the front of `bytes`; more may follow it.
/// @param size  receives how many bytes it took.
Parsed<Reading> parse_first_reading(ByteView bytes, std::size_t& size);
/// Reads the reading that fills `bytes` exactly.
Parsed<Reading> parse_reading(ByteView bytes);

/// @returns the size, or 0 when `out` is too small or a field is out of its range.
std::size_t encode(const Reading& reading, MutableByteView out);

/// How many bytes encode() takes for a value of `value_size` bytes.
constexpr std::size_t reading_size(std::size_t value_size) {
  return value_size + (value_size < 15 ? 2 : 3);
}

/// A run of readings, borrowed. Comes only from parse_readings(), so a walk can't fail.
class Readings {
 public:
  class Iterator {
   public:
    explicit Iterator(ByteView rest) : rest_(rest) { load(); }
    const Reading& operator*() const { return reading_; }
    const Reading* operator->() const { return &reading_; }
    Iterator& operator++() {
      rest_ = rest_.subview(size_);
      load();
      return *this;
    }
    bool operator!=(const Iterator& other) const { return rest_.size() != other.rest_.size(); }
    bool operator==(const Iterator& other) const { return !(*this != other); }

   private:
    void load() {
      if (!rest_.empty()) reading_ = *parse_first_reading(rest_, size_);
    }
    ByteView rest_;
    std::size_t size_ = 0;
    Reading reading_;
  };

  Readings() = default;
  Iterator begin() const { return Iterator(bytes_); }
  Iterator end() const { return Iterator({}); }
  /// As on the air.
  ByteView bytes() const { return bytes_; }

 private:
  friend Parsed<Readings> parse_readings(ByteView bytes);
  explicit Readings(ByteView bytes) : bytes_(bytes) {}
  ByteView bytes_;
};

/// Checks a run of readings: at least one, filling `bytes` exactly.
Parsed<Readings> parse_readings(ByteView bytes);

}  // namespace espial::wire
