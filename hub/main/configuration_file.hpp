#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "hub/features/configuration/s0_file.hpp"

/// One of S0's configuration files as a person names it to a command: what `espial configure` and
/// `espial import` share.
namespace espial::main {

/// A file that is in order, and may be brought to a hub.
struct ConfigurationFile {
  std::string file;  ///< as it was given
  std::string page;  ///< the file's name without folder and ending
  std::string text;
  configuration::S0File read;
};

/// Whether whoever named `file` means a configuration, in order or not: it ends in .json, or has
/// one of the names of its parts, and does not begin as a day file does.
bool is_configuration_file(const std::string& file);

/// Reads a file. What is wrong is a sentence that names file and line.
std::variant<ConfigurationFile, std::string> read_configuration_file(const std::string& file);

/// When the modules are told of it.
enum class Telling {
  kNow,      ///< the hub runs
  kAtStart,  ///< it is stopped
};

/// Prints what came of a file: its modules, what was left out and why, and a sum. `answer` is that
/// of PUT /api/configuration/<page>.
void print_brought(const ConfigurationFile& brought, const nlohmann::json& answer, Telling telling);

/// Prints what would be left out of it.
void print_checked(const ConfigurationFile& checked);

}  // namespace espial::main
