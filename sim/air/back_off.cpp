#include "sim/air/back_off.hpp"

#include <algorithm>

namespace espial::sim {
namespace {

struct Count {
  Instant fire_at = kNever;  ///< kNever: `until` came first
  std::uint32_t left = 0;
  bool met_burst = false;
};

/// Counts `slots` down from `from` on, in the gaps between bursts, until `until`.
Count count_down(Instant from, Instant until, std::uint32_t slots, const AccessTiming& timing,
                 const ForeignAir& foreign, Channel channel) {
  Count count;
  count.left = slots;
  for (;;) {
    const Burst burst = foreign.next_sensed(channel, from);
    if (burst.start > from) {
      const Instant first_slot = from + timing.difs;
      const Instant fire_at = first_slot + timing.slot * count.left;
      if (fire_at - timing.slot < burst.start && fire_at < until) {
        count.fire_at = fire_at;
        return count;
      }
      const Duration idle = std::min(burst.start, until) - first_slot;
      if (idle > Duration{}) {
        count.left -= std::min(count.left, static_cast<std::uint32_t>(idle.us / timing.slot.us));
      }
    }
    if (until <= burst.end) return count;
    count.met_burst = true;
    from = burst.end;
  }
}

}  // namespace

bool BackOff::resume(Instant from, const ForeignAir& foreign, Channel channel) {
  from_ = from;
  const Count count = count_down(from, kNever, slots_, timing_, foreign, channel);
  fire_at_ = count.fire_at;
  return count.met_burst;
}

void BackOff::pause(Instant at, const ForeignAir& foreign, Channel channel) {
  slots_ = count_down(from_, at, slots_, timing_, foreign, channel).left;
  fire_at_ = kNever;
}

}  // namespace espial::sim
