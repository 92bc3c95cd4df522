#pragma once

#include <array>
#include <cstdint>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace espial::sim {

/// What has happened on an air since its start. "Not decoded" counts each receiver that a frame was
/// meant for, of an acknowledgement too.
struct AirCounters {
  // sending
  std::uint64_t transmissions = 0;  ///< frames accepted by transmit()
  std::uint64_t refused = 0;        ///< transmit() answered something else than kOk
  std::uint64_t attempts = 0;       ///< times a frame was in the air
  std::uint64_t retries = 0;        ///< attempts after the first
  std::uint64_t unanswered = 0;     ///< unicasts given up
  std::uint64_t sensed_busy = 0;    ///< a wait stood still because somebody else was sending
  std::uint64_t foreign_busy = 0;   ///< a wait met somebody else's Wi-Fi
  std::uint64_t blind_starts = 0;  ///< began though somebody else had begun less than a slot before
  // acknowledging
  std::uint64_t acks = 0;       ///< acknowledgements sent
  std::uint64_t acks_lost = 0;  ///< those that the sender did not hear: it repeats what arrived
  // not decoded
  std::uint64_t collisions = 0;    ///< somebody else was too strong beside it
  std::uint64_t foreign_hits = 0;  ///< somebody else's Wi-Fi was
  std::uint64_t weak = 0;          ///< too far away
  std::uint64_t fades = 0;         ///< near enough, had it not faded
  std::uint64_t missed = 0;        ///< the receiver was sending, off or elsewhere as it began
  std::uint64_t lost = 0;          ///< AirSettings::loss_permille
  std::uint64_t asleep = 0;        ///< AirSettings::asleep_permille
  // decoded all the same
  std::uint64_t captures = 0;     ///< though something else was on the air
  std::uint64_t off_channel = 0;  ///< one channel away
  std::uint64_t past_sleep = 0;   ///< at the softAP's address, though the station slept
  // between radio and program
  std::uint64_t deliveries = 0;      ///< frames handed to a program, duplicates included
  std::uint64_t duplicates = 0;      ///< handed over a second time by duplicate_permille
  std::uint64_t repeats = 0;         ///< repeats of what had arrived; the filter takes them away
  std::uint64_t repeats_passed = 0;  ///< except these
  std::uint64_t dropped = 0;         ///< acknowledged, then lost before the program
  std::uint64_t corrupted = 0;
  std::uint64_t late = 0;
  std::uint64_t too_long = 0;  ///< heard, but longer than the receiver understands

  /// How long our frames and acknowledgements were in the air, by channel. Frames at the same time
  /// in different places count both.
  std::array<Duration, kChannelCount + 1> airtime{};

  /// Everything under "not decoded" together.
  std::uint64_t undecoded() const {
    return collisions + foreign_hits + weak + fades + missed + lost + asleep;
  }
};

}  // namespace espial::sim
