#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "core/node/retained_copies.hpp"
#include "core/node/sleep_clock.hpp"
#include "core/session/session.hpp"
#include "core/transfer/report_ring.hpp"

namespace espial::node {

/// What a node leaves in retained memory to the node that starts after a sleep or a reset. The
/// names, keys and the command window are not here: they are in Settings, which survives more.
///
///     the record of a RetainedCopies
///      0      1     2       3         8 9           10    98 99   106 107  108 109    112
///     |server|flags|channel|gateway[6] |silent wakes|session |utc ms  |zone    |stream ID|
///      113      120 121   124 125         126        135
///     |next seq[2]  |dropped  |floors high|sleep clock   |report|report|...
///     flags    bit 0: a session, bit 1: the gateway receives 1470-byte bodies, bit 2: utc is known
///     session  Session::retain(); zeros without one
///     utc      as it was when the record was written
///     floors high  bits 3-0 of readings, 7-4 of events: bits 15-12 of what a PUBACK told last
///
///     a report
///      0     1    2  3     4  7 8
///     |class |size|sequence|age ms|readings
///     class    bits 1-0 ReportClass, bit 2 sent, bit 3 waited (ReportRing::Kept)
///     age      as it was when the record was written
struct Retained {
  ServerId server;
  session::Session session;  ///< not valid(): none
  MacAddress gateway;
  Channel channel;
  bool long_bodies = false;
  std::uint8_t silent_wakes = 0;
  UnixTime utc;
  std::int16_t zone_minutes = 0;
  std::uint32_t stream_id = 0;
  transfer::ReportRing::Streams streams;
  SleepClock sleep_clock;
};

inline constexpr std::size_t kRetainedHeadSize =
    37 + session::Session::kRetainedSize + SleepClock::kRetainedSize;
inline constexpr std::size_t kRetainedReportSize = 8;  ///< beside its readings

/// How much retained memory a ring of `slots` reports of at most `report_size` bytes needs:
/// 4 slots of 20 bytes fit the 512 bytes of an ESP8266, 64 of 48 the 8 KiB of an ESP32. Reports
/// take what they have: where the memory is short, shorter reports mean more of them.
constexpr std::size_t retained_size(std::size_t slots, std::size_t report_size) {
  return 2 * (RetainedCopies::kOverhead + kRetainedHeadSize +
              slots * (kRetainedReportSize + report_size));
}
static_assert(retained_size(4, 20) <= 512 && retained_size(64, 48) <= 8192);

/// Writes `what` and the reports of `ring` as a new record. Where the memory is short, events go
/// before readings before QoS 0. Reports longer than kMaxReport, which travel as long packets, are
/// not kept. Who finds the record counts those left out as dropped.
void write_retained(RetainedCopies& copies, Crypto& crypto, Instant now, const Retained& what,
                    const transfer::ReportRing& ring);

/// Reads the record that RetainedCopies::find() found, and puts its reports into `ring`, which is
/// empty. `since` is what its chip says has passed since it was written, `patience` as
/// ReportRing::restore() has it.
/// @returns nothing, and leaves the ring alone, when there is no record of network `server`.
std::optional<Retained> read_retained(const RetainedCopies& copies, Crypto& crypto, Instant now,
                                      ServerId server, Duration since, Duration patience,
                                      transfer::ReportRing& ring);

}  // namespace espial::node
