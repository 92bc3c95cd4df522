#include "core/wire/acknowledgement.hpp"
#include "core/wire/command.hpp"
#include "core/wire/fragment.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/report.hpp"
#include "core/wire/rooms.hpp"
#include "core/wire/session_packets.hpp"
#include "core/wire/vectors_test.hpp"

namespace espial::wire {
namespace {

const std::vector<std::string> kStreams{"readings", "events"};
const std::vector<std::string> kOutcomes{"executed", "refused", "expired"};
const std::vector<std::string> kEndReasons{"leaving", "session_over", "revoked", "key_changed"};
const std::vector<std::string> kResetReasons{"other",    "power",      "software",
                                             "watchdog", "deep_sleep", "brown_out"};
const std::vector<std::string> kRoles{"subscriber", "provider"};
const std::vector<std::string> kFragackCodes{"receiving", "complete", "too_long", "busy"};

/// A codec of two functions: Json of(const T&), and T from(const Json&).
template <class T>
Codec inner_codec(Parsed<T> (*parse)(const Packet&), Json (*of)(const T&),
                  Bytes (*encode_fields)(const Json&)) {
  const auto decode = [parse, of](ByteView bytes) -> Decoded {
    const auto packet = parse_packet(bytes);
    if (!packet) return {packet.refusal(), {}};
    const auto parsed = parse(*packet);
    if (!parsed) return {parsed.refusal(), {}};
    return {Refusal::kNone, of(*parsed)};
  };
  return {decode, encode_fields};
}

template <class T>
Bytes encoded_packet(const T& packet) {
  return encoded([&](MutableByteView out) { return encode(packet, out); });
}

Json reading_fields(const Reading& reading) {
  return {{"slot", reading.slot}, {"kind", reading.kind}, {"value", to_hex(reading.value)}};
}

/// `value` receives the bytes that the reading borrows.
Reading reading_from(const Json& fields, Bytes& value) {
  value = from_hex(fields["value"]);
  return {fields["slot"], fields["kind"], view(value)};
}

Decoded decode_reading(ByteView bytes) {
  const auto reading = parse_reading(bytes);
  return {reading.refusal(), reading_fields(*reading)};
}

Bytes encode_reading(const Json& fields) {
  Bytes value;
  return encoded_packet(reading_from(fields, value));
}

Json report_fields(const Report& report) {
  Json fields{{"stream", name_of(kStreams, report.stream)}, {"acknowledged", report.acknowledged}};
  if (report.acknowledged) {
    fields["sequence"] = report.sequence;
    fields["held"] = report.held;
  }
  fields["age_ms"] = report.age_ms;
  fields["readings"] = Json::array();
  for (const Reading& reading : *parse_readings(report.readings)) {
    fields["readings"].push_back(reading_fields(reading));
  }
  return fields;
}

Bytes encode_report(const Json& fields) {
  Bytes readings;
  for (const Json& reading : fields["readings"]) {
    const Bytes bytes = encode_reading(reading);
    readings.insert(readings.end(), bytes.begin(), bytes.end());
  }
  Report report;
  report.stream = named<Stream>(kStreams, fields["stream"]);
  report.acknowledged = fields["acknowledged"];
  report.sequence = fields.value("sequence", std::uint16_t{0});
  report.held = fields.value("held", std::uint16_t{0});
  report.age_ms = fields["age_ms"];
  report.readings = view(readings);
  return encoded_packet(report);
}

Json stored_fields(const Stored& stored) {
  return {{"stream", name_of(kStreams, stored.stream)},
          {"floor", stored.floor},
          {"bitmap", stored.bitmap}};
}

Bytes encode_stored(const Json& fields) {
  return encoded_packet(
      Stored{named<Stream>(kStreams, fields["stream"]), fields["floor"], fields["bitmap"]});
}

Json command_fields(const Command& command) {
  return {{"id", command.id},
          {"expiry_s", command.expiry_s},
          {"reading", reading_fields(command.reading)}};
}

Bytes encode_command(const Json& fields) {
  Bytes value;
  return encoded_packet(
      Command{fields["id"], fields["expiry_s"], reading_from(fields["reading"], value)});
}

Json command_end_fields(const CommandEnd& end) {
  return {{"id", end.id}, {"outcome", name_of(kOutcomes, end.outcome)}};
}

Bytes encode_command_end(const Json& fields) {
  return encoded_packet(CommandEnd{fields["id"], named<Outcome>(kOutcomes, fields["outcome"])});
}

Json properties_fields(const Properties& properties) {
  Json fields = Json::object();
  if (properties.functions) {
    fields["functions"] = Json::array();
    for (const Function& function : *properties.functions) {
      fields["functions"].push_back({{"slot", function.slot},
                                     {"kind", function.kind},
                                     {"accepts_commands", function.accepts_commands},
                                     {"reports", function.reports}});
    }
  }
  if (properties.firmware) fields["firmware"] = *properties.firmware;
  if (properties.name) fields["name"] = *properties.name;
  if (properties.report_interval_s) fields["report_interval_s"] = *properties.report_interval_s;
  if (properties.reset_reason) {
    fields["reset_reason"] = name_of(kResetReasons, *properties.reset_reason);
  }
  if (properties.dropped) fields["dropped"] = *properties.dropped;
  if (properties.chip) fields["chip"] = *properties.chip;
  if (properties.config_id) fields["config_id"] = *properties.config_id;
  if (properties.slots) fields["slots"] = *properties.slots;
  if (properties.max_airtime_permille) {
    fields["max_airtime_permille"] = *properties.max_airtime_permille;
  }
  if (properties.schedule) {
    Json points = Json::array();
    for (const SwitchingPoint& point : properties.schedule->points) {
      points.push_back({point.minute, point.set_point_cC});
    }
    fields["schedule"] = {{"slot", properties.schedule->slot}, {"points", points}};
  }
  return fields;
}

/// Borrows the texts of `fields`.
Properties properties_from(const Json& fields) {
  Properties properties;
  if (fields.contains("functions")) {
    properties.functions.emplace();
    for (const Json& function : fields["functions"]) {
      (void)properties.functions->push_back(Function{
          function["slot"], function["kind"], function["accepts_commands"], function["reports"]});
    }
  }
  const auto text = [&fields](const char* name) -> std::optional<std::string_view> {
    if (!fields.contains(name)) return std::nullopt;
    return fields[name].get_ref<const std::string&>();
  };
  properties.firmware = text("firmware");
  properties.name = text("name");
  properties.chip = text("chip");
  if (fields.contains("report_interval_s"))
    properties.report_interval_s = fields["report_interval_s"];
  if (fields.contains("reset_reason")) {
    properties.reset_reason = named<ResetReason>(kResetReasons, fields["reset_reason"]);
  }
  if (fields.contains("dropped")) properties.dropped = fields["dropped"];
  if (fields.contains("config_id")) properties.config_id = fields["config_id"];
  if (fields.contains("slots")) properties.slots = fields["slots"];
  if (fields.contains("max_airtime_permille")) {
    properties.max_airtime_permille = fields["max_airtime_permille"];
  }
  if (fields.contains("schedule")) {
    properties.schedule.emplace();
    properties.schedule->slot = fields["schedule"]["slot"];
    for (const auto& point : fields["schedule"]["points"]) {
      (void)properties.schedule->points.push_back({point[0], point[1]});
    }
  }
  return properties;
}

Json description_fields(const Description& description) {
  return properties_fields(description.properties);
}

Bytes encode_description(const Json& fields) {
  return encoded_packet(Description{properties_from(fields)});
}

Json assignment_fields(const Assignment& assignment) {
  Json fields = properties_fields(assignment.properties);
  if (!assignment.described) fields["described"] = false;
  return fields;
}

Bytes encode_assignment(const Json& fields) {
  return encoded_packet(Assignment{fields.value("described", true), properties_from(fields)});
}

Json ping_request_fields(const PingRequest&) { return Json::object(); }

Bytes encode_ping_request(const Json&) { return encoded_packet(PingRequest{}); }

Json ping_response_fields(const PingResponse& response) {
  return {{"unix_time_ms", response.time.ms}, {"zone_minutes", response.zone_minutes}};
}

Bytes encode_ping_response(const Json& fields) {
  return encoded_packet(PingResponse{{fields["unix_time_ms"]}, fields["zone_minutes"]});
}

Json session_end_fields(const SessionEnd& end) {
  return {{"reason", name_of(kEndReasons, end.reason, 1)}};
}

Bytes encode_session_end(const Json& fields) {
  return encoded_packet(SessionEnd{named<EndReason>(kEndReasons, fields["reason"], 1)});
}

Json subscribe_fields(const Subscribe& subscribe) {
  return {{"role", name_of(kRoles, subscribe.role)},
          {"request", subscribe.request},
          {"slot", subscribe.slot},
          {"kind", subscribe.kind},
          {"peer_slot", subscribe.peer_slot},
          {"peer", mac_text(subscribe.peer)}};
}

Bytes encode_subscribe(const Json& fields) {
  return encoded_packet(Subscribe{named<Role>(kRoles, fields["role"]), fields["request"],
                                  fields["slot"], fields["kind"], fields["peer_slot"],
                                  mac_of(fields["peer"])});
}

Json suback_fields(const Suback& suback) {
  Json fields{{"success", suback.success},
              {"request", suback.request},
              {"role", name_of(kRoles, suback.role)},
              {"slot", suback.slot},
              {"peer_slot", suback.peer_slot},
              {"kind", suback.kind}};
  if (suback.success) {
    fields["peer_session"] = suback.peer_session;
    fields["peer"] = mac_text(suback.peer);
    fields["pair_key"] = to_hex(suback.pair_key);
  }
  return fields;
}

Bytes encode_suback(const Json& fields) {
  Suback suback;
  suback.success = fields["success"];
  suback.request = fields["request"];
  suback.role = named<Role>(kRoles, fields["role"]);
  suback.slot = fields["slot"];
  suback.peer_slot = fields["peer_slot"];
  suback.kind = fields["kind"];
  if (suback.success) {
    suback.peer_session = fields["peer_session"];
    suback.peer = mac_of(fields["peer"]);
    fill(suback.pair_key, fields["pair_key"]);
  }
  return encoded_packet(suback);
}

Json fragment_fields(const Fragment& fragment) {
  return {{"message", fragment.message},
          {"offset", fragment.offset},
          {"total", fragment.total},
          {"bytes", to_hex(fragment.bytes)}};
}

Bytes encode_fragment(const Json& fields) {
  const Bytes bytes = from_hex(fields["bytes"]);
  return encoded_packet(
      Fragment{fields["message"], fields["offset"], fields["total"], view(bytes)});
}

Json fragack_fields(const Fragack& fragack) {
  return {{"code", name_of(kFragackCodes, fragack.code)},
          {"message", fragack.message},
          {"unit", fragack.unit},
          {"floor", fragack.floor},
          {"bitmap", fragack.bitmap}};
}

Bytes encode_fragack(const Json& fields) {
  return encoded_packet(Fragack{named<FragackCode>(kFragackCodes, fields["code"]),
                                fields["message"], fields["unit"], fields["floor"],
                                fields["bitmap"]});
}

}  // namespace

Codecs inner_codecs() {
  return {
      {"reading", {decode_reading, encode_reading}},
      {"report", inner_codec(parse_report, report_fields, encode_report)},
      {"stored", inner_codec(parse_stored, stored_fields, encode_stored)},
      {"command", inner_codec(parse_command, command_fields, encode_command)},
      {"command_end", inner_codec(parse_command_end, command_end_fields, encode_command_end)},
      {"description", inner_codec(parse_description, description_fields, encode_description)},
      {"assignment", inner_codec(parse_assignment, assignment_fields, encode_assignment)},
      {"ping_request", inner_codec(parse_ping_request, ping_request_fields, encode_ping_request)},
      {"ping_response",
       inner_codec(parse_ping_response, ping_response_fields, encode_ping_response)},
      {"session_end", inner_codec(parse_session_end, session_end_fields, encode_session_end)},
      {"subscribe", inner_codec(parse_subscribe, subscribe_fields, encode_subscribe)},
      {"suback", inner_codec(parse_suback, suback_fields, encode_suback)},
      {"fragment", inner_codec(parse_fragment, fragment_fields, encode_fragment)},
      {"fragack", inner_codec(parse_fragack, fragack_fields, encode_fragack)}};
}

}  // namespace espial::wire
