#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/wire/week_schedule.hpp"

/// S0's configuration file, in both of its public forms; `protocol/s0_config.schema.json` is its
/// schema, docs/configuration.md tells of it.
namespace espial::configuration {

inline constexpr std::size_t kMaxModules = 255;
inline constexpr std::size_t kMaxKinds = 64;
/// S0's own: thermostat 0, thermometer 1, relay 2. Files may define more.
inline constexpr std::uint8_t kBuiltInKinds = 3;

/// What a person may set a field to: whole numbers, for S0 sends one down as a byte.
struct SettableRange {
  std::uint8_t minimum = 0;
  std::uint8_t maximum = 255;
};

/// One of the values U1..U5 (bytes) and F1..F5 (numbers) that a function of S0's carries.
struct FieldPlan {
  std::string key;  ///< "F1"
  std::string title;
  std::string unit;
  bool logged = false;
  /// Of the one field of a file's own kind that shows what the function is set to.
  std::optional<SettableRange> settable;
};

/// A kind of function: S0's own, or the file's.
struct KindPlan {
  std::uint8_t type = 0;
  std::string title;
  std::vector<FieldPlan> fields;
};

/// What stands in one function's place of a module.
struct FunctionPlan {
  std::uint8_t slot = 0;  ///< in the order of the file
  std::uint8_t id = 0;    ///< S0's: part of a value's key in its day files
  std::uint8_t type = 0;
  std::uint8_t control = 255;  ///< id of the function that this one controls; 255: none
  std::string title;
  std::optional<double> set_point;
  std::optional<double> hysteresis;
  std::optional<double> minimum;
  std::optional<double> maximum;
};

struct ModulePlan {
  ModuleId module;
  std::uint16_t interval_s = 0;            ///< 0: the module's own choice
  std::uint16_t max_airtime_permille = 0;  ///< of the air it may take; 0: as it was made
  std::vector<FunctionPlan> functions;
  /// What a thermostat of it keeps to.
  std::optional<wire::WeekSchedule> week;
};

struct S0File {
  std::optional<ServerId> server;
  std::uint16_t interval_s = 0;  ///< for modules that name none
  std::vector<ModulePlan> modules;
  std::vector<KindPlan> kinds;
  std::map<std::uint8_t, std::string> templates;  ///< HTML by type, as the file has it
  std::map<std::string, std::string> titles;      ///< by the address of a sensor

  const ModulePlan* find(ModuleId module) const;
};

/// Where a file is wrong, and what to write instead.
struct FileError {
  std::size_t line = 1;
  std::string text;
};
/// "Maison.json:12: ..."
std::string to_text(const FileError& error, std::string_view file);

/// Reads either form: the four lists at top level, or inside "Struct".
std::variant<S0File, FileError> read_s0_file(std::string_view text);

}  // namespace espial::configuration
