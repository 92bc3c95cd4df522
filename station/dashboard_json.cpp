#include "station/dashboard_json.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <utility>

#include "core/wire/kind.hpp"
#include "station/field_index.hpp"

namespace espial::station {
namespace {

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

void put_name(Json& json, std::string_view name) {
  json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void begin_object(Json& json, std::string_view name) {
  put_name(json, name);
  json.StartObject();
}

void begin_array(Json& json, std::string_view name) {
  put_name(json, name);
  json.StartArray();
}

void add_text(Json& json, std::string_view name, std::string_view text) {
  put_name(json, name);
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void add_whole(Json& json, std::string_view name, std::int64_t number) {
  put_name(json, name);
  json.Int64(number);
}

void add_bool(Json& json, std::string_view name, bool value) {
  put_name(json, name);
  json.Bool(value);
}

void add_null(Json& json, std::string_view name) {
  put_name(json, name);
  json.Null();
}

/// As few digits as are read back as this number; null for what is not finite.
void add_number(Json& json, std::string_view name, double number) {
  constexpr double kWholeMax = 1e15;
  if (!std::isfinite(number)) return add_null(json, name);
  if (std::abs(number) < kWholeMax && number == std::trunc(number)) {
    return add_whole(json, name, static_cast<std::int64_t>(number));
  }
  put_name(json, name);
  json.Double(number);
}

std::string mac_text(const MacAddress& mac) {
  const auto text = to_text(mac);
  return {text.data(), text.size()};
}

double rounded(double number, int decimals) {
  const double scale = std::pow(10.0, decimals);
  const double result = std::round(number * scale) / scale;
  return std::isfinite(result) ? result : number;
}

void add_value(Json& json, const wire::KindInfo* kind, const Value& value) {
  const wire::FieldInfo* field =
      kind != nullptr && value.field < kind->fields.size() ? &kind->fields[value.field] : nullptr;
  const std::string name = field_name(kind, value.field);
  if (value.type == ValueType::text) {
    add_text(json, name, value.text);
  } else if (value.type == ValueType::number) {
    const bool measured = field != nullptr && field->type != wire::FieldType::kF32;
    add_number(json, name, measured ? rounded(value.number, field->decimals) : value.number);
  } else {
    add_null(json, name);
  }
}

void add_limit(Json& json, const char* name, const std::optional<double>& limit) {
  if (limit) {
    add_number(json, name, *limit);
  } else {
    add_null(json, name);
  }
}

void fill_note(Json& json, const wire::KindInfo* kind, const FunctionNote& note) {
  if (note.minimum || note.maximum) {
    begin_object(json, "limits");
    add_limit(json, "minimum", note.minimum);
    add_limit(json, "maximum", note.maximum);
    json.EndObject();
  }
  if (!note.kind_title.empty()) add_text(json, "kind_title", note.kind_title);
  if (note.fields.empty()) return;
  begin_object(json, "fields");
  for (const FieldNote& field : note.fields) {
    begin_object(json, field_name(kind, field.field));
    add_text(json, "title", field.title);
    add_text(json, "unit", field.unit);
    if (field.settable) {
      begin_object(json, "set");
      add_whole(json, "minimum", field.settable->minimum);
      add_whole(json, "maximum", field.settable->maximum);
      json.EndObject();
    }
    json.EndObject();
  }
  json.EndObject();
}

void fill_function(Json& json, const FunctionState& function, const FunctionNote* note) {
  const wire::KindInfo* kind = wire::find_standard_kind(function.kind);
  add_whole(json, "slot", function.slot);
  add_text(json, "kind",
           kind != nullptr ? std::string(kind->name) : "kind_" + std::to_string(function.kind));
  add_text(json, "title", function.title);
  add_bool(json, "commands",
           function.accepts_commands || (note != nullptr && note->settable() != nullptr));
  add_whole(json, "taken_at", function.taken_at.ms);
  begin_object(json, "values");
  for (const Value& value : function.values) add_value(json, kind, value);
  json.EndObject();
  if (note != nullptr) fill_note(json, kind, *note);
}

/// Who relayed the device's last frame, and how well it was heard.
void fill_path(Json& json, const Device& device) {
  add_whole(json, "id", device.id.value);
  add_text(json, "mac", mac_text(device.mac));
  add_whole(json, "last_seen", device.last_seen.ms);
  if (device.gateway) {
    add_text(json, "gateway", mac_text(*device.gateway));
  } else {
    add_null(json, "gateway");
  }
  if (device.rssi_dbm) {
    add_whole(json, "rssi", *device.rssi_dbm);
  } else {
    add_null(json, "rssi");
  }
  if (device.interval_s != 0) add_whole(json, "interval_s", device.interval_s);
}

void add_device(Json& json, const Device& device, const FunctionNotes& notes) {
  json.StartObject();
  fill_path(json, device);
  add_text(json, "name", device.name);
  add_text(json, "protocol", to_text(device.protocol));
  add_whole(json, "server", device.server.value);
  add_whole(json, "module", device.module.value);
  add_bool(json, "online", device.online);
  add_whole(json, "joined_at", device.joined_at.ms);
  add_text(json, "firmware", device.firmware);
  add_text(json, "chip", device.chip);
  begin_array(json, "functions");
  for (const FunctionState& function : device.functions) {
    json.StartObject();
    fill_function(json, function, notes.find(device.id, function.slot));
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
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
  rapidjson::StringBuffer out;
  Json json(out);
  add_device(json, device, notes);
  return std::string(out.GetString(), out.GetSize());
}

std::string reading_json(const Device& device, const FunctionState& function,
                         const FunctionNotes& notes) {
  rapidjson::StringBuffer out;
  Json json(out);
  json.StartObject();
  fill_path(json, device);
  fill_function(json, function, notes.find(device.id, function.slot));
  json.EndObject();
  return std::string(out.GetString(), out.GetSize());
}

std::string removed_json(DeviceId device) {
  rapidjson::StringBuffer out;
  Json json(out);
  json.StartObject();
  add_whole(json, "id", device.value);
  add_bool(json, "removed", true);
  json.EndObject();
  return std::string(out.GetString(), out.GetSize());
}

std::string devices_json(const LiveState& state, const FunctionNotes& notes) {
  constexpr std::size_t kUsualDeviceBytes = 400;
  rapidjson::StringBuffer out;
  Json json(out);
  out.Reserve(kUsualDeviceBytes * state.size());
  json.StartArray();
  state.for_each([&](const Device& device) { add_device(json, device, notes); });
  json.EndArray();
  return std::string(out.GetString(), out.GetSize());
}

std::string command_json(const CommandView& command) {
  rapidjson::StringBuffer out;
  Json json(out);
  json.StartObject();
  add_whole(json, "command_id", static_cast<std::int64_t>(command.id));
  add_text(json, "mac", mac_text(command.device));
  add_whole(json, "slot", command.slot);
  add_text(json, "state", to_text(command.state));
  add_text(json, "reason", command.reason);
  if (command.state == CommandState::pending) {
    add_whole(json, "expires_at", command.expires_at.ms);
    add_bool(json, "waits_for_wake", command.waits_for_wake);
  }
  json.EndObject();
  return std::string(out.GetString(), out.GetSize());
}

std::string system_json(const SystemView& system) {
  rapidjson::StringBuffer out;
  Json json(out);
  json.StartObject();
  begin_object(json, "broker");
  add_bool(json, "connected", system.broker_connected);
  add_text(json, "address", system.broker);
  add_whole(json, "since", system.broker_since.ms);
  json.EndObject();
  begin_object(json, "store");
  add_bool(json, "ok", system.store_ok);
  add_text(json, "engine", system.store);
  add_text(json, "reason", system.store_reason);
  add_text(json, "code", system.store_code);
  json.EndObject();
  begin_array(json, "gateways");
  for (const GatewayView& gateway : system.gateways) {
    json.StartObject();
    add_text(json, "mac", mac_text(gateway.mac));
    add_bool(json, "online", gateway.online);
    add_whole(json, "channel", gateway.channel);
    add_whole(json, "devices", gateway.devices);
    json.EndObject();
  }
  json.EndArray();
  begin_array(json, "alarms");
  for (const RaisedAlarm& alarm : system.alarms) {
    json.StartObject();
    add_text(json, "name", alarm.name);
    add_text(json, "mac", mac_text(alarm.mac));
    add_whole(json, "slot", alarm.slot);
    add_text(json, "field", alarm.field);
    add_whole(json, "since", alarm.since.ms);
    add_bool(json, "acknowledged", alarm.acknowledged);
    add_bool(json, "silenced", alarm.silenced);
    json.EndObject();
  }
  json.EndArray();
  add_text(json, "version", system.version);
  add_bool(json, "s2_open", system.s2_open);
  if (system.certificate_days) {
    add_whole(json, "certificate_days", *system.certificate_days);
  } else {
    add_null(json, "certificate_days");
  }
  begin_object(json, "counters");
  for (const auto& [name, value] : system.counters) {
    add_whole(json, name, static_cast<std::int64_t>(value));
  }
  json.EndObject();
  json.EndObject();
  return std::string(out.GetString(), out.GetSize());
}

}  // namespace espial::station
