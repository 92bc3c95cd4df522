#include "hub/features/s0_configuration.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/base/utf8.hpp"
#include "core/wire/s0_function.hpp"

namespace espial::s0 {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 3> kTypeNames{{
    {"thermostat", kThermostat},
    {"thermometer", kThermometer},
    {"relay", kRelay},
}};

/// 0..254; nothing for any other JSON.
std::optional<std::uint8_t> number_in(const Json& entry, const char* name) {
  const auto found = entry.find(name);
  if (found == entry.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto number = found->get<std::uint64_t>();
  if (number >= kUnused) return std::nullopt;
  return static_cast<std::uint8_t>(number);
}

/// False when it is not a function, or one that another slot has.
bool read_function(const Json& entry, std::size_t slot, ModuleConfiguration& configuration) {
  if (entry.is_null()) return true;
  if (!entry.is_object()) return false;
  const auto id = number_in(entry, "id");
  const auto type = number_in(entry, "type");
  if (!id || !type || slot_of(configuration.functions, *id, *type) != kSlotCount) return false;
  const auto control = number_in(entry, "control");
  configuration.functions[slot] = {*id, *type, control.value_or(kUnused)};
  const auto title = entry.find("title");
  if (title != entry.end() && title->is_string()) {
    configuration.titles[slot] = utf8_prefix(title->get_ref<const std::string&>(), kMaxTitleSize);
  }
  return true;
}

std::optional<std::uint8_t> read_number(std::string_view text) {
  std::uint8_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint8_t> read_type(std::string_view text) {
  for (const auto& [name, type] : kTypeNames) {
    if (name == text) return type;
  }
  const auto type = read_number(text);
  return type && kind_of(*type) != 0 ? type : std::nullopt;
}

/// What stands before `separator`, taken off the front of `text` together with it.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return front;
}

}  // namespace

std::optional<ModuleConfiguration> parse_module(std::string_view document) {
  const Json json = Json::parse(document, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto functions = json.find("functions");
  if (functions == json.end() || !functions->is_array() || functions->size() > kSlotCount) {
    return std::nullopt;
  }
  ModuleConfiguration configuration;
  for (std::size_t slot = 0; slot < functions->size(); ++slot) {
    if (!read_function((*functions)[slot], slot, configuration)) return std::nullopt;
  }
  return configuration;
}

std::string to_document(const ModuleConfiguration& configuration) {
  Json functions = Json::array();
  std::size_t used = kSlotCount;
  while (used > 0 && !configuration.functions[used - 1].used()) --used;
  for (std::size_t slot = 0; slot < used; ++slot) {
    const Function& function = configuration.functions[slot];
    if (!function.used()) {
      functions.push_back(nullptr);
      continue;
    }
    Json entry{{"id", function.id}, {"type", function.type}};
    if (function.control != kUnused) entry["control"] = function.control;
    if (!configuration.titles[slot].empty()) entry["title"] = configuration.titles[slot];
    functions.push_back(std::move(entry));
  }
  return Json{{"functions", std::move(functions)}}.dump(-1, ' ', false,
                                                        Json::error_handler_t::replace);
}

std::optional<std::pair<ModuleId, ModuleConfiguration>> parse_module_option(std::string_view text) {
  const auto number = read_number(take(text, '='));
  if (!number || *number == 0 || text.empty() || !is_utf8(text) || has_control(text))
    return std::nullopt;
  ModuleConfiguration configuration;
  std::uint8_t slot = 0;
  while (!text.empty()) {
    std::string_view title = take(text, ',');
    const auto type = read_type(take(title, ':'));
    if (!type || slot == kSlotCount) return std::nullopt;
    configuration.titles[slot] = utf8_prefix(title, kMaxTitleSize);
    configuration.functions[slot] = {static_cast<std::uint8_t>(slot + 1), *type, kUnused};
    ++slot;
  }
  return std::pair{ModuleId{*number}, std::move(configuration)};
}

}  // namespace espial::s0
