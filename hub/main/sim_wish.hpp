#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/network/reduction.hpp"

namespace espial::main {

/// The network that a person asks `espial sim` for, and what of it they want left out.
struct SimWish {
  std::uint64_t seed = 1;
  std::uint32_t nodes = 0;
  std::uint32_t gateways = 1;
  double hours = 1;
  double loss_percent = 0;
  double interval_s = 10;
  std::uint32_t square_m = 75;
  std::uint32_t sleepers_percent = 0;
  std::string chip = "esp32c3";
  std::vector<std::uint32_t> only_boards;
  std::vector<std::uint32_t> only_gateways;
  std::vector<std::string> only_s0;
  std::vector<std::string> only_rooms;
  std::vector<std::string> only_faults;
  std::vector<std::string> only_hardships;
  std::vector<std::string> cut_at;
  std::int64_t span_us = 0;
  bool no_commands = false;
  /// A broken store, for whoever wants to see what a broken promise looks like.
  bool early_answers = false;

  /// Somebody said what network they want; otherwise everything is drawn from the seed.
  bool plain() const { return nodes > 0; }
  /// One of the small networks of --power-cuts, and where power is cut in it.
  bool cut() const { return !cut_at.empty(); }
  /// What is left of it. Throws CLI::ValidationError, which says what to write instead.
  sim::Reduction reduction() const;
  /// All of it, under any seed. Throws the same.
  sim::Scenario scenario(std::uint64_t this_seed) const;
  /// The command line that asks for the same of one seed, or for less of it.
  std::string command_line(std::uint64_t this_seed, const sim::Reduction& left) const;

  /// The options that fill it.
  void add_options(CLI::App& command);

 private:
  sim::Scenario whole(std::uint64_t this_seed) const;
};

}  // namespace espial::main
