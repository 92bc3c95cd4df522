#pragma once

#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "hub/main/configuration_file.hpp"
#include "hub/store/store.hpp"

namespace espial::main {

/// What `espial import` does with the day files of S0's server.
struct DayFileOptions {
  ServerId network;                               ///< whose modules they are of
  std::string zone;                               ///< of the server's clock; empty: this machine's
  std::string configuration;                      ///< a file by which they are read; or empty
  std::vector<ConfigurationFile> configurations;  ///< those that were brought beside them
  std::vector<std::string> modules;               ///< to be made: NUMBER=ADDRESS
  std::vector<std::string> files;                 ///< and folders with some
  bool dry = false;                               ///< only say what would be stored
};

/// Makes the modules that it is told of, and brings their readings to a database that is open and
/// nobody else's meanwhile; says on the way how far it is, and what it leaves out and why. The
/// program's exit code.
int bring_day_files(store::Store& kept, const DayFileOptions& options);

}  // namespace espial::main
