#pragma once

#include <string>

#include "hub/main/data_directory.hpp"
#include "hub/store/store_address.hpp"

namespace CLI {
class App;
}

namespace espial::main {

/// The options of every command that opens the database.
struct StoreOption {
  std::string store;
  std::string password_file;

  void add_to(CLI::App& command);
  /// Where the database is, with the password from its file or ESPIAL_STORE_PASSWORD; without an
  /// option the file in the data directory.
  /// @throws CLI::ValidationError
  store::StoreAddress address(const DataDirectory& data) const;
  /// The same of a database that is to be read: nothing is created, and a file must be there.
  /// @throws CLI::ValidationError, DataDirectoryError
  store::StoreAddress address_to_read(const std::string& data) const;

 private:
  store::StoreAddress given() const;
};

}  // namespace espial::main
