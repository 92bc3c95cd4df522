#pragma once

#include <array>
#include <cstdint>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "sim/air/carrier_sense.hpp"
#include "sim/air/decibel.hpp"

namespace espial::sim {

/// Somebody else's Wi-Fi on one channel: bursts that are equally strong everywhere.
struct ForeignTraffic {
  /// How much of the time it sends; at most kMostForeignPermille.
  std::uint32_t share_permille = 0;
  int dbm = -65;
  /// How many of its bursts begin though one of our frames is in the air. The others are taken as
  /// sent by somebody who heard ours and waited.
  std::uint32_t deaf_permille = 100;
};
inline constexpr std::uint32_t kMostForeignPermille = 900;
/// One burst begins in each period, somewhere.
inline constexpr Duration kForeignPeriod{5000};

using ForeignChannels = std::array<ForeignTraffic, kChannelCount + 1>;

struct Burst {
  Instant start = kNever;
  Instant end = kNever;
  bool deaf = false;
};

/// Other people's Wi-Fi on all channels. It has no state: what is on the air at a moment follows
/// from the seed and the moment alone, so it costs nothing while nobody looks.
///
///     |<------- kForeignPeriod ------->|<------------------------------>|
///     |      [##### burst #####]       |  [### burst ###]               |
///            length: half to one and a half of the share; place: anywhere that fits
class ForeignAir {
 public:
  ForeignAir(std::uint64_t seed, const ForeignChannels& channels, CarrierSense carrier_sense);

  /// The first burst that a radio on `listening` senses and that ends after `t`; it may have begun
  /// before. kNever where there is none.
  Burst next_sensed(Channel listening, Instant t) const;

  /// The strongest burst that hurts a frame on `listening` between `start` and `end`. What began
  /// after `exchange_start` was sent by the deaf alone: for a frame its own start, for an
  /// acknowledgement that of the frame before it.
  Power interference(Channel listening, Instant exchange_start, Instant start, Instant end) const;

 private:
  Burst burst(std::uint8_t channel, std::int64_t period) const;

  std::uint64_t seed_;
  ForeignChannels channels_;
  CarrierSense carrier_sense_;
  bool silent_ = true;
};

}  // namespace espial::sim
