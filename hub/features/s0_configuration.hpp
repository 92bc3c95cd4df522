#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/ids.hpp"
#include "core/wire/s0.hpp"

/// What S0's modules shall do, as the hub keeps it: one document a module.
namespace espial::s0 {

/// The collection of `store::Documents`; a document's name is the module's number in decimal.
inline constexpr std::string_view kModuleCollection = "s0.modules";
/// What people call the sensors: a document's name is the ROM address in 16 lower-case hexadecimal
/// digits, its body the label as it is. It goes before the title of the function that has it.
inline constexpr std::string_view kSensorCollection = "s0.sensors";
/// Longer titles are cut.
inline constexpr std::size_t kMaxTitleSize = 64;

/// A module's slots, and what people call them; empty: as its kind.
struct ModuleConfiguration {
  Functions functions{};
  std::array<std::string, kSlotCount> titles;
};

/// Reads a document:
///
///     {"functions": [{"id": 1, "type": 0, "control": 2, "title": "Salon"}, null, ...]}
///
/// one entry a slot, null for an unused one; `control` and `title` may be missing. Nothing where
/// it is another JSON: more than twelve, a number that is none, two functions with one id and type.
std::optional<ModuleConfiguration> parse_module(std::string_view document);
std::string to_document(const ModuleConfiguration& configuration);

/// Reads what a person types: `3=thermostat:Salon,relay:Lamp,7`, a module's number and its
/// functions by name (thermostat, thermometer, relay) or by the type's number, with titles. They
/// get the ids 1, 2, ... in their order.
std::optional<std::pair<ModuleId, ModuleConfiguration>> parse_module_option(std::string_view text);

}  // namespace espial::s0
