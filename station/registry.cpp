#include "station/registry.hpp"

#include "core/base/utf8.hpp"

namespace espial::station {
namespace {

/// The first free default name from that of device `number` on.
std::string free_default_name(const LiveState& state, std::uint32_t number) {
  std::string name = default_name(number);
  while (state.find_name(name)) name = default_name(++number);
  return name;
}

struct ModuleChoice {
  AdmitError error = AdmitError::none;
  ModuleId module{};
};

ModuleChoice choose_module(const LiveState& state, const AdmitRequest& request,
                           const Device* present) {
  if (request.server.value == 0) return {};
  const auto is_free = [&](ModuleId module) {
    const Device* holder = state.find_module(request.server, module);
    return !holder || holder == present;
  };
  if (request.wanted_module.value != 0) {
    if (!is_free(request.wanted_module)) return {AdmitError::module_taken, {}};
    return {AdmitError::none, request.wanted_module};
  }
  if (present && present->server == request.server && present->module.value != 0) {
    return {AdmitError::none, present->module};
  }
  for (unsigned number = 1; number <= 255; ++number) {
    const ModuleId module{static_cast<std::uint8_t>(number)};
    if (is_free(module)) return {AdmitError::none, module};
  }
  return {AdmitError::none, {}};
}

AdmitResult admit_known(LiveState& state, const AdmitRequest& request, const Device& present,
                        ModuleId module) {
  Device device = present;
  device.protocol = request.protocol;
  device.server = request.server;
  device.module = module;
  if (present.hidden) device.joined_at = request.now;
  device.functions.clear();  // LiveState keeps those it has
  static_cast<void>(state.put(device));
  return {AdmitError::none, &present, false};
}

}  // namespace

std::string_view to_text(NameError error) {
  switch (error) {
    case NameError::none:
      return "the name is good";
    case NameError::empty:
      return "a name needs at least one character";
    case NameError::too_long:
      return "a name may have at most 29 bytes";
    case NameError::separator:
      return "a name may not contain ';'";
    case NameError::not_printable:
      return "a name may not contain control characters, nor begin or end with a space";
    case NameError::not_utf8:
      return "a name must be UTF-8";
  }
  return "unknown";
}

Problem problem_of(NameError error) {
  switch (error) {
    case NameError::none:
    case NameError::empty:
      return Problem::kNameEmpty;
    case NameError::too_long:
      return Problem::kNameTooLong;
    case NameError::separator:
      return Problem::kNameSeparator;
    case NameError::not_printable:
      return Problem::kNameNotPrintable;
    case NameError::not_utf8:
      return Problem::kNameNotUtf8;
  }
  return Problem::kNameEmpty;
}

std::string_view to_text(AdmitError error) {
  switch (error) {
    case AdmitError::none:
      return "admitted";
    case AdmitError::bad_name:
      return "the configured name breaks the rules for names";
    case AdmitError::name_taken:
      return "another device has the configured name: choose another in the configuration";
    case AdmitError::module_taken:
      return "another device has this module ID in this network: give one of them another ID";
    case AdmitError::table_full:
      return "the limit of devices is reached: remove some that are gone";
  }
  return "unknown";
}

NameError check_name(std::string_view name) {
  if (name.empty()) return NameError::empty;
  if (name.size() > kMaxNameBytes) return NameError::too_long;
  if (!is_utf8(name)) return NameError::not_utf8;
  if (name.find(';') != std::string_view::npos) return NameError::separator;
  if (has_control(name)) return NameError::not_printable;
  if (name.front() == ' ' || name.back() == ' ') return NameError::not_printable;
  return NameError::none;
}

std::string default_name(std::uint32_t number) {
  const std::string digits = std::to_string(number);
  return std::string("capteur") + (digits.size() < 2 ? "0" : "") + digits;
}

AdmitResult admit(LiveState& state, const AdmitRequest& request) {
  const Device* present = state.find(request.mac);
  const ModuleChoice choice = choose_module(state, request, present);
  if (choice.error != AdmitError::none) return {choice.error, nullptr, false};
  if (present) return admit_known(state, request, *present, choice.module);

  Device device;
  device.id = state.next_id();
  device.mac = request.mac;
  device.protocol = request.protocol;
  device.server = request.server;
  device.module = choice.module;
  device.joined_at = request.now;
  device.last_seen = request.now;
  device.hidden = request.hidden;
  if (request.wanted_name.empty()) {
    device.name = free_default_name(state, state.next_id().value);
  } else {
    if (check_name(request.wanted_name) != NameError::none) {
      return {AdmitError::bad_name, nullptr, false};
    }
    if (state.find_name(request.wanted_name)) return {AdmitError::name_taken, nullptr, false};
    device.name = request.wanted_name;
  }
  // Id, MAC, name and module ID are known to be free: only the limit is left to refuse it.
  if (state.put(device) != Outcome::done) return {AdmitError::table_full, nullptr, false};
  return {AdmitError::none, state.find(device.id), true};
}

Device remains_of(const LiveState& state, const Device& device) {
  Device remains;
  remains.id = device.id;
  remains.mac = device.mac;
  const bool unnamed = device.name == default_name(device.id.value);
  remains.name = unnamed ? device.name : free_default_name(state, device.id.value);
  remains.protocol = device.protocol;
  remains.server = device.server;
  remains.last_seen = device.last_seen;
  remains.hidden = true;
  remains.firmware = device.firmware;
  remains.chip = device.chip;
  remains.functions = device.functions;
  return remains;
}

RenameResult rename(LiveState& state, DeviceId id, std::string_view name) {
  const NameError error = check_name(name);
  if (error != NameError::none) return {error, Outcome::done};
  return {NameError::none, state.rename(id, name)};
}

}  // namespace espial::station
