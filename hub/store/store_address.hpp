#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub/store/audit_limits.hpp"
#include "hub/store/connection.hpp"
#include "hub/store/server_address.hpp"
#include "hub/store/sorter_limits.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

/// Where the database is:
///
///     sqlite:PATH
///     mariadb://[USER@][HOST[:PORT]]/DATABASE[?socket=PATH]       mysql:// is the same
///     postgresql://[USER@][HOST[:PORT]]/DATABASE[?socket=FOLDER]
///     ...://[USER@]HOST[:PORT]/DATABASE?tls_ca=FILE
///
/// Without a HOST it is this machine, by the engine's usual socket; `localhost` is a HOST like any
/// other, reached by its port. With tls_ca nothing is said to a server that has no certificate of
/// that authority for HOST. What has a meaning here is written
/// as %XX. There is no place for a password: command lines are read by everybody.
struct StoreAddress {
  enum class Engine : std::uint8_t { sqlite, mariadb, postgresql };
  Engine engine = Engine::sqlite;
  std::filesystem::path file;  ///< of SQLite
  ServerAddress server;        ///< of the others
};

struct ParsedStoreAddress {
  std::optional<StoreAddress> address;
  std::string problem;  ///< otherwise: what is wrong, in a sentence for people
};

ParsedStoreAddress parse_store_address(std::string_view text);

/// "sqlite", "mariadb" or "postgresql".
std::string_view to_text(StoreAddress::Engine engine);
/// The address again, without its password.
std::string to_text(const StoreAddress& address);

Connector make_connector(const StoreAddress& address);
std::unique_ptr<Store> make_store(const StoreAddress& address, SorterLimits sorting = {},
                                  AuditLimits audit = {});

}  // namespace espial::store
