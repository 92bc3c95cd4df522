#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace espial::sim {

/// A device's own monotonic clock: it began somewhere, and it runs a little fast or slow. Exact
/// integers both ways, for spans of centuries.
///
///     local = origin + floor((world - started) * (1 + drift))
class DeviceClock {
 public:
  /// The device was switched on at `started` and then read `origin`.
  DeviceClock(Instant started, Instant origin, std::int32_t drift_ppm)
      : started_(started), origin_(origin), rate_(kMillion + drift_ppm) {}
  DeviceClock() : DeviceClock(Instant{}, Instant{}, 0) {}

  /// What the device reads at a moment of the world's.
  Instant local(Instant world) const {
    const std::int64_t elapsed = (world - started_).us;
    return origin_ + Duration{elapsed / kMillion * rate_ + elapsed % kMillion * rate_ / kMillion};
  }

  /// The first moment of the world's at which the device reads `local` or more. kNever stays
  /// kNever.
  Instant world(Instant local) const {
    if (local == kNever) return kNever;
    const std::int64_t span = (local - origin_).us;
    const Instant guess =
        started_ + Duration{span / rate_ * kMillion + span % rate_ * kMillion / rate_};
    // Rounding down twice can miss by one.
    return this->local(guess) < local ? guess + Duration{1} : guess;
  }

 private:
  static constexpr std::int64_t kMillion = 1'000'000;

  Instant started_;
  Instant origin_;
  std::int64_t rate_;
};

}  // namespace espial::sim
