#pragma once

#include <cstdint>
#include <string>

namespace espial::store {

/// Where a database server is, and as whom to speak to it.
struct ServerAddress {
  std::string host;        ///< empty: this machine, through a socket in the file system
  std::uint16_t port = 0;  ///< 0: the engine's own
  std::string socket;  ///< MariaDB's socket, or the folder of PostgreSQL's; empty: the usual one
  std::string user;
  std::string password;
  std::string database;
  /// File of authorities (PEM): only over TLS, to a server with a certificate of theirs for `host`.
  /// Empty: as the engine's library does by itself.
  std::string tls_ca;
};

}  // namespace espial::store
