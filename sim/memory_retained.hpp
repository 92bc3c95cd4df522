#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/port/retained_memory.hpp"

namespace espial::sim {

/// A device's RTC memory. It survives resets; a reset can come between any two bytes of a write.
class MemoryRetained final : public RetainedMemory {
 public:
  explicit MemoryRetained(std::size_t size) : bytes_(size) {}

  std::size_t size() const override { return bytes_.size(); }
  void read(std::size_t offset, MutableByteView out) const override;
  void write(std::size_t offset, ByteView bytes) override;
  std::optional<Duration> since_last_write() const override { return since_last_write_; }

  /// What time it is, for written_at().
  void set_now(Instant now) { now_ = now; }
  Instant written_at() const { return written_at_; }
  /// The device is reset before its `bytes`-th byte from now is written (1 = the next): from then
  /// on nothing is written, until release().
  void reset_at_byte(std::size_t bytes) { until_reset_ = bytes; }
  /// How often such a reset has come.
  std::uint32_t resets() const { return resets_; }
  /// That reset has come: the device is to be started anew.
  bool stopped() const { return stopped_; }
  /// The device starts; `since_last_write` is what its port makes of the time.
  void release(std::optional<Duration> since_last_write);
  /// The power was lost: whatever the cells fall into.
  void lose_power(std::uint8_t fill);

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::optional<Duration> since_last_write_;
  Instant now_;
  Instant written_at_;
  std::size_t until_reset_ = 0;
  std::uint32_t resets_ = 0;
  bool stopped_ = false;
};

}  // namespace espial::sim
