#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "hub/features/network_topics.hpp"
#include "hub/main/broker_users_command.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/data_directory.hpp"
#include "hub/main/gateway_program.hpp"

namespace espial::main {
namespace {

struct GatewayCommand {
  std::string air = "127.0.0.1:5505";
  BrokerOption broker{"127.0.0.1:1883", {}, {}, {}};
  std::string data = kDefaultData;
  std::string discovery_key_file;
  std::string site = "home";
  std::string mac = "5e:50:1a:01:00:01";
  int server = 1;
  int channel = 6;

  int run() const {
    GatewayOptions options;
    const http::HostPort radio = parse_endpoint(air, 5505, "--air");
    options.air_address = radio.host;
    options.air_port = radio.port;
    options.broker = broker.place();
    options.server = ServerId{static_cast<std::uint8_t>(server)};
    options.channel = Channel{static_cast<std::uint8_t>(channel)};
    options.site = site;
    if (!topics::valid_site(site)) {
      throw CLI::ValidationError("--site", "must be 1 to 32 letters, digits, '-' or '_'");
    }
    const auto station = parse_mac(mac);
    if (!station) throw CLI::ValidationError("--mac", "must look like 5e:50:1a:01:00:01");
    options.station_address = *station;
    // As on an ESP32: the softAP's address is the station's with its last octet one higher.
    options.softap_address = *station;
    ++options.softap_address.octets[5];
    const std::filesystem::path key_file =
        discovery_key_file.empty()
            ? DataDirectory::existing(data).discovery_key_file(options.server)
            : std::filesystem::path(discovery_key_file);
    options.discovery_key = read_key_file(key_file);
    options.newer_discovery_key = [key_file]() -> std::optional<Key> {
      try {
        return read_key_file(key_file);
      } catch (const DataDirectoryError& error) {
        spdlog::warn("{}; going on with the key from before", error.what());
        return std::nullopt;
      }
    };

    boost::asio::io_context io;
    GatewayProgram program(io, options);
    const auto address = to_text(options.softap_address);
    spdlog::info("gateway {} on channel {}, network {}, broker {}",
                 std::string(address.begin(), address.end()), channel, server,
                 options.broker.text());
    program.start();
    run_until_stopped(io, [&] { program.stop(); });
    return 0;
  }
};

}  // namespace

void add_gateway_command(CLI::App& app, int& exit_code) {
  auto* const command =
      app.add_subcommand("gateway", "A gateway: relays frames between the air and the broker");
  const auto options = std::make_shared<GatewayCommand>();
  command->add_option("--air", options->air, "HOST:PORT of the simulated air")
      ->capture_default_str();
  options->broker.add_to(*command,
                         "HOST:PORT of the MQTT broker, or mqtts://HOST:PORT for one over TLS, as "
                         "a hub with --lan has it; without it 127.0.0.1:1883");
  command->add_option("--data", options->data, "The hub's data, for the discovery key")
      ->capture_default_str();
  command->add_option("--discovery-key", options->discovery_key_file,
                      "File with the discovery key, instead of --data");
  command->add_option("--mac", options->mac, "The radio's own address; the softAP's is one higher")
      ->capture_default_str();
  command->add_option("--channel", options->channel, "The channel its router has chosen")
      ->check(CLI::Range(1, 13))
      ->capture_default_str();
  command->add_option("--site", options->site, "Word for this place in the topics")
      ->capture_default_str();
  command->add_option("--server", options->server, "Server ID of the network")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  add_gateway_users(*command, exit_code);
  command->callback([command, options, &exit_code] {
    if (command->get_subcommands().empty()) exit_code = options->run();
  });
}

}  // namespace espial::main
