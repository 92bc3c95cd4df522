#pragma once

#include <cstdint>
#include <string>

#include "hub/broker/private_broker.hpp"

namespace espial::broker {

/// The folder inside the broker's directory that the broker itself may write.
inline constexpr const char* kDataFolder = "data";

/// Files beside the configuration, for brokers with access control.
inline constexpr const char* kPasswordFile = "passwords";
inline constexpr const char* kAccessFile = "access";
inline constexpr const char* kS2AccessFile = "access-s2";
inline constexpr const char* kCertificateFile = "server.crt";
inline constexpr const char* kKeyFile = "server.key";

/// Of S2's anonymous listener: more connections at a time are closed as they come.
inline constexpr int kS2ConnectionsMax = 1'024;

/// The Mosquitto configuration for these options, with the ports that were decided on; the file is
/// the same for the same input. `websockets_port` 0: none. Relative paths: it is to be run in the
/// broker's directory.
std::string broker_config(const BrokerOptions& options, std::uint16_t port,
                          std::uint16_t websockets_port);

}  // namespace espial::broker
