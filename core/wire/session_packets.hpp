#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/static_vector.hpp"
#include "core/base/time.hpp"
#include "core/wire/header.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/refusal.hpp"
#include "core/wire/week_schedule.hpp"

namespace espial::wire {

/// The numbers of the properties.
enum class Property : std::uint8_t {
  kFunctions = 1,       // up
  kFirmware = 2,        // up
  kName = 3,            // both ways
  kReportInterval = 4,  // down
  kResetReason = 5,     // up
  kDropped = 6,         // up
  kChip = 7,            // up
  kConfigId = 8,        // both ways
  kSlots = 9,           // down
  kMaxAirtime = 10,     // down
  kSchedule = 11,       // down
};

inline constexpr std::size_t kMaxFirmwareSize = 32;
inline constexpr std::size_t kMaxNameSize = 29;
inline constexpr std::size_t kMaxChipSize = 16;
/// Twelve slots and the module itself.
inline constexpr std::size_t kMaxFunctions = kSlotCount + 1;

inline constexpr std::uint16_t kMaxAirtime_permille = 1000;

/// One function of a module: two bytes, |slot and flags|kind|.
struct Function {
  std::uint8_t slot = 0;          ///< low nibble: 0..11, or kModuleSlot
  std::uint8_t kind = 0;          ///< 1..254
  bool accepts_commands = false;  ///< bit 4
  bool reports = false;           ///< bit 5
};
using FunctionList = StaticVector<Function, kMaxFunctions>;

/// Why a module started; the numbers of the air.
enum class ResetReason : std::uint8_t {
  kOther = 0,
  kPower = 1,
  kSoftware = 2,
  kWatchdog = 3,
  kDeepSleep = 4,
  kBrownOut = 5,
};

/// What CONNECT and CONNACK carry inside a session: |number|length|bytes|..., extensible, each
/// property at most once. Texts are UTF-8, borrowed from the packet. What does not go that way is
/// passed over in reading and left out in writing.
struct Properties {
  std::optional<FunctionList> functions;
  std::optional<std::string_view> firmware;  ///< at most 32 bytes
  std::optional<std::string_view> name;      ///< at most 29 bytes
  std::optional<std::uint16_t> report_interval_s;
  std::optional<ResetReason> reset_reason;
  std::optional<std::uint32_t> dropped;  ///< reports dropped from the full ring since power-on
  std::optional<std::string_view> chip;  ///< at most 16 bytes
  /// Down: names this configuration, not 0; properties 9..11 that do not come along are as they
  /// were made. Up: the configuration that the node keeps to.
  std::optional<std::uint32_t> config_id;
  std::optional<std::uint16_t> slots;  ///< bit i: slot i is in use, bit 15: the module itself
  std::optional<std::uint16_t> max_airtime_permille;  ///< 1..1000
  std::optional<WeekSchedule> schedule;
};

/// CONNECT, inner, up: what I am.            |10|len| property... |
struct Description {
  Properties properties;
};
/// CONNACK, inner, down: what you shall be.  |2c|len| property... |
struct Assignment {
  /// c = 1: what the module described last is stored. False, c = 2: it is not, or nothing was heard
  /// of it in this session, so that it has to be said again.
  bool described = true;
  Properties properties;
};

/// PINGREQ, inner, up: I am here, what time is it.  |c0|00|
struct PingRequest {};

/// PINGRESP, inner, down.  |d0|0a|unix time ms[8]|zone minutes[2]|
struct PingResponse {
  UnixTime time;  ///< 0 = not known
  std::int16_t zone_minutes = 0;
};

/// Why a session ends; the numbers of the air.
enum class EndReason : std::uint8_t {
  kLeaving = 1,      ///< up
  kSessionOver = 2,  ///< down
  kRevoked = 3,      ///< down
  kKeyChanged = 4,   ///< down
};

/// DISCONNECT, inner.  |e0|01|reason|
struct SessionEnd {
  EndReason reason = EndReason::kLeaving;
};

Parsed<Description> parse_description(const Packet& packet);
Parsed<Assignment> parse_assignment(const Packet& packet);
Parsed<PingRequest> parse_ping_request(const Packet& packet);
Parsed<PingResponse> parse_ping_response(const Packet& packet);
Parsed<SessionEnd> parse_session_end(const Packet& packet);

/// Each writes a whole inner packet. @returns its size, or 0 when it does not fit or a property is
/// out of its range.
std::size_t encode(const Description& packet, MutableByteView out);
std::size_t encode(const Assignment& packet, MutableByteView out);
std::size_t encode(const PingRequest& packet, MutableByteView out);
std::size_t encode(const PingResponse& packet, MutableByteView out);
std::size_t encode(const SessionEnd& packet, MutableByteView out);

}  // namespace espial::wire
