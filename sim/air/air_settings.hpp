#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/port/radio.hpp"
#include "sim/air/airtime.hpp"
#include "sim/air/carrier_sense.hpp"
#include "sim/air/foreign_traffic.hpp"
#include "sim/air/neighbours.hpp"
#include "sim/air/propagation.hpp"

namespace espial::sim {

/// How unkind the air is. Chances are in permille and drawn from the seed.
struct AirSettings {
  std::uint64_t seed = 1;

  // --- the place; set_quality() does not look at these ---
  Propagation propagation;
  CarrierSense carrier_sense;
  /// By how much a frame must be stronger than everything else to be received all the same.
  int capture_db = 10;
  ForeignChannels foreign;

  // --- chances ---
  /// A frame or an acknowledgement is not decoded. A unicast is then repeated, a broadcast is gone.
  std::uint32_t loss_permille = 0;
  /// A frame that the receiving radio has acknowledged is lost before its program sees it.
  std::uint32_t drop_permille = 0;
  /// A frame reaches the program twice.
  std::uint32_t duplicate_permille = 0;
  /// A repeat, sent because the acknowledgement was lost, passes the receiving radio's filter for
  /// duplicates. The chips' own software has one; others' firmware on the same chips has not.
  std::uint32_t repeat_permille = 0;
  /// A frame's bytes change between radio and program: one to three bits. (On the air the FCS
  /// catches that, and the frame is lost.)
  std::uint32_t corrupt_permille = 0;
  /// A frame reaches the program late, by up to `late_most`.
  std::uint32_t late_permille = 0;
  Duration late_most = Duration::milliseconds(50);
  /// A frame can be decoded one channel away.
  std::uint32_t off_channel_permille = 0;
  /// A frame to the station address of a radio in modem sleep (Air::set_station_asleep) is lost.
  std::uint32_t asleep_permille = 0;
};

/// Frames that are late at the same time; one more is on time.
inline constexpr std::size_t kMaxLate = 64;

/// What two radios without a place hear of each other, at kDefaultTxPowerDbm.
inline constexpr std::int8_t kDefaultRssiDbm = -55;

struct RadioSettings {
  /// The station's address: frames are sent from it, and those sent to it are heard.
  MacAddress address;
  /// A softAP's address: frames sent to it are heard too.
  std::optional<MacAddress> second_address;
  Channel channel{1};
  /// kMaxBodyV1 or kMaxBodyV2. A longer frame is not understood, though a radio acknowledges it.
  std::size_t max_body_size = kMaxBodyV1;
  /// Strength follows from the distance when both radios have a place; otherwise they are in one
  /// room.
  std::optional<Position> position;
  /// At most kMaxTxPowerDbm.
  int tx_power_dbm = kDefaultTxPowerDbm;
  RateLadder rates = kEsp32Rates;
};

}  // namespace espial::sim
