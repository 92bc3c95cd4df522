#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "hub/main/air_server.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/number_option.hpp"

namespace espial::main {
namespace {

struct AirCommand {
  std::uint16_t port = 5505;
  std::uint64_t seed = 1;
  double loss_percent = 0;
  double duplicate_percent = 0;

  int run() const {
    sim::AirSettings settings;
    settings.seed = seed;
    settings.loss_permille = static_cast<std::uint32_t>(loss_percent * 10);
    settings.duplicate_permille = static_cast<std::uint32_t>(duplicate_percent * 10);
    boost::asio::io_context io;
    AirServer server(io, port, settings);
    spdlog::info("air on 127.0.0.1:{} (UDP), loss {} %, duplicates {} %", server.port(),
                 loss_percent, duplicate_percent);
    run_until_stopped(io, [&] { server.stop(); });
    const auto& air = server.air_counters();
    const auto& counters = server.counters();
    spdlog::info(
        "air: {} frames, {} repeats, {} heard, {} not decoded, {} unanswered, "
        "{} datagrams that were none",
        air.transmissions, air.retries, air.deliveries, air.undecoded(), air.unanswered,
        counters.malformed + counters.strangers);
    return 0;
  }
};

}  // namespace

void add_air_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "air", "The simulated air in real time, for gateways and boards in other processes");
  const auto options = std::make_shared<AirCommand>();
  command->add_option("--port", options->port, "UDP port on loopback; 0 takes any free one")
      ->check(port_number())
      ->capture_default_str();
  command->add_option("--loss", options->loss_percent, "Transmissions lost, in percent")
      ->check(number_within(0, 100))
      ->capture_default_str();
  command->add_option("--duplicates", options->duplicate_percent, "Frames heard twice, in percent")
      ->check(number_within(0, 100))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "All chance comes from this number")
      ->capture_default_str();
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
