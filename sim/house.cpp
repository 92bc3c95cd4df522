#include "sim/house.hpp"

#include <algorithm>
#include <cmath>

#include "core/wire/kind.hpp"
#include "core/wire/kinds_table.hpp"
#include "core/wire/week_schedule.hpp"

namespace espial::sim {
namespace {

using wire::FieldValue;
using wire::Kind;

constexpr double kDay_ms = 86'400'000;
constexpr std::int64_t kPressLasts_ms = 300;
constexpr double kPi = 3.14159265358979;

const std::vector<ModulePlan> kPlan = {
    {"Living room", "ESP8266", {"temperature", "humidity"}, 10, false, 21},
    {"Living room lamp", "ESP32", {"relay"}, 30},
    {"Living room window", "ESP8266", {"contact", "battery"}, 60},
    {"Living room heating", "ESP32", {"thermostat"}, 15, false, 21},
    {"Kitchen", "ESP8266", {"temperature", "humidity"}, 10, false, 20.5},
    {"Kitchen lamp", "ESP8266", {"relay"}, 30},
    {"Kitchen worktop", "ESP32", {"led"}, 30},
    {"Fridge door", "ESP8266", {"contact", "battery"}, 60},
    {"Bedroom", "ESP8266", {"temperature", "humidity"}, 10, false, 18},
    {"Bedroom lamp", "ESP8266", {"relay"}, 30},
    {"Bedroom button", "ESP8266", {"button", "battery"}, 60, false, 20, "Bedroom lamp"},
    {"Bedroom window", "ESP8266", {"contact", "battery"}, 60},
    {"Bathroom", "ESP32", {"temperature", "humidity", "presence"}, 10, false, 22.5},
    {"Bathroom heating", "ESP32", {"thermostat"}, 15, false, 22.5},
    {"Hall", "ESP8266", {"presence", "light_level"}, 15},
    {"Hall lamp", "ESP8266", {"relay"}, 30},
    {"Front door", "ESP8266", {"contact", "battery"}, 60},
    {"Doorbell", "ESP8266", {"button", "battery"}, 60},
    {"Office", "ESP8266", {"temperature", "humidity"}, 10, false, 20},
    {"Office desk lamp", "ESP32", {"led"}, 30},
    {"Garage door", "ESP32", {"contact", "relay"}, 30},
    {"Garden", "ESP32", {"temperature", "humidity", "light_level", "battery"}, 20, true},
    {"Greenhouse", "ESP32", {"temperature", "humidity", "relay"}, 15, true},
    {"Water meter", "ESP8266", {"counter", "battery"}, 20},
    {"Electricity meter", "ESP32", {"counter", "text"}, 20},
    {"Letter box", "ESP8266", {"contact", "battery"}, 60},
};

/// How far through the day it is, 0 at 4 in the morning, when it is coldest.
double day_phase(UnixTime now) {
  return std::fmod(static_cast<double>(now.ms) - kDay_ms / 6, kDay_ms) / kDay_ms;
}

/// 0 at night, 1 at noon.
double daylight(UnixTime now) {
  const double height = -std::cos(2 * kPi * static_cast<double>(now.ms % 86'400'000) / kDay_ms);
  return std::max(0.0, height);
}

bool is(const wire::KindInfo* kind, Kind wanted) {
  return kind->number == static_cast<std::uint8_t>(wanted);
}

double rounded(double value, double step) { return std::round(value / step) * step; }

}  // namespace

const std::vector<ModulePlan>& house_plan() { return kPlan; }

std::optional<std::size_t> house_index(std::string_view name) {
  for (std::size_t i = 0; i < kPlan.size(); ++i) {
    if (kPlan[i].name == name) return i;
  }
  return std::nullopt;
}

MacAddress house_address(std::size_t index) {
  return MacAddress{{0x5e, 0x50, 0x1a, 0x10, static_cast<std::uint8_t>(index >> 8),
                     static_cast<std::uint8_t>(index)}};
}

HouseModule::HouseModule(const ModulePlan& plan, std::uint64_t seed) : plan_(plan), random_(seed) {
  for (const std::string_view name : plan.kinds) {
    const wire::KindInfo* const kind = wire::find_standard_kind(name);
    if (kind == nullptr) continue;
    Function function;
    function.slot = static_cast<std::uint8_t>(functions_.size());
    function.kind = kind;
    begin(function);
    functions_.push_back(function);
  }
}

void HouseModule::begin(Function& function) {
  function.set_point = plan_.comfort_celsius;
  if (is(function.kind, Kind::kBattery)) function.value = 60 + wobble(30);
  if (is(function.kind, Kind::kCounter)) function.value = 1000 + std::floor(wobble(900));
}

wire::FunctionList HouseModule::functions() const {
  wire::FunctionList list;
  for (const Function& function : functions_) {
    wire::Function said;
    said.slot = function.slot;
    said.kind = function.kind->number;
    said.accepts_commands = function.kind->accepts_commands();
    said.reports = true;
    (void)list.push_back(said);
  }
  return list;
}

double HouseModule::wobble(double width) {
  constexpr std::uint64_t kSteps = 1'000'000;
  return width * (2.0 * static_cast<double>(random_.below(kSteps)) / kSteps - 1.0);
}

double HouseModule::temperature(UnixTime now) {
  const double swing = -std::cos(2 * kPi * day_phase(now));
  const double base = plan_.outdoors ? 9 + 6 * swing : plan_.comfort_celsius + 0.8 * swing;
  return rounded(base + wobble(0.06), 0.01);
}

HouseReading HouseModule::reading(Function& function, UnixTime now) {
  HouseReading said;
  said.slot = function.slot;
  said.kind = function.kind->number;
  const auto add = [&](FieldValue value) { (void)said.values.push_back(value); };
  if (is(function.kind, Kind::kTemperature)) {
    add(FieldValue::of(temperature(now)));
  } else if (is(function.kind, Kind::kHumidity)) {
    const double swing = std::cos(2 * kPi * day_phase(now));
    add(FieldValue::of(rounded((plan_.outdoors ? 74 : 47) + 8 * swing + wobble(0.4), 0.01)));
  } else if (is(function.kind, Kind::kThermostat)) {
    const double measured = temperature(now);
    function.heating =
        function.set_point && measured < *function.set_point - (function.heating ? 0.0 : 0.3);
    add(FieldValue::of(measured));
    add(FieldValue{function.set_point, {}});
    add(FieldValue::of(function.heating ? 1 : 0));
  } else if (is(function.kind, Kind::kLightLevel)) {
    add(FieldValue::of(std::round(std::clamp(90 * daylight(now) + 4 + wobble(2), 0.0, 100.0))));
  } else if (is(function.kind, Kind::kBattery)) {
    function.value = std::max(1.0, function.value - 0.001);
    add(FieldValue::of(std::round(function.value)));
    add(FieldValue::of(rounded(2.4 + function.value * 0.008, 0.001)));
  } else if (is(function.kind, Kind::kCounter)) {
    function.value += static_cast<double>(random_.below(3));
    add(FieldValue::of(function.value));
  } else if (is(function.kind, Kind::kText)) {
    add(FieldValue::of_text(daylight(now) > 0.2 ? "day tariff" : "night tariff"));
  } else {
    add(FieldValue::of(function.value));
  }
  return said;
}

std::vector<HouseReading> HouseModule::measure(UnixTime now) {
  std::vector<HouseReading> said;
  for (Function& function : functions_) {
    // A button says that it was pressed, not every ten seconds that it was not.
    if (is(function.kind, Kind::kButton)) continue;
    said.push_back(reading(function, now));
  }
  return said;
}

bool HouseModule::happens(Function& function, UnixTime now) {
  if (function.changes_back_at.known()) {
    if (now < function.changes_back_at) return false;
    function.changes_back_at = {};
    function.value = 0;
    return true;
  }
  const bool button = is(function.kind, Kind::kButton);
  const bool door = is(function.kind, Kind::kContact);
  if (!button && !door && !is(function.kind, Kind::kPresence)) return false;
  // It would do something: people press that one.
  if (button && !plan_.works.empty()) return false;
  // Once in four minutes or so, so that somebody who watches sees something happen.
  if (random_.below(240) != 0) return false;
  function.value = 1;
  const std::int64_t lasts_ms =
      button ? kPressLasts_ms : 5'000 + static_cast<std::int64_t>(random_.below(40'000));
  function.changes_back_at = {now.ms + lasts_ms};
  return true;
}

std::vector<HouseReading> HouseModule::happenings(UnixTime now) {
  std::vector<HouseReading> said;
  for (Function& function : functions_) {
    if (happens(function, now)) said.push_back(reading(function, now));
  }
  return said;
}

std::vector<HouseReading> HouseModule::press(UnixTime now) {
  if (functions_.empty() || !is(functions_[0].kind, Kind::kButton)) return {};
  functions_[0].value = 1;
  functions_[0].changes_back_at = {now.ms + kPressLasts_ms};
  return {reading(functions_[0], now)};
}

HouseModule::Executed HouseModule::execute(const wire::Reading& command, UnixTime now) {
  Executed executed;
  const auto function = std::find_if(functions_.begin(), functions_.end(), [&](const Function& f) {
    return f.slot == command.slot && f.kind->number == command.kind;
  });
  if (function == functions_.end()) return executed;
  const auto wanted = wire::decode_command_value(*function->kind, command.value);
  if (!wanted || !wanted->number) return executed;
  if (is(function->kind, Kind::kThermostat)) {
    function->set_point = wanted->number;
  } else {
    function->value = *wanted->number;
  }
  executed.outcome = wire::Outcome::kExecuted;
  executed.readings.push_back(reading(*function, now));
  return executed;
}

std::vector<HouseReading> HouseModule::keep_to(std::uint8_t slot, std::int16_t set_point_cC,
                                               UnixTime now) {
  for (Function& function : functions_) {
    if (function.slot != slot || !is(function.kind, Kind::kThermostat)) continue;
    function.set_point.reset();
    if (set_point_cC != wire::kNoSetPoint) function.set_point = set_point_cC / 100.0;
    return {reading(function, now)};
  }
  return {};
}

}  // namespace espial::sim
