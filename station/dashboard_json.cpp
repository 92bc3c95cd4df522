#include "station/dashboard_json.hpp"

#include <cjson/cJSON.h>

#include <cmath>

#include "core/wire/kind.hpp"

namespace espial::station {
namespace {

std::string printed(cJSON* json) {
  std::string text = "null";
  if (char* raw = cJSON_PrintUnformatted(json)) {
    text = raw;
    cJSON_free(raw);
  }
  cJSON_Delete(json);
  return text;
}

void add_text(cJSON* object, const char* name, std::string_view text) {
  cJSON_AddStringToObject(object, name, std::string(text).c_str());
}

void add_time(cJSON* object, const char* name, UnixTime time) {
  // As text: cJSON prints a number beyond 31 bits by way of printf, scanf and comparison.
  cJSON_AddRawToObject(object, name, std::to_string(time.ms).c_str());
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

std::string field_name(const wire::KindInfo* kind, std::uint8_t field) {
  const bool known = kind != nullptr && field < kind->fields.size();
  return known ? std::string(kind->fields[field].name) : "field_" + std::to_string(field);
}

void add_value(cJSON* values, const wire::KindInfo* kind, const Value& value) {
  const wire::FieldInfo* field =
      kind != nullptr && value.field < kind->fields.size() ? &kind->fields[value.field] : nullptr;
  const std::string name = field_name(kind, value.field);
  if (value.type == ValueType::text) {
    add_text(values, name.c_str(), value.text);
  } else if (value.type == ValueType::number && std::isfinite(value.number)) {
    const bool measured = field != nullptr && field->type != wire::FieldType::kF32;
    cJSON_AddNumberToObject(values, name.c_str(),
                            measured ? rounded(value.number, field->decimals) : value.number);
  } else {
    cJSON_AddNullToObject(values, name.c_str());
  }
}

void add_limit(cJSON* limits, const char* name, const std::optional<double>& limit) {
  if (limit) {
    cJSON_AddNumberToObject(limits, name, *limit);
  } else {
    cJSON_AddNullToObject(limits, name);
  }
}

void fill_note(cJSON* object, const wire::KindInfo* kind, const FunctionNote& note) {
  if (note.minimum || note.maximum) {
    cJSON* limits = cJSON_AddObjectToObject(object, "limits");
    add_limit(limits, "minimum", note.minimum);
    add_limit(limits, "maximum", note.maximum);
  }
  if (!note.kind_title.empty()) add_text(object, "kind_title", note.kind_title);
  if (note.fields.empty()) return;
  cJSON* fields = cJSON_AddObjectToObject(object, "fields");
  for (const FieldNote& field : note.fields) {
    cJSON* item = cJSON_AddObjectToObject(fields, field_name(kind, field.field).c_str());
    add_text(item, "title", field.title);
    add_text(item, "unit", field.unit);
  }
}

void fill_function(cJSON* object, const FunctionState& function, const FunctionNote* note) {
  const wire::KindInfo* kind = wire::find_standard_kind(function.kind);
  cJSON_AddNumberToObject(object, "slot", function.slot);
  add_text(object, "kind",
           kind != nullptr ? std::string(kind->name) : "kind_" + std::to_string(function.kind));
  add_text(object, "title", function.title);
  cJSON_AddBoolToObject(object, "commands", function.accepts_commands);
  add_time(object, "taken_at", function.taken_at);
  cJSON* values = cJSON_AddObjectToObject(object, "values");
  for (const Value& value : function.values) add_value(values, kind, value);
  if (note != nullptr) fill_note(object, kind, *note);
}

/// Who relayed the device's last frame, and how well it was heard.
void fill_path(cJSON* object, const Device& device) {
  cJSON_AddNumberToObject(object, "id", device.id.value);
  add_text(object, "mac", mac_text(device.mac));
  add_time(object, "last_seen", device.last_seen);
  if (device.gateway) {
    add_text(object, "gateway", mac_text(*device.gateway));
  } else {
    cJSON_AddNullToObject(object, "gateway");
  }
  if (device.rssi_dbm) {
    cJSON_AddNumberToObject(object, "rssi", *device.rssi_dbm);
  } else {
    cJSON_AddNullToObject(object, "rssi");
  }
}

cJSON* device_object(const Device& device, const FunctionNotes& notes) {
  cJSON* object = cJSON_CreateObject();
  fill_path(object, device);
  add_text(object, "name", device.name);
  add_text(object, "protocol", to_text(device.protocol));
  cJSON_AddNumberToObject(object, "server", device.server.value);
  cJSON_AddNumberToObject(object, "module", device.module.value);
  cJSON_AddBoolToObject(object, "online", device.online);
  add_time(object, "joined_at", device.joined_at);
  add_text(object, "firmware", device.firmware);
  add_text(object, "chip", device.chip);
  cJSON* functions = cJSON_AddArrayToObject(object, "functions");
  for (const FunctionState& function : device.functions) {
    cJSON* item = cJSON_CreateObject();
    fill_function(item, function, notes.find(device.id, function.slot));
    cJSON_AddItemToArray(functions, item);
  }
  return object;
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
  return printed(device_object(device, notes));
}

std::string reading_json(const Device& device, const FunctionState& function,
                         const FunctionNotes& notes) {
  cJSON* object = cJSON_CreateObject();
  fill_path(object, device);
  fill_function(object, function, notes.find(device.id, function.slot));
  return printed(object);
}

std::string removed_json(DeviceId device) {
  cJSON* object = cJSON_CreateObject();
  cJSON_AddNumberToObject(object, "id", device.value);
  cJSON_AddBoolToObject(object, "removed", true);
  return printed(object);
}

std::string devices_json(const LiveState& state, const FunctionNotes& notes) {
  cJSON* array = cJSON_CreateArray();
  state.for_each(
      [&](const Device& device) { cJSON_AddItemToArray(array, device_object(device, notes)); });
  return printed(array);
}

std::string command_json(const CommandView& command) {
  cJSON* object = cJSON_CreateObject();
  cJSON_AddNumberToObject(object, "command_id", static_cast<double>(command.id));
  add_text(object, "mac", mac_text(command.device));
  cJSON_AddNumberToObject(object, "slot", command.slot);
  add_text(object, "state", to_text(command.state));
  add_text(object, "reason", command.reason);
  return printed(object);
}

std::string system_json(const SystemView& system) {
  cJSON* object = cJSON_CreateObject();
  cJSON* broker = cJSON_AddObjectToObject(object, "broker");
  cJSON_AddBoolToObject(broker, "connected", system.broker_connected);
  add_text(broker, "address", system.broker);
  add_time(broker, "since", system.broker_since);
  cJSON* store = cJSON_AddObjectToObject(object, "store");
  cJSON_AddBoolToObject(store, "ok", system.store_ok);
  add_text(store, "engine", system.store);
  add_text(store, "reason", system.store_reason);
  add_text(store, "code", system.store_code);
  cJSON* gateways = cJSON_AddArrayToObject(object, "gateways");
  for (const GatewayView& view : system.gateways) {
    cJSON* gateway = cJSON_CreateObject();
    add_text(gateway, "mac", mac_text(view.mac));
    cJSON_AddBoolToObject(gateway, "online", view.online);
    cJSON_AddNumberToObject(gateway, "channel", view.channel);
    cJSON_AddNumberToObject(gateway, "devices", view.devices);
    cJSON_AddItemToArray(gateways, gateway);
  }
  cJSON* alarms = cJSON_AddArrayToObject(object, "alarms");
  for (const RaisedAlarm& raised : system.alarms) {
    cJSON* alarm = cJSON_CreateObject();
    add_text(alarm, "name", raised.name);
    add_text(alarm, "mac", mac_text(raised.mac));
    cJSON_AddNumberToObject(alarm, "slot", raised.slot);
    add_text(alarm, "field", raised.field);
    cJSON_AddNumberToObject(alarm, "since", static_cast<double>(raised.since.ms));
    cJSON_AddBoolToObject(alarm, "acknowledged", raised.acknowledged);
    cJSON_AddBoolToObject(alarm, "silenced", raised.silenced);
    cJSON_AddItemToArray(alarms, alarm);
  }
  add_text(object, "version", system.version);
  cJSON_AddBoolToObject(object, "open_network", system.open_network);
  cJSON_AddBoolToObject(object, "s2_open", system.s2_open);
  cJSON* counters = cJSON_AddObjectToObject(object, "counters");
  for (const auto& [name, value] : system.counters) {
    cJSON_AddNumberToObject(counters, std::string(name).c_str(), static_cast<double>(value));
  }
  return printed(object);
}

}  // namespace espial::station
