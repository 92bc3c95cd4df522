#pragma once

#include <cstdint>
#include <string>

#include "hub/mqtt/connection.hpp"

namespace CLI {
class App;
}

namespace espial::main {

/// A broker that runs already, and what one logs in to it with.
struct BrokerPlace {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  bool secure = false;   ///< over TLS
  std::string ca_file;   ///< whose certificates are believed; empty: this machine's authorities'
  std::string user;      ///< empty: none
  std::string password;  ///< of that user

  /// Where `options` shall connect, and as whom.
  void apply_to(mqtt::ConnectionOptions& options) const;
  /// "hub.local:1883", or "mqtts://hub.local:8883".
  std::string text() const;
};

/// The options of every command that speaks to a broker.
struct BrokerOption {
  std::string address;  ///< [mqtt://|mqtts://]HOST[:PORT]; empty: not given
  std::string ca_file;
  std::string user;
  std::string password_file;

  void add_to(CLI::App& command, const std::string& about);
  /// @throws CLI::ValidationError, DataDirectoryError
  BrokerPlace place() const;
};

}  // namespace espial::main
