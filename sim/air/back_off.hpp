#pragma once

#include <cstdint>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/air/airtime.hpp"
#include "sim/air/foreign_traffic.hpp"

namespace espial::sim {

/// The wait before a frame: DIFS of silence, then drawn slots, which are counted down only while
/// the channel is idle. After each pause comes a DIFS again; slots that were counted stay counted.
///
///     busy |--DIFS--|slot|slot|slot| busy          |--DIFS--|slot|slot| fire_at()
///          ^ resume()              ^ pause()       ^ resume()
///
/// Other people's bursts are known in advance and are stepped over by resume() itself.
class BackOff {
 public:
  BackOff() = default;
  BackOff(AccessTiming timing, std::uint32_t slots) : timing_(timing), slots_(slots) {}

  /// The channel is idle from `from` on, as far as our own radios are concerned.
  /// @returns true when a burst of other people's stands in the way.
  bool resume(Instant from, const ForeignAir& foreign, Channel channel);
  /// Somebody has begun to send at `at`.
  void pause(Instant at, const ForeignAir& foreign, Channel channel);

  /// kNever while paused.
  Instant fire_at() const { return fire_at_; }
  bool paused() const { return fire_at_ == kNever; }
  /// What begins less than a slot before the wait is over is not noticed any more.
  bool blind_at(Instant at) const { return fire_at_ - at < timing_.slot; }
  /// Slots that were left at the last resume() or pause().
  std::uint32_t slots() const { return slots_; }

 private:
  AccessTiming timing_{};
  std::uint32_t slots_ = 0;
  Instant from_;
  Instant fire_at_ = kNever;
};

}  // namespace espial::sim
