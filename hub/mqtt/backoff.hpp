#pragma once

#include <algorithm>
#include <cstdint>

namespace espial::mqtt {

/// How long to wait before the next attempt: doubling, bounded, and each time shortened by a random
/// part of up to a half, so that a thousand clients of one broker don't come back in step.
class Backoff {
 public:
  Backoff(std::uint32_t min_ms, std::uint32_t max_ms)
      : min_ms_(std::max(min_ms, 1U)), max_ms_(std::max(max_ms, min_ms_)), next_ms_(min_ms_) {}

  /// The delay in milliseconds, never under the minimum. `random`: 32 random bits.
  std::uint32_t next_ms(std::uint32_t random) {
    const std::uint32_t full = next_ms_;
    next_ms_ = next_ms_ > max_ms_ / 2 ? max_ms_ : next_ms_ * 2;
    const std::uint32_t cut = random % (full / 2 + 1);
    return std::max(full - cut, min_ms_);
  }

  /// Something worked: begin with the minimum again.
  void reset() { next_ms_ = min_ms_; }

 private:
  std::uint32_t min_ms_;
  std::uint32_t max_ms_;
  std::uint32_t next_ms_;
};

}  // namespace espial::mqtt
