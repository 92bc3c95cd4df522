#pragma once

#include <cstddef>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace espial {

/// Memory that keeps its bytes over deep sleep and over every reset but a loss of power: RTC memory
/// on the chips. Fast and without wear, unlike Settings. It holds session keys, so it must not be
/// flash. What it holds after a loss of power is anything.
class RetainedMemory {
 public:
  virtual ~RetainedMemory() = default;

  /// How many bytes there are.
  virtual std::size_t size() const = 0;
  /// Copies out.size() bytes from `offset`; both lie within size().
  virtual void read(std::size_t offset, MutableByteView out) const = 0;
  /// Writes within size(). A reset may come between any two bytes.
  virtual void write(std::size_t offset, ByteView bytes) = 0;
  /// How long ago the last byte was written, over sleep and resets; nothing where the platform
  /// can't tell: a node then begins a new session to hear what time it is. A port adds up the time
  /// awake since that write, the sleep it asked for and the time to boot, or reads a clock that
  /// runs through all of them. It takes note of the time behind the bytes: a write() before whose
  /// first byte a reset came does not count.
  virtual std::optional<Duration> since_last_write() const = 0;
};

}  // namespace espial
