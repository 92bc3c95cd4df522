#include "core/wire/session_packets.hpp"

#include <array>

#include "core/base/utf8.hpp"
#include "core/wire/detail.hpp"

namespace espial::wire {
namespace {

constexpr std::uint8_t kSuccess = 1;
constexpr std::uint8_t kFailure = 2;
constexpr unsigned kAcceptsCommandsBit = 4;
constexpr unsigned kReportsBit = 5;
/// The longest list of all properties this version knows.
constexpr std::size_t kMaxPropertiesSize = 11 * 2 + 2 * kMaxFunctions + kMaxFirmwareSize +
                                           kMaxNameSize + 2 + 1 + 4 + kMaxChipSize + 4 + 2 + 2 +
                                           kMaxScheduleSize;

std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool valid_text(std::string_view text, std::size_t max_size) {
  return text.size() <= max_size && is_utf8(text);
}

Refusal parse_text(ByteView bytes, std::size_t max_size, std::optional<std::string_view>& text) {
  if (bytes.size() > max_size) return Refusal::kBadLength;
  if (text || !is_utf8(as_text(bytes))) return Refusal::kBadValue;
  text = as_text(bytes);
  return Refusal::kNone;
}

/// Each function is one that a module can have, and none has another's slot.
bool valid_functions(const FunctionList& list) {
  unsigned taken = 0;
  for (const Function& function : list) {
    if (!valid_slot(function.slot) || !valid_kind(function.kind)) return false;
    if ((taken >> function.slot & 1u) != 0) return false;
    taken |= 1u << function.slot;
  }
  return true;
}

Refusal parse_functions(ByteView bytes, std::optional<FunctionList>& functions) {
  if (bytes.size() % 2 != 0 || bytes.size() > 2 * kMaxFunctions) return Refusal::kBadLength;
  FunctionList list;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    Function function;
    function.slot = bytes[i] & 0x0f;
    function.accepts_commands = detail::bit(bytes[i], kAcceptsCommandsBit);
    function.reports = detail::bit(bytes[i], kReportsBit);
    function.kind = bytes[i + 1];
    (void)list.push_back(function);
  }
  if (functions || !valid_functions(list)) return Refusal::kBadValue;
  functions = list;
  return Refusal::kNone;
}

/// A number that fills the property exactly; `maximum` is the greatest there is.
template <class Number>
Refusal parse_number(ByteView bytes, std::size_t size, std::uint32_t maximum,
                     std::optional<Number>& number) {
  if (bytes.size() != size) return Refusal::kBadLength;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
  if (number || value > maximum) return Refusal::kBadValue;
  number = static_cast<Number>(value);
  return Refusal::kNone;
}

Refusal parse_airtime(ByteView bytes, std::optional<std::uint16_t>& permille) {
  const Refusal refusal = parse_number(bytes, 2, kMaxAirtime_permille, permille);
  if (refusal != Refusal::kNone) return refusal;
  return *permille == 0 ? Refusal::kBadValue : Refusal::kNone;
}

Refusal parse_week(ByteView bytes, std::optional<WeekSchedule>& schedule) {
  const Parsed<WeekSchedule> parsed = parse_schedule(bytes);
  if (!parsed) return parsed.refusal();
  if (schedule) return Refusal::kBadValue;
  schedule = *parsed;
  return Refusal::kNone;
}

/// What only a module says: what it is.
Refusal parse_up(std::uint8_t number, ByteView bytes, Properties& properties) {
  switch (static_cast<Property>(number)) {
    case Property::kFunctions:
      return parse_functions(bytes, properties.functions);
    case Property::kFirmware:
      return parse_text(bytes, kMaxFirmwareSize, properties.firmware);
    case Property::kResetReason:
      return parse_number(bytes, 1, static_cast<std::uint32_t>(ResetReason::kBrownOut),
                          properties.reset_reason);
    case Property::kDropped:
      return parse_number(bytes, 4, UINT32_MAX, properties.dropped);
    case Property::kChip:
      return parse_text(bytes, kMaxChipSize, properties.chip);
    default:
      return Refusal::kNone;  // a number this version does not know: extensible
  }
}

/// What only a coordinator says: what a module shall be.
Refusal parse_down(std::uint8_t number, ByteView bytes, Properties& properties) {
  switch (static_cast<Property>(number)) {
    case Property::kReportInterval:
      return parse_number(bytes, 2, UINT16_MAX, properties.report_interval_s);
    case Property::kSlots:
      return parse_number(bytes, 2, UINT16_MAX, properties.slots);
    case Property::kMaxAirtime:
      return parse_airtime(bytes, properties.max_airtime_permille);
    case Property::kSchedule:
      return parse_week(bytes, properties.schedule);
    default:
      return Refusal::kNone;
  }
}

using ParseProperty = Refusal (*)(std::uint8_t number, ByteView bytes, Properties& properties);

/// @param one_way  reads those that go only one way
Refusal parse_properties(ByteView payload, ParseProperty one_way, Properties& properties) {
  ByteReader reader(payload);
  while (!reader.empty()) {
    const std::uint8_t number = reader.u8();
    const ByteView bytes = reader.bytes(reader.u8());
    if (!reader.ok()) return Refusal::kTooShort;
    Refusal refusal = Refusal::kNone;
    if (number == static_cast<std::uint8_t>(Property::kName)) {
      refusal = parse_text(bytes, kMaxNameSize, properties.name);
    } else if (number == static_cast<std::uint8_t>(Property::kConfigId)) {
      refusal = parse_number(bytes, 4, UINT32_MAX, properties.config_id);
    } else {
      refusal = one_way(number, bytes, properties);
    }
    if (refusal != Refusal::kNone) return refusal;
  }
  return Refusal::kNone;
}

ByteWriter& begin_property(ByteWriter& writer, Property number, std::size_t size) {
  return writer.u8(static_cast<std::uint8_t>(number)).u8(static_cast<std::uint8_t>(size));
}

/// @retval false  two functions share a slot, or one is out of its range.
bool write_functions(ByteWriter& writer, const FunctionList& functions) {
  if (!valid_functions(functions)) return false;
  begin_property(writer, Property::kFunctions, 2 * functions.size());
  for (const Function& function : functions) {
    const unsigned flags = (function.accepts_commands ? 1u << kAcceptsCommandsBit : 0u) |
                           (function.reports ? 1u << kReportsBit : 0u);
    writer.u8(static_cast<std::uint8_t>(function.slot | flags)).u8(function.kind);
  }
  return true;
}

/// @retval false  longer than `max_size`, or not UTF-8.
bool write_text(ByteWriter& writer, Property number, std::size_t max_size,
                const std::optional<std::string_view>& text) {
  if (!text) return true;
  if (!valid_text(*text, max_size)) return false;
  begin_property(writer, number, text->size()).bytes(as_bytes(*text));
  return true;
}

void write_config_id(ByteWriter& writer, const Properties& properties) {
  if (properties.config_id)
    begin_property(writer, Property::kConfigId, 4).u32(*properties.config_id);
}

/// @retval false  one is out of its range.
bool write_up(ByteWriter& writer, const Properties& properties) {
  if (properties.functions && !write_functions(writer, *properties.functions)) return false;
  if (!write_text(writer, Property::kFirmware, kMaxFirmwareSize, properties.firmware) ||
      !write_text(writer, Property::kName, kMaxNameSize, properties.name)) {
    return false;
  }
  if (properties.reset_reason) {
    begin_property(writer, Property::kResetReason, 1)
        .u8(static_cast<std::uint8_t>(*properties.reset_reason));
  }
  if (properties.dropped) begin_property(writer, Property::kDropped, 4).u32(*properties.dropped);
  if (!write_text(writer, Property::kChip, kMaxChipSize, properties.chip)) return false;
  write_config_id(writer, properties);
  return true;
}

/// @retval false  one is out of its range.
bool write_down(ByteWriter& writer, const Properties& properties) {
  if (!write_text(writer, Property::kName, kMaxNameSize, properties.name)) return false;
  if (properties.report_interval_s) {
    begin_property(writer, Property::kReportInterval, 2).u16(*properties.report_interval_s);
  }
  write_config_id(writer, properties);
  if (properties.slots) begin_property(writer, Property::kSlots, 2).u16(*properties.slots);
  if (properties.max_airtime_permille) {
    const std::uint16_t permille = *properties.max_airtime_permille;
    if (permille == 0 || permille > kMaxAirtime_permille) return false;
    begin_property(writer, Property::kMaxAirtime, 2).u16(permille);
  }
  if (!properties.schedule) return true;
  begin_property(writer, Property::kSchedule, schedule_size(properties.schedule->points.size()));
  return encode_schedule(*properties.schedule, writer);
}

}  // namespace

Parsed<Description> parse_description(const Packet& packet) {
  auto refusal = detail::check(packet, PacketType::kConnect, 0, 0, kMaxStatedLength);
  if (refusal != Refusal::kNone) return refusal;
  Description description;
  refusal = parse_properties(packet.payload, parse_up, description.properties);
  if (refusal != Refusal::kNone) return refusal;
  return description;
}

Parsed<Assignment> parse_assignment(const Packet& packet) {
  Assignment assignment;
  assignment.described = packet.flags != kFailure;
  auto refusal = detail::check(packet, PacketType::kConnack,
                               assignment.described ? kSuccess : kFailure, 0, kMaxStatedLength);
  if (refusal != Refusal::kNone) return refusal;
  refusal = parse_properties(packet.payload, parse_down, assignment.properties);
  if (refusal != Refusal::kNone) return refusal;
  return assignment;
}

Parsed<PingRequest> parse_ping_request(const Packet& packet) {
  const auto refusal = detail::check(packet, PacketType::kPingreq, 0, 0, 0);
  if (refusal != Refusal::kNone) return refusal;
  return PingRequest{};
}

Parsed<PingResponse> parse_ping_response(const Packet& packet) {
  const auto refusal = detail::check(packet, PacketType::kPingresp, 0, 10, 10);
  if (refusal != Refusal::kNone) return refusal;
  ByteReader reader(packet.payload);
  const std::uint64_t unix_time_ms = reader.u64();
  PingResponse response;
  response.zone_minutes = reader.i16();
  if (unix_time_ms > kMaxTime_ms) return Refusal::kBadValue;
  response.time = {static_cast<std::int64_t>(unix_time_ms)};
  return response;
}

Parsed<SessionEnd> parse_session_end(const Packet& packet) {
  const auto refusal = detail::check(packet, PacketType::kDisconnect, 0, 1, 1);
  if (refusal != Refusal::kNone) return refusal;
  const std::uint8_t reason = packet.payload[0];
  if (reason < 1 || reason > static_cast<std::uint8_t>(EndReason::kKeyChanged)) {
    return Refusal::kBadValue;
  }
  return SessionEnd{static_cast<EndReason>(reason)};
}

std::size_t encode(const Description& packet, MutableByteView out) {
  std::array<std::uint8_t, kMaxPropertiesSize> list{};
  ByteWriter writer(list);
  if (!write_up(writer, packet.properties)) return 0;
  return detail::begin_packet(PacketType::kConnect, 0, writer.size(), out)
      .bytes(writer.written())
      .size();
}

std::size_t encode(const Assignment& packet, MutableByteView out) {
  std::array<std::uint8_t, kMaxPropertiesSize> list{};
  ByteWriter writer(list);
  if (!write_down(writer, packet.properties)) return 0;
  const std::uint8_t code = packet.described ? kSuccess : kFailure;
  return detail::begin_packet(PacketType::kConnack, code, writer.size(), out)
      .bytes(writer.written())
      .size();
}

std::size_t encode(const PingRequest&, MutableByteView out) {
  return detail::begin_packet(PacketType::kPingreq, 0, 0, out).size();
}

std::size_t encode(const PingResponse& packet, MutableByteView out) {
  if (packet.time.ms < 0 || packet.time.ms > kMaxTime_ms) return 0;
  return detail::begin_packet(PacketType::kPingresp, 0, 10, out)
      .u64(static_cast<std::uint64_t>(packet.time.ms))
      .i16(packet.zone_minutes)
      .size();
}

std::size_t encode(const SessionEnd& packet, MutableByteView out) {
  return detail::begin_packet(PacketType::kDisconnect, 0, 1, out)
      .u8(static_cast<std::uint8_t>(packet.reason))
      .size();
}

}  // namespace espial::wire
