#include "hub/features/s0_shown.hpp"

#include <cmath>

#include "core/wire/kind.hpp"
#include "core/wire/s0_function.hpp"
#include "core/wire/value.hpp"

namespace espial::s0 {
namespace {

station::Value value_of(std::uint8_t field, std::optional<double> number) {
  const bool there = number && std::isfinite(*number);
  return there ? station::Value::of(field, *number) : station::Value::none(field);
}

}  // namespace

std::vector<station::FunctionState> function_states(const Functions& functions,
                                                    const ModuleConfiguration& configuration) {
  std::vector<station::FunctionState> states;
  for (std::uint8_t slot = 0; slot < functions.size(); ++slot) {
    const std::uint8_t kind = kind_of(functions[slot].type);
    if (!functions[slot].used() || kind == 0) continue;
    station::FunctionState state;
    state.slot = slot;
    state.kind = kind;
    state.title = configuration.titles[slot];
    // Of the configuration's own kinds nobody knows which field a person would set.
    state.accepts_commands =
        takes_set_points(functions[slot].type) && functions[slot].type < kFirstOwnType;
    states.push_back(std::move(state));
  }
  return states;
}

std::vector<station::Value> shown_values(std::uint8_t kind, ByteView value) {
  std::vector<station::Value> shown;
  std::uint8_t field = 0;
  if (const wire::KindInfo* const info = wire::find_standard_kind(kind)) {
    const auto values = wire::decode_value(*info, value);
    for (const wire::FieldValue& one : *values) shown.push_back(value_of(field++, one.number));
    return shown;
  }
  Values own;
  if (!to_data(kind, value, own)) return shown;
  for (const std::uint8_t number : own.u) shown.push_back(value_of(field++, number));
  for (const float number : own.f) shown.push_back(value_of(field++, number));
  return shown;
}

std::string sensor_name(const std::array<std::uint8_t, kSensorSize>& sensor) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name;
  for (const std::uint8_t byte : sensor) {
    name += kDigits[byte >> 4];
    name += kDigits[byte & 0x0f];
  }
  return name;
}

std::string_view sentence_of(coordinator::S0Refusal refusal) {
  switch (refusal) {
    case coordinator::S0Refusal::kBadMessage:
      return "it is none that a module of this network sends";
    case coordinator::S0Refusal::kLate:
      return "a search that waited too long on its way here; it will ask again";
    case coordinator::S0Refusal::kNoModuleId:
      return "it says that it is module 0; give it a number from 1 to 255";
    case coordinator::S0Refusal::kModuleTaken:
      return "another module has its number; give one of the two another";
    case coordinator::S0Refusal::kKeyed:
      return "its address is that of a device that speaks another protocol, perhaps with a key; if "
             "nobody has rebuilt that device, somebody pretends to be it";
    case coordinator::S0Refusal::kFull:
      return "there are as many modules as there can be";
    case coordinator::S0Refusal::kUnknownModule:
      return "it has not paired here; it was told to start again";
    case coordinator::S0Refusal::kUnknownFunction:
      return "data of a function that this module was not given; restart it after its "
             "configuration "
             "has changed";
    case coordinator::S0Refusal::kNumber:
      break;
  }
  return "unknown reason";
}

}  // namespace espial::s0
