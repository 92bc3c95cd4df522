#include "station/dashboard_json.hpp"

#include <cmath>
#include <utility>

#include "core/wire/kind.hpp"
#include "station/json_writer.hpp"

namespace espial::station {
namespace {

std::string mac_text(const MacAddress& mac) {
  const auto text = to_text(mac);
  return {text.data(), text.size()};
}

double rounded(double number, int decimals) {
  const double scale = std::pow(10.0, decimals);
  const double result = std::round(number * scale) / scale;
  return std::isfinite(result) ? result : number;
}

std::string field_name(const wire::KindInfo* kind, std::uint8_t field) {
  const bool known = kind != nullptr && field < kind->fields.size();
  return known ? std::string(kind->fields[field].name) : "field_" + std::to_string(field);
}

void add_value(JsonWriter& json, const wire::KindInfo* kind, const Value& value) {
  const wire::FieldInfo* field =
      kind != nullptr && value.field < kind->fields.size() ? &kind->fields[value.field] : nullptr;
  const std::string name = field_name(kind, value.field);
  if (value.type == ValueType::text) {
    json.add_text(name, value.text);
  } else if (value.type == ValueType::number) {
    const bool measured = field != nullptr && field->type != wire::FieldType::kF32;
    json.add_number(name, measured ? rounded(value.number, field->decimals) : value.number);
  } else {
    json.add_null(name);
  }
}

void add_limit(JsonWriter& json, const char* name, const std::optional<double>& limit) {
  if (limit) {
    json.add_number(name, *limit);
  } else {
    json.add_null(name);
  }
}

void fill_note(JsonWriter& json, const wire::KindInfo* kind, const FunctionNote& note) {
  if (note.minimum || note.maximum) {
    json.begin_object("limits");
    add_limit(json, "minimum", note.minimum);
    add_limit(json, "maximum", note.maximum);
    json.end_object();
  }
  if (!note.kind_title.empty()) json.add_text("kind_title", note.kind_title);
  if (note.fields.empty()) return;
  json.begin_object("fields");
  for (const FieldNote& field : note.fields) {
    json.begin_object(field_name(kind, field.field));
    json.add_text("title", field.title);
    json.add_text("unit", field.unit);
    json.end_object();
  }
  json.end_object();
}

void fill_function(JsonWriter& json, const FunctionState& function, const FunctionNote* note) {
  const wire::KindInfo* kind = wire::find_standard_kind(function.kind);
  json.add_whole("slot", function.slot);
  json.add_text(
      "kind", kind != nullptr ? std::string(kind->name) : "kind_" + std::to_string(function.kind));
  json.add_text("title", function.title);
  json.add_bool("commands", function.accepts_commands);
  json.add_whole("taken_at", function.taken_at.ms);
  json.begin_object("values");
  for (const Value& value : function.values) add_value(json, kind, value);
  json.end_object();
  if (note != nullptr) fill_note(json, kind, *note);
}

/// Who relayed the device's last frame, and how well it was heard.
void fill_path(JsonWriter& json, const Device& device) {
  json.add_whole("id", device.id.value);
  json.add_text("mac", mac_text(device.mac));
  json.add_whole("last_seen", device.last_seen.ms);
  if (device.gateway) {
    json.add_text("gateway", mac_text(*device.gateway));
  } else {
    json.add_null("gateway");
  }
  if (device.rssi_dbm) {
    json.add_whole("rssi", *device.rssi_dbm);
  } else {
    json.add_null("rssi");
  }
}

void add_device(JsonWriter& json, const Device& device, const FunctionNotes& notes) {
  json.begin_object();
  fill_path(json, device);
  json.add_text("name", device.name);
  json.add_text("protocol", to_text(device.protocol));
  json.add_whole("server", device.server.value);
  json.add_whole("module", device.module.value);
  json.add_bool("online", device.online);
  json.add_whole("joined_at", device.joined_at.ms);
  json.add_text("firmware", device.firmware);
  json.add_text("chip", device.chip);
  json.begin_array("functions");
  for (const FunctionState& function : device.functions) {
    json.begin_object();
    fill_function(json, function, notes.find(device.id, function.slot));
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

const char* to_text(CommandState state) {
  switch (state) {
    case CommandState::pending:
      return "pending";
    case CommandState::executed:
      return "executed";
    case CommandState::refused:
      return "refused";
    case CommandState::expired:
      return "expired";
  }
  return "expired";
}

}  // namespace

std::string device_json(const Device& device, const FunctionNotes& notes) {
  JsonWriter json;
  add_device(json, device, notes);
  return std::move(json).text();
}

std::string reading_json(const Device& device, const FunctionState& function,
                         const FunctionNotes& notes) {
  JsonWriter json;
  json.begin_object();
  fill_path(json, device);
  fill_function(json, function, notes.find(device.id, function.slot));
  json.end_object();
  return std::move(json).text();
}

std::string removed_json(DeviceId device) {
  JsonWriter json;
  json.begin_object();
  json.add_whole("id", device.value);
  json.add_bool("removed", true);
  json.end_object();
  return std::move(json).text();
}

std::string devices_json(const LiveState& state, const FunctionNotes& notes) {
  constexpr std::size_t kUsualDeviceBytes = 400;
  JsonWriter json;
  json.reserve(kUsualDeviceBytes * state.size());
  json.begin_array();
  state.for_each([&](const Device& device) { add_device(json, device, notes); });
  json.end_array();
  return std::move(json).text();
}

std::string command_json(const CommandView& command) {
  JsonWriter json;
  json.begin_object();
  json.add_whole("command_id", static_cast<std::int64_t>(command.id));
  json.add_text("mac", mac_text(command.device));
  json.add_whole("slot", command.slot);
  json.add_text("state", to_text(command.state));
  json.add_text("reason", command.reason);
  json.end_object();
  return std::move(json).text();
}

std::string system_json(const SystemView& system) {
  JsonWriter json;
  json.begin_object();
  json.begin_object("broker");
  json.add_bool("connected", system.broker_connected);
  json.add_text("address", system.broker);
  json.add_whole("since", system.broker_since.ms);
  json.end_object();
  json.begin_object("store");
  json.add_bool("ok", system.store_ok);
  json.add_text("engine", system.store);
  json.add_text("reason", system.store_reason);
  json.add_text("code", system.store_code);
  json.end_object();
  json.begin_array("gateways");
  for (const GatewayView& gateway : system.gateways) {
    json.begin_object();
    json.add_text("mac", mac_text(gateway.mac));
    json.add_bool("online", gateway.online);
    json.add_whole("channel", gateway.channel);
    json.add_whole("devices", gateway.devices);
    json.end_object();
  }
  json.end_array();
  json.begin_array("alarms");
  for (const RaisedAlarm& alarm : system.alarms) {
    json.begin_object();
    json.add_text("name", alarm.name);
    json.add_text("mac", mac_text(alarm.mac));
    json.add_whole("slot", alarm.slot);
    json.add_text("field", alarm.field);
    json.add_whole("since", alarm.since.ms);
    json.add_bool("acknowledged", alarm.acknowledged);
    json.add_bool("silenced", alarm.silenced);
    json.end_object();
  }
  json.end_array();
  json.add_text("version", system.version);
  json.add_bool("open_network", system.open_network);
  json.add_bool("s2_open", system.s2_open);
  json.begin_object("counters");
  for (const auto& [name, value] : system.counters) {
    json.add_whole(name, static_cast<std::int64_t>(value));
  }
  json.end_object();
  json.end_object();
  return std::move(json).text();
}

}  // namespace espial::station
