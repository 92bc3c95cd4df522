#include "station/dashboard_json.hpp"

#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <memory>

#include "core/wire/kind.hpp"

namespace espial::station {
namespace {

Device lamp() {
  Device device;
  device.id = {7};
  device.mac = *parse_mac("24:6f:28:00:00:07");
  device.name = "Lamp \"hall\"";
  device.server = {1};
  device.module = {3};
  device.last_seen = {1700000000123};
  device.online = true;
  return device;
}

FunctionState temperature(Value value) {
  FunctionState function;
  function.slot = 2;
  function.kind = wire::find_standard_kind("temperature")->number;
  function.taken_at = {1700000000000};
  function.values = {std::move(value)};
  return function;
}

/// What another library reads where `device_json` wrote the name.
std::string name_read_back(const std::string& name) {
  Device device = lamp();
  device.name = name;
  const std::string json = device_json(device);
  const std::unique_ptr<cJSON, decltype(&cJSON_Delete)> parsed(cJSON_Parse(json.c_str()),
                                                               &cJSON_Delete);
  const cJSON* const item = cJSON_GetObjectItem(parsed.get(), "name");
  return cJSON_IsString(item) ? item->valuestring : "not JSON: " + json;
}

/// The value of a field that no scale rounds, as it was written.
std::string number_text(double number) {
  FunctionState function = temperature(Value::of(0, number));
  function.kind = 200;
  const std::string json = reading_json(lamp(), function);
  const std::string_view name = R"("field_0":)";
  const std::size_t begin = json.find(name) + name.size();
  return json.substr(begin, json.find('}', begin) - begin);
}

TEST(DashboardJson, WritesADevice) {
  Device device = lamp();
  device.gateway = parse_mac("24:6f:28:aa:aa:01");
  device.rssi_dbm = std::int8_t{-61};
  EXPECT_EQ(device_json(device),
            R"({"id":7,"mac":"24:6f:28:00:00:07","last_seen":1700000000123,)"
            R"("gateway":"24:6f:28:aa:aa:01","rssi":-61,"name":"Lamp \"hall\"",)"
            R"("protocol":"espial","server":1,"module":3,"online":true,"joined_at":0,)"
            R"("firmware":"","chip":"","functions":[]})");
}

TEST(DashboardJson, WritesWhatIsNotKnownAsNull) {
  const std::string json = device_json(lamp());
  EXPECT_NE(json.find(R"("gateway":null,"rssi":null)"), std::string::npos) << json;
}

TEST(DashboardJson, SaysHowOftenADeviceReportsWhereThatIsKnown) {
  Device device = lamp();
  EXPECT_EQ(device_json(device).find("interval_s"), std::string::npos);
  device.interval_s = 3600;
  const std::string interval = R"("rssi":null,"interval_s":3600,)";
  EXPECT_NE(device_json(device).find(interval), std::string::npos);
  EXPECT_NE(reading_json(device, temperature(Value::of(0, 20))).find(interval), std::string::npos);
}

TEST(DashboardJson, RoundsAValueToItsScale) {
  const std::string json = reading_json(lamp(), temperature(Value::of(0, 2163 * 0.0100000001)));
  EXPECT_NE(json.find(R"("slot":2,"kind":"temperature","title":"","commands":false,)"
                      R"("taken_at":1700000000000,"values":{"temperature":21.63}})"),
            std::string::npos)
      << json;
}

TEST(DashboardJson, WritesAMissingValueAsNull) {
  const std::string json = reading_json(lamp(), temperature(Value::none(0)));
  EXPECT_NE(json.find(R"("values":{"temperature":null})"), std::string::npos) << json;
}

TEST(DashboardJson, NamesKindsAndFieldsItDoesNotKnow) {
  FunctionState function = temperature(Value::of(4, 1.5));
  function.kind = 200;
  const std::string json = reading_json(lamp(), function);
  EXPECT_NE(json.find(R"("kind":"kind_200")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("values":{"field_4":1.5})"), std::string::npos) << json;
}

TEST(DashboardJson, WritesWhatPeopleMaySetOfAConfigurationsKind) {
  FunctionState function = temperature(Value::of(6, 30));
  function.kind = 200;
  FunctionNote note;
  note.fields = {{6, "Pump", "%", SettableRange{10, 100}}};
  FunctionNotes notes;
  ASSERT_TRUE(notes.put(lamp().id, {{function.slot, note}}));
  const std::string json = reading_json(lamp(), function, notes);
  EXPECT_NE(json.find(R"("commands":true)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("fields":{"field_6":{"title":"Pump","unit":"%",)"
                      R"("set":{"minimum":10,"maximum":100}}})"),
            std::string::npos)
      << json;
}

TEST(DashboardJson, WritesEveryTextSoThatItIsReadBack) {
  std::string name = "Salon d'été \"1\" \\ / Кухня \x7f";
  for (char c = 1; c < 0x20; ++c) name += c;
  EXPECT_EQ(name_read_back(name), name);
}

TEST(DashboardJson, WritesAZeroByteInAText) {
  Device device = lamp();
  device.name = std::string("b\0c", 3);
  EXPECT_NE(device_json(device).find(R"("name":"b\u0000c")"), std::string::npos);
}

TEST(DashboardJson, WritesEveryNumberSoThatItIsReadBack) {
  for (const double number : {0.0, 1.0, 21.63, -3.0, 1e-300, 1e15, 1e21, 0.1 + 0.2, 1.0 / 3, 5e-324,
                              9007199254740993.0, -std::numeric_limits<double>::max()}) {
    EXPECT_EQ(std::strtod(number_text(number).c_str(), nullptr), number) << number_text(number);
  }
  EXPECT_EQ(number_text(1), "1");
}

TEST(DashboardJson, WritesWhatIsNoNumberAsNull) {
  EXPECT_EQ(number_text(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(number_text(-std::numeric_limits<double>::infinity()), "null");
}

TEST(DashboardJson, WritesACommandsFate) {
  EXPECT_EQ(command_json({5, lamp().mac, 1, CommandState::refused, "Too hot."}),
            R"({"command_id":5,"mac":"24:6f:28:00:00:07","slot":1,"state":"refused",)"
            R"("reason":"Too hot."})");
}

TEST(DashboardJson, WritesUntilWhenAPendingCommandWaits) {
  EXPECT_EQ(command_json({5, lamp().mac, 1, CommandState::pending, "", {1'700'000'000'000}, true}),
            R"({"command_id":5,"mac":"24:6f:28:00:00:07","slot":1,"state":"pending","reason":"",)"
            R"("expires_at":1700000000000,"waits_for_wake":true})");
}

TEST(DashboardJson, WritesTheSystem) {
  SystemView system;
  system.broker_connected = true;
  system.broker = "127.0.0.1:1883";
  system.store = "sqlite";
  system.version = "0.1.0";
  system.gateways.push_back({*parse_mac("24:6f:28:aa:aa:01"), true, 6, 24});
  system.alarms.push_back(
      {"Too warm", *parse_mac("24:6f:28:00:00:07"), 0, "temperature", {1000}, true});
  system.counters = {{"readings", 12}};
  EXPECT_EQ(
      system_json(system),
      R"({"broker":{"connected":true,"address":"127.0.0.1:1883","since":0},)"
      R"("store":{"ok":true,"engine":"sqlite","reason":"","code":""},)"
      R"("gateways":[{"mac":"24:6f:28:aa:aa:01","online":true,"channel":6,"devices":24}],)"
      R"("alarms":[{"name":"Too warm","mac":"24:6f:28:00:00:07","slot":0,"field":"temperature","since":1000,)"
      R"("acknowledged":true,"silenced":false}],)"
      R"("version":"0.1.0","s2_open":false,"certificate_days":null,"counters":{"readings":12}})");
}

TEST(DashboardJson, WritesAllDevicesAndWhoHasGone) {
  LiveState state;
  EXPECT_EQ(devices_json(state), "[]");
  ASSERT_EQ(state.put(lamp()), Outcome::done);
  EXPECT_EQ(devices_json(state), "[" + device_json(lamp()) + "]");
  EXPECT_EQ(removed_json({7}), R"({"id":7,"removed":true})");
}

}  // namespace
}  // namespace espial::station
