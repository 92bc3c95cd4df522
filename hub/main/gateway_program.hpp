#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/port/crypto.hpp"
#include "hub/main/broker_option.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::main {

/// What a gateway process needs to know.
struct GatewayOptions {
  /// The `espial air` that carries its radio.
  std::string air_address = "127.0.0.1";
  std::uint16_t air_port = 0;
  /// The radio's own address, and the softAP's, which is where modules send.
  MacAddress station_address;
  MacAddress softap_address;
  Channel channel{6};

  BrokerPlace broker;

  std::string site = "home";
  ServerId server{1};
  Key discovery_key{};
  /// The discovery key as it is now, asked for now and then: it changes with the network key.
  /// Nothing: go on with the one there is.
  std::function<std::optional<Key>()> newer_discovery_key;
};

/// The gateway role of core/gateway between a radio and a broker: the program behind
/// `espial gateway`. Topics and properties are those of `protocol/mqtt.md`.
class GatewayProgram {
 public:
  GatewayProgram(boost::asio::io_context& io, const GatewayOptions& options);
  ~GatewayProgram();

  void start();
  /// Says goodbye to the broker and leaves the air; the io_context runs dry afterwards.
  void stop();

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace espial::main
