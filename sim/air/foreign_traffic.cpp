#include "sim/air/foreign_traffic.hpp"

#include <algorithm>

#include "sim/air/propagation.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {
namespace {

std::int64_t period_of(Instant t) { return std::max<std::int64_t>(t.us, 0) / kForeignPeriod.us; }

}  // namespace

ForeignAir::ForeignAir(std::uint64_t seed, const ForeignChannels& channels,
                       CarrierSense carrier_sense)
    : seed_(seed), channels_(channels), carrier_sense_(carrier_sense) {
  for (ForeignTraffic& traffic : channels_) {
    traffic.share_permille = std::min(traffic.share_permille, kMostForeignPermille);
    if (traffic.share_permille != 0) silent_ = false;
  }
}

Burst ForeignAir::burst(std::uint8_t channel, std::int64_t period) const {
  const ForeignTraffic& traffic = channels_[channel];
  SplitMix random(seed_ ^ (static_cast<std::uint64_t>(period) * (kChannelCount + 1) + channel));
  const std::int64_t usual = kForeignPeriod.us * traffic.share_permille / 1000;
  const std::int64_t most = std::min(usual * 3 / 2, kForeignPeriod.us);
  const std::int64_t least = 2 * usual - most;
  const std::int64_t length =
      least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least + 1)));
  const auto room = static_cast<std::uint64_t>(kForeignPeriod.us - length + 1);
  Burst burst;
  burst.start.us = period * kForeignPeriod.us + static_cast<std::int64_t>(random.below(room));
  burst.end = burst.start + Duration{length};
  burst.deaf = random.chance(traffic.deaf_permille);
  return burst;
}

Burst ForeignAir::next_sensed(Channel listening, Instant t) const {
  Burst first;
  if (silent_) return first;
  for (std::uint8_t channel = 1; channel <= kChannelCount; ++channel) {
    const ForeignTraffic& traffic = channels_[channel];
    if (traffic.share_permille == 0) continue;
    const int dbm = traffic.dbm - channel_distance_loss_db(listening, Channel{channel});
    if (!carrier_sense_.senses(dbm, channel == listening.number)) continue;
    std::int64_t period = period_of(t);
    Burst next = burst(channel, period);
    while (next.end <= t) next = burst(channel, ++period);
    if (next.start < first.start) first = next;
  }
  return first;
}

Power ForeignAir::interference(Channel listening, Instant exchange_start, Instant start,
                               Instant end) const {
  Power strongest = 0;
  if (silent_) return strongest;
  for (std::uint8_t channel = 1; channel <= kChannelCount; ++channel) {
    const ForeignTraffic& traffic = channels_[channel];
    const int loss_db = channel_distance_loss_db(listening, Channel{channel});
    if (traffic.share_permille == 0 || loss_db == kInaudible) continue;
    for (std::int64_t period = period_of(start); period <= period_of(end); ++period) {
      const Burst there = burst(channel, period);
      const bool overlaps = there.start < end && there.end > start;
      // Begun before the exchange, it was not heard by whoever began that.
      const bool hurts = overlaps && (there.start <= exchange_start || there.deaf);
      if (hurts) strongest = std::max(strongest, power_of(traffic.dbm - loss_db));
    }
  }
  return strongest;
}

}  // namespace espial::sim
