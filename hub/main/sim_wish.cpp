#include "hub/main/sim_wish.hpp"

#include <fmt/format.h>

namespace espial::main {

sim::Reduction SimWish::reduction() const {
  sim::Reduction reduction;
  if (!only_boards.empty()) reduction.boards = only_boards;
  if (!only_gateways.empty()) reduction.gateways = only_gateways;
  if (!only_faults.empty()) {
    reduction.faults.emplace();
    for (const std::string& name : only_faults) {
      if (name == "none") continue;
      const auto fault = sim::fault_named(name);
      if (!fault) {
        throw CLI::ValidationError(
            "--only-faults", "there is no \"" + name + "\"; `espial sim --faults` lists them");
      }
      reduction.faults->push_back(*fault);
    }
  }
  if (span_us > 0) reduction.span = Duration::microseconds(span_us);
  reduction.commands = !no_commands;
  return reduction;
}

sim::Scenario SimWish::whole(std::uint64_t this_seed) const {
  if (!plain()) return sim::draw_scenario(this_seed);
  sim::PlainNetwork network;
  network.seed = this_seed;
  network.boards = nodes;
  network.gateways = gateways;
  network.span = Duration::milliseconds(static_cast<std::int64_t>(hours * 3'600'000));
  network.report_interval = Duration::milliseconds(static_cast<std::int64_t>(interval_s * 1000));
  network.square_m = square_m;
  network.loss_permille = static_cast<std::uint32_t>(loss_percent * 10);
  network.sleeper_percent = sleepers_percent;
  return sim::plain_scenario(network);
}

sim::Scenario SimWish::scenario(std::uint64_t this_seed) const {
  const auto left = sim::reduced(whole(this_seed), reduction());
  if (!left) {
    throw CLI::ValidationError("--only-boards, --only-gateways",
                               "name boards and gateways of this seed, counted from 0, and at "
                               "least one gateway that is no spare");
  }
  return *left;
}

std::string SimWish::command_line(std::uint64_t this_seed, const sim::Reduction& left) const {
  std::string text = fmt::format("espial sim --seed {}", this_seed);
  if (plain()) {
    text += fmt::format(" --nodes {} --gateways {} --hours {} --loss {} --interval {} --square {}",
                        nodes, gateways, hours, loss_percent, interval_s, square_m);
    if (sleepers_percent > 0) text += fmt::format(" --sleepers {}", sleepers_percent);
  }
  return text + sim::to_options(left);
}

void SimWish::add_options(CLI::App& command) {
  command.add_option("--nodes", nodes, "A plain network of so many boards")
      ->check(CLI::Range(1, 4000));
  command.add_option("--gateways", gateways, "With --nodes: how many gateways, all on one channel")
      ->check(CLI::Range(1, 50))
      ->capture_default_str();
  command.add_option("--hours", hours, "With --nodes: how long, in its own time")
      ->check(CLI::Range(0.01, 100'000.0))
      ->capture_default_str();
  command.add_option("--interval", interval_s, "With --nodes: seconds between reports")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  command.add_option("--loss", loss_percent, "With --nodes: transmissions lost, percent")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command
      .add_option("--square", square_m,
                  "With --nodes: side in metres of the square around each gateway; 0: one room")
      ->check(CLI::Range(0, 150))
      ->capture_default_str();
  command
      .add_option("--sleepers", sleepers_percent,
                  "With --nodes: so many boards, in percent, sleep between their reports")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command.add_option("--only-boards", only_boards, "Only these boards, counted from 0: 0,3,4")
      ->delimiter(',');
  command.add_option("--only-gateways", only_gateways, "Only these gateways, counted from 0")
      ->delimiter(',');
  command.add_option("--only-faults", only_faults, "Only these kinds of trouble, or none")
      ->delimiter(',');
  command.add_option("--span-us", span_us, "Trouble and reports end after so many microseconds")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 50));
  command.add_flag("--no-commands", no_commands, "Nobody commands anything");
}

}  // namespace espial::main
