#include "core/node/sleep_clock.hpp"

#include <algorithm>

namespace espial::node {
namespace {

constexpr std::int64_t kUnits = 100'000;
/// No oscillator is further off; a time of day may have been set.
constexpr std::int64_t kMostDrift = kUnits / 10;

}  // namespace

SleepClock::SleepClock(ByteReader& in)
    : drift_(in.i16()), asleep_ms_(in.u32()), corrected_ms_(in.i32()) {}

void SleepClock::retain(ByteWriter& out) const {
  out.i16(drift_).u32(asleep_ms_).i32(corrected_ms_);
}

Duration SleepClock::corrected(Duration measured) const {
  // Whole seconds and the rest apart: no sleep is too long to multiply.
  const std::int64_t seconds = measured.us / 1'000'000;
  const std::int64_t rest_us = measured.us % 1'000'000;
  return measured + Duration{seconds * drift_ * (1'000'000 / kUnits) + rest_us * drift_ / kUnits};
}

void SleepClock::on_slept(Duration span) {
  const std::int64_t sum_ms = asleep_ms_ + std::max<std::int64_t>(span.ms(), 0);
  asleep_ms_ = static_cast<std::uint32_t>(std::min<std::int64_t>(sum_ms, UINT32_MAX));
}

void SleepClock::on_corrected(Duration error) {
  const std::int64_t sum_ms = corrected_ms_ + error.ms();
  corrected_ms_ = static_cast<std::int32_t>(std::clamp<std::int64_t>(sum_ms, INT32_MIN, INT32_MAX));
}

void SleepClock::on_fresh_time(Duration error) {
  on_corrected(error);
  if (asleep_ms_ >= kLeastSleep.ms()) {
    const std::int64_t learned = drift_ + corrected_ms_ * kUnits / asleep_ms_;
    // A step of more than any oscillator's is the hub's clock, set by somebody.
    if (std::abs(learned) <= kMostDrift) drift_ = static_cast<std::int16_t>(learned);
  }
  begin();
}

void SleepClock::begin() {
  asleep_ms_ = 0;
  corrected_ms_ = 0;
}

}  // namespace espial::node
