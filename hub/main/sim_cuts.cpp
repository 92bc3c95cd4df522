#include "hub/main/sim_cuts.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "hub/main/elapsed.hpp"
#include "hub/main/progress_line.hpp"
#include "hub/main/sim_capture.hpp"
#include "hub/main/sim_report.hpp"
#include "hub/main/sim_shrink.hpp"
#include "hub/main/sim_wish.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/simulation.hpp"

namespace espial::main {
namespace {

/// In the order of the points, for who reads it.
using json = nlohmann::ordered_json;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kSaveEvery = std::chrono::seconds(2);
constexpr double kYear_s = 86'400 * 365.25;

}  // namespace

SimCuts::SimCuts(Wish wish) : wish_(std::move(wish)), next_seed_(wish_.first_seed) {}

sim::Scenario SimCuts::scenario() const {
  sim::Scenario scenario = sim::draw_cut_scenario(next_seed_);
  scenario.network.hub.store.answers_early = wish_.early_answers;
  return scenario;
}

void SimCuts::load() {
  std::ifstream file(wish_.state_path);
  if (!file) return;
  const json state = json::parse(file, nullptr, false);
  try {
    if (state.at("first_seed") != wish_.first_seed) {
      throw CLI::FileError(wish_.state_path + " is of runs from another seed; name another file");
    }
    next_seed_ = state.at("next_seed");
    network_s_ = state.at("network_s");
    board_s_ = state.at("board_s");
    coverage_.total = state.at("total");
    for (std::size_t i = 0; i < sim::kCutPoints; ++i) {
      coverage_.cuts[i] = state.at("cuts").at(to_text(static_cast<sim::CutPoint>(i)));
    }
  } catch (const json::exception&) {
    throw CLI::FileError(wish_.state_path + " is not what --state writes; name another file");
  }
}

/// Never half written: the old one is there until the new one is whole.
void SimCuts::save() const {
  if (wish_.state_path.empty()) return;
  json state{{"first_seed", wish_.first_seed}, {"next_seed", next_seed_},
             {"network_s", network_s_},        {"board_s", board_s_},
             {"wanted", wish_.cuts},           {"total", coverage_.total}};
  for (std::size_t i = 0; i < sim::kCutPoints; ++i) {
    state["cuts"][std::string(to_text(static_cast<sim::CutPoint>(i)))] = coverage_.cuts[i];
  }
  const std::string whole = wish_.state_path + ".new";
  std::ofstream file(whole, std::ios::trunc);
  file << state.dump(1) << '\n';
  file.close();
  if (!file || std::rename(whole.c_str(), wish_.state_path.c_str()) != 0) {
    throw CLI::FileError("can't write " + wish_.state_path + "; name a file in a folder of yours");
  }
}

int SimCuts::run(const volatile std::sig_atomic_t& stop_wanted) {
  if (!wish_.state_path.empty()) load();
  CryptoSodium crypto;
  ProgressLine progress;
  const auto began = SteadyClock::now();
  auto saved_at = began;
  while (coverage_.total < wish_.cuts && stop_wanted == 0) {
    sim::CutCoverage coverage = coverage_;
    sim::Simulation simulation(scenario(), crypto);
    simulation.cut_power(coverage);
    simulation.run();
    if (!simulation.violations().empty()) {
      progress.clear();
      report_broken(simulation, stop_wanted);
      return 1;
    }
    coverage_ = coverage;
    ++next_seed_;
    const double passed_s = static_cast<double>(simulation.network().now().us) / 1e6;
    network_s_ += passed_s;
    board_s_ += passed_s * static_cast<double>(simulation.network().board_count());
    progress.show(fmt::format("{} of {} power cuts", coverage_.total, wish_.cuts));
    if (SteadyClock::now() - saved_at < kSaveEvery) continue;
    saved_at = SteadyClock::now();
    save();
  }
  progress.clear();
  save();
  fmt::print(
      "{} power cuts in {} runs from seed {}, {:.2f} network-years and {:.2f} board-years "
      "simulated, no promise broken; {:.0f} s\n",
      coverage_.total, next_seed_ - wish_.first_seed, wish_.first_seed, network_s_ / kYear_s,
      board_s_ / kYear_s, seconds_since(began));
  return print_coverage() ? 0 : 1;
}

/// Where power is cut follows from how often it was before: the state from before the run says
/// that, and one cut more than it counts is wanted, which is that run and no other.
void SimCuts::report_broken(const sim::Simulation& simulation,
                            const volatile std::sig_atomic_t& stop_wanted) {
  if (wish_.state_path.empty()) wish_.state_path = fmt::format("espial-cuts-{}.state", next_seed_);
  if (wish_.pcapng.empty()) wish_.pcapng = fmt::format("espial-cuts-{}.pcapng", next_seed_);
  save();
  fmt::print(
      "Power cuts break a promise in run {}, after {} cuts. To see it again, with what was on the "
      "air in {}:\n"
      "  espial sim --power-cuts {} --seed {} --state {} --pcapng {}{}\n",
      next_seed_, coverage_.total, wish_.pcapng, coverage_.total + 1, wish_.first_seed,
      wish_.state_path, wish_.pcapng, wish_.early_answers ? " --early-answers" : "");
  print_sim_report(sim_report(simulation, 0));
  CryptoSodium crypto;
  SimCapture capture(wish_.pcapng);
  sim::CutCoverage coverage = coverage_;
  sim::Simulation again(scenario(), crypto);
  capture.watch(again);
  again.cut_power(coverage);
  again.run();
  if (!wish_.shrink) return;
  SimWish smaller;
  smaller.early_answers = wish_.early_answers;
  sim::Scenario whole = scenario();
  whole.cuts = simulation.cuts();
  make_smaller(stdout, smaller, next_seed_, whole, simulation, stop_wanted);
}

/// @retval false  a point was met too seldom for the number of cuts.
bool SimCuts::print_coverage() const {
  const std::uint64_t least = wish_.cuts / 1000;
  bool enough = true;
  for (std::size_t i = 0; i < sim::kCutPoints; ++i) {
    const bool seldom = coverage_.cuts[i] < least;
    fmt::print("  {:<40}{:>9}{}\n", to_text(static_cast<sim::CutPoint>(i)), coverage_.cuts[i],
               seldom ? fmt::format("  FEWER than {}", least) : "");
    enough = enough && !seldom;
  }
  return enough;
}

}  // namespace espial::main
