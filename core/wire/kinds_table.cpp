// Generated from protocol/kinds.json by tools/generate_kinds.mjs. Change those, not this.
#include "core/wire/kinds_table.hpp"

// A table reads best one row a line, and so the generator needs no formatter.
// clang-format off
namespace espial::wire {
namespace {

constexpr FieldInfo kTemperatureFields[] = {
    {"temperature", FieldType::kI16, 0.01, 2, "°C", -273.15, 327.67, {}},
};

constexpr FieldInfo kHumidityFields[] = {
    {"humidity", FieldType::kU16, 0.01, 2, "%", 0, 100, {}},
};

constexpr std::string_view kThermostatHeatingStates[] = {"idle", "heating"};
constexpr FieldInfo kThermostatFields[] = {
    {"temperature", FieldType::kI16, 0.01, 2, "°C", -273.15, 327.67, {}},
    {"set_point", FieldType::kI16, 0.01, 2, "°C", 0, 50, {}},
    {"heating", FieldType::kBool, 1, 0, "", 0, 1, {kThermostatHeatingStates, 2}},
};

constexpr std::string_view kRelayOnStates[] = {"off", "on"};
constexpr FieldInfo kRelayFields[] = {
    {"on", FieldType::kBool, 1, 0, "", 0, 1, {kRelayOnStates, 2}},
};

constexpr FieldInfo kLedFields[] = {
    {"brightness", FieldType::kU8, 1, 0, "%", 0, 100, {}},
};

constexpr std::string_view kButtonActionStates[] = {"released", "pressed", "double", "long"};
constexpr FieldInfo kButtonFields[] = {
    {"action", FieldType::kU8, 1, 0, "", 0, 3, {kButtonActionStates, 4}},
};

constexpr FieldInfo kLightLevelFields[] = {
    {"light_level", FieldType::kU8, 1, 0, "%", 0, 100, {}},
};

constexpr std::string_view kPresencePresentStates[] = {"absent", "present"};
constexpr FieldInfo kPresenceFields[] = {
    {"present", FieldType::kBool, 1, 0, "", 0, 1, {kPresencePresentStates, 2}},
};

constexpr FieldInfo kBatteryFields[] = {
    {"level", FieldType::kU8, 1, 0, "%", 0, 100, {}},
    {"voltage", FieldType::kU16, 0.001, 3, "V", 0, 65.534, {}},
};

constexpr FieldInfo kCounterFields[] = {
    {"count", FieldType::kU32, 1, 0, "", 0, 4294967294, {}},
};

constexpr std::string_view kContactOpenStates[] = {"closed", "open"};
constexpr FieldInfo kContactFields[] = {
    {"open", FieldType::kBool, 1, 0, "", 0, 1, {kContactOpenStates, 2}},
};

constexpr FieldInfo kTextFields[] = {
    {"text", FieldType::kText, 1, 0, "", 0, 200, {}},
};

constexpr FieldInfo kIlluminanceFields[] = {
    {"illuminance", FieldType::kU32, 0.01, 2, "lx", 0, 200000, {}},
};

}  // namespace

constexpr KindInfo kKinds[kKindCount] = {
    {1, "temperature", "Temperature", "Température", "Температура",
     {kTemperatureFields, 1}, Widget::kValue, kNoField, false,
     "sensor", "temperature", "measurement"},
    {2, "humidity", "Humidity", "Humidité", "Влажность",
     {kHumidityFields, 1}, Widget::kValue, kNoField, false,
     "sensor", "humidity", "measurement"},
    {3, "thermostat", "Thermostat", "Thermostat", "Термостат",
     {kThermostatFields, 3}, Widget::kThermostat, 1, false,
     "climate", "", ""},
    {4, "relay", "Relay", "Relais", "Реле",
     {kRelayFields, 1}, Widget::kSwitch, 0, false,
     "switch", "switch", ""},
    {5, "led", "LED", "LED", "Светодиод",
     {kLedFields, 1}, Widget::kSlider, 0, false,
     "light", "", ""},
    {6, "button", "Button", "Bouton", "Кнопка",
     {kButtonFields, 1}, Widget::kButton, kNoField, true,
     "event", "button", ""},
    {7, "light_level", "Light level", "Luminosité", "Уровень света",
     {kLightLevelFields, 1}, Widget::kValue, kNoField, false,
     "sensor", "", "measurement"},
    {8, "presence", "Presence", "Présence", "Присутствие",
     {kPresenceFields, 1}, Widget::kPresence, kNoField, true,
     "binary_sensor", "occupancy", ""},
    {9, "battery", "Battery", "Batterie", "Батарея",
     {kBatteryFields, 2}, Widget::kBattery, kNoField, false,
     "sensor", "battery", "measurement"},
    {10, "counter", "Counter", "Compteur", "Счётчик",
     {kCounterFields, 1}, Widget::kCounter, kNoField, false,
     "sensor", "", "total_increasing"},
    {11, "contact", "Contact", "Contact", "Контакт",
     {kContactFields, 1}, Widget::kContact, kNoField, true,
     "binary_sensor", "opening", ""},
    {12, "text", "Text", "Texte", "Текст",
     {kTextFields, 1}, Widget::kText, 0, false,
     "text", "", ""},
    {13, "illuminance", "Illuminance", "Éclairement", "Освещённость",
     {kIlluminanceFields, 1}, Widget::kValue, kNoField, false,
     "sensor", "illuminance", "measurement"},
};

}  // namespace espial::wire
