#pragma once

#include <csignal>
#include <cstdint>
#include <string>

#include "sim/network/cut_plan.hpp"

namespace espial::main {

/// `espial sim --power-cuts`: small networks, one seed after the other, until power was cut so
/// often, and where.
class SimCuts {
 public:
  /// `wanted` cuts, from `first_seed` on. With `state_path`, how far it has come is written there
  /// between runs, and the next process that is asked for the same goes on from there; a run that
  /// breaks a promise is not passed, so that process meets it at once.
  SimCuts(std::uint64_t wanted, std::uint64_t first_seed, std::string state_path);

  /// Goes on until all cuts are done or `stop_wanted` says so, and prints where they fell.
  /// Throws CLI::FileError when the file of its state can't be used.
  /// @returns the program's exit code: 0 when no promise was broken and every point had its share.
  int run(const volatile std::sig_atomic_t& stop_wanted);

 private:
  void load();
  void save() const;
  bool print_coverage() const;

  std::uint64_t wanted_;
  std::uint64_t first_seed_;
  std::string state_path_;
  std::uint64_t next_seed_;
  sim::CutCoverage coverage_;
  double network_s_ = 0;
  double board_s_ = 0;
};

}  // namespace espial::main
