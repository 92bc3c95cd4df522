#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "hub/main/commands.hpp"
#include "hub/main/data_directory.hpp"
#include "hub/main/house_door.hpp"
#include "hub/main/house_program.hpp"
#include "hub/main/s0_board.hpp"
#include "sim/s0_house.hpp"

namespace espial::main {
namespace {

struct HouseCommand {
  std::string air = "127.0.0.1:5505";
  std::string data = kDefaultData;
  int server = 1;
  std::size_t modules = sim::house_plan().size();
  std::uint64_t seed = 1;
  bool s0 = false;

  /// Boards of S0's, beside the others and without a key.
  std::vector<std::unique_ptr<S0Board>> s0_boards(boost::asio::io_context& io) const {
    std::vector<std::unique_ptr<S0Board>> boards;
    if (!s0) return boards;
    const http::HostPort radio = parse_endpoint(air, 5505, "--air");
    for (const sim::s0::HousePlan& plan : sim::s0::kHousePlan) {
      const S0BoardOptions options{radio.host, radio.port, sim::s0::house_address(plan.number),
                                   ServerId{static_cast<std::uint8_t>(server)},
                                   ModuleId{plan.number}};
      boards.push_back(std::make_unique<S0Board>(io, options, [number = plan.number](bool paired) {
        spdlog::info("S0 module {}: {}", number, paired ? "paired" : "searching");
      }));
    }
    return boards;
  }

  NodeOptions board_options(std::size_t index, const node::JoinKey& join_key,
                            const DataDirectory& directory) const {
    NodeOptions options;
    const http::HostPort radio = parse_endpoint(air, 5505, "--air");
    options.air_address = radio.host;
    options.air_port = radio.port;
    options.address = sim::house_address(index);
    options.server = ServerId{static_cast<std::uint8_t>(server)};
    options.join_key = join_key;
    options.settings_file = directory.board_settings(options.address);
    return options;
  }

  int run() const {
    const DataDirectory directory = DataDirectory::existing(data);
    const ServerId network{static_cast<std::uint8_t>(server)};
    const NumberedKey network_key = read_numbered_key_file(directory.network_key_file(network));
    const node::JoinKey join_key{wire::KeyId::kNetwork, network_key.generation, network_key.key};
    boost::asio::io_context io;
    std::size_t online = 0;
    std::vector<node::NodeState> states(modules, node::NodeState::kIdle);
    std::vector<std::unique_ptr<HouseBoard>> boards;
    for (std::size_t i = 0; i < modules; ++i) {
      const sim::ModulePlan& plan = sim::house_plan()[i];
      boards.push_back(
          std::make_unique<HouseBoard>(io, board_options(i, join_key, directory), plan, seed + i,
                                       [&, i, &plan = plan](node::NodeState state) {
                                         online += state == node::NodeState::kOnline;
                                         online -= states[i] == node::NodeState::kOnline;
                                         states[i] = state;
                                         spdlog::info("{}: {} ({} of {} online)", plan.name,
                                                      node::to_text(state), online, modules);
                                       }));
    }
    const auto older = s0_boards(io);
    HouseDoor door(io, boards);
    const std::string in_the_way = door.open(directory.root() / kHouseDoor);
    if (!in_the_way.empty()) spdlog::warn("Buttons can't be pressed: {}", in_the_way);
    for (const auto& board : boards) board->start();
    for (const auto& board : older) board->start();
    run_until_stopped(io, [&] {
      door.close();
      for (const auto& board : older) board->stop();
      for (const auto& board : boards) board->stop({});
    });
    return 0;
  }
};

struct PressCommand {
  std::string data = kDefaultData;
  std::string button;

  int run() const {
    const std::string answer = HouseDoor::ask(std::filesystem::path(data) / kHouseDoor, button);
    if (answer.empty()) {
      std::fprintf(stderr, "espial: no simulated house runs in %s\n", data.c_str());
      return 1;
    }
    const bool ok = answer.rfind("ok ", 0) == 0;
    const std::size_t begin = answer.find(' ') + 1;
    std::fputs((ok ? answer.substr(begin) : "espial: " + answer.substr(begin)).c_str(),
               ok ? stdout : stderr);
    return ok ? 0 : 1;
  }
};

void add_press(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "press", "Press a button of the simulated house: its lamp goes by it, with the hub dead too");
  const auto options = std::make_shared<PressCommand>();
  command->add_option("button", options->button, "Its name; without one: which are there");
  command->add_option("--data", options->data, "Where the house runs")->capture_default_str();
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace

/// house, press
void add_house_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "house", "A simulated house: boards on the simulated air that measure and take commands");
  const auto options = std::make_shared<HouseCommand>();
  command->add_option("--air", options->air, "HOST:PORT of the simulated air")
      ->capture_default_str();
  command
      ->add_option("--data", options->data,
                   "The hub's data, for the network key; the boards keep their own keys there")
      ->capture_default_str();
  command->add_option("--server", options->server, "Server ID of the network")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  command->add_option("--modules", options->modules, "How many of the house's modules to run")
      ->check(CLI::Range(std::size_t{1}, sim::house_plan().size()))
      ->capture_default_str();
  command->add_flag("--s0", options->s0, "Boards of S0's too; the hub has to be started with --s0");
  command->add_option("--seed", options->seed, "All chance comes from this number")
      ->capture_default_str();
  command->callback([options, &exit_code] { exit_code = options->run(); });
  add_press(app, exit_code);
}

}  // namespace espial::main
