#pragma once

#include <csignal>
#include <cstdint>
#include <string>

#include "sim/network/cut_plan.hpp"
#include "sim/network/simulation.hpp"

namespace espial::main {

/// `espial sim --power-cuts`: small networks, one seed after the other, until power was cut so
/// often, and where.
class SimCuts {
 public:
  struct Wish {
    std::uint64_t cuts = 1;
    std::uint64_t first_seed = 1;
    /// How far it has come is written there between runs, and the next process that is asked for
    /// the same goes on from there; a run that breaks a promise is not passed, so that process
    /// meets it at once. Empty: only before such a run, in a file that is named after it.
    std::string state_path;
    /// A run that breaks a promise is done a second time, with what was on the air written here.
    /// Empty: to a file that is named after it.
    std::string pcapng;
    /// See SimWish::early_answers.
    bool early_answers = false;
    /// A run that breaks a promise is made smaller.
    bool shrink = false;
  };
  explicit SimCuts(Wish wish);

  /// Goes on until all cuts are done or `stop_wanted` says so, and prints where they fell.
  /// Throws CLI::FileError when the file of its state can't be used.
  /// @returns the program's exit code: 0 when no promise was broken and every point had its share.
  int run(const volatile std::sig_atomic_t& stop_wanted);

 private:
  void load();
  void save() const;
  void report_broken(const sim::Simulation& simulation,
                     const volatile std::sig_atomic_t& stop_wanted);
  sim::Scenario scenario() const;
  bool print_coverage() const;

  Wish wish_;
  std::uint64_t next_seed_;
  sim::CutCoverage coverage_;
  double network_s_ = 0;
  double board_s_ = 0;
};

}  // namespace espial::main
