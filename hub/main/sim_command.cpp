#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>

#include "hub/main/commands.hpp"
#include "hub/main/elapsed.hpp"
#include "hub/main/progress_line.hpp"
#include "hub/main/sim_capture.hpp"
#include "hub/main/sim_cuts.hpp"
#include "hub/main/sim_options.hpp"
#include "hub/main/sim_report.hpp"
#include "hub/main/sim_shrink.hpp"
#include "hub/main/sim_timeline.hpp"
#include "hub/main/sim_wish.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/happenings.hpp"

namespace espial::main {
namespace {

using sim::Simulation;
using SteadyClock = std::chrono::steady_clock;

constexpr Duration kProgressStep = Duration::seconds(60);

volatile std::sig_atomic_t stop_wanted = 0;

/// So many runs, each with everything drawn, meet everything that a scenario can hold.
constexpr std::uint64_t kRunsThatMeetAll = 200;

/// Read as it stands: a negative number, or one too long, would be taken for another seed.
std::string refuse_seed(const std::string& text) {
  std::uint64_t seed = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seed);
  if (error == std::errc() && rest == end) return {};
  return fmt::format("\"{}\" is no seed; say a whole number from 0 to {}", text, UINT64_MAX);
}

/// `espial sim`: one run, or many.
struct SimCommand {
  SimWish wish;
  std::uint64_t runs = 1;
  std::uint64_t power_cuts = 0;
  std::string state;
  std::string pcapng;
  std::string plot;
  bool shrink = false;
  bool json = false;
  bool faults = false;

  /// @retval false  somebody pressed Ctrl-C.
  bool run_one(Simulation& simulation, ProgressLine& progress, SimTimeline* timeline) const {
    const Duration step = timeline != nullptr ? timeline->step() : kProgressStep;
    bool more = true;
    while (more) {
      if (stop_wanted != 0) return false;
      more = simulation.run_for(step);
      if (timeline != nullptr) timeline->look();
      const auto passed_s = simulation.network().now().us / 1'000'000;
      progress.show(fmt::format("{:.1f} %, {} h {:02} min simulated, {} reports stored",
                                simulation.progress_permille() / 10.0, passed_s / 3600,
                                passed_s / 60 % 60,
                                simulation.network().hub().store().stored_reports()));
    }
    return true;
  }

  int run_single() const {
    CryptoSodium crypto;
    ProgressLine progress;
    const std::clock_t began = std::clock();
    Simulation simulation(wish.scenario(wish.seed), crypto);
    std::optional<SimCapture> capture;
    if (!pcapng.empty()) capture.emplace(pcapng).watch(simulation);
    std::optional<SimTimeline> timeline;
    std::optional<std::ofstream> picture;
    if (!plot.empty()) {
      picture.emplace(plot);
      if (!*picture)
        throw CLI::FileError("can't write " + plot + "; name a file in a folder of yours");
      timeline.emplace(simulation);
      simulation.add_observer(*timeline);
    }
    const bool whole = run_one(simulation, progress, timeline ? &*timeline : nullptr);
    progress.clear();
    const auto report =
        sim_report(simulation, static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
    if (timeline) *picture << timeline->svg();
    if (json) {
      fmt::print("{}\n", report.dump(1));
    } else {
      print_sim_report(report);
      if (!whole) fmt::print("  stopped before its end\n");
    }
    if (!whole) return kept(simulation) ? 0 : 1;
    if (kept(simulation)) {
      return (wish.plain() ? all_met(happenings_of(simulation)) : sure_met(simulation)) ? 0 : 1;
    }
    if (pcapng.empty()) {
      tell_again(wish.seed);
      capture_again(wish.seed);
    }
    if (shrink) shrink_one(wish.seed, simulation);
    return 1;
  }

  void shrink_one(std::uint64_t seed, const Simulation& broken) const {
    make_smaller(words(), wish, seed, wish.scenario(seed), broken, stop_wanted);
  }

  /// Where words for people go: standard output may hold JSON for programs.
  std::FILE* words() const { return json ? stderr : stdout; }

  static bool kept(const Simulation& simulation) { return simulation.violations().empty(); }

  /// The command that runs a seed which broke a promise once more.
  void tell_again(std::uint64_t seed) const {
    const std::string file = capture_file(seed);
    fmt::print(words(), "To see it again, with what was on the air in {}:\n  {} --pcapng {}\n",
               file, wish.command_line(seed, wish.reduction()), file);
  }

  /// Runs it once more, for what was on the air.
  void capture_again(std::uint64_t seed) const {
    CryptoSodium crypto;
    ProgressLine progress;
    SimCapture capture(capture_file(seed));
    Simulation again(wish.scenario(seed), crypto);
    capture.watch(again);
    (void)run_one(again, progress, nullptr);
  }

  std::string capture_file(std::uint64_t seed) const {
    return pcapng.empty() ? fmt::format("espial-sim-{}.pcapng", seed) : pcapng;
  }

  /// A seed that breaks a promise: what, how to see it again, and what was on the air.
  int report_broken(std::uint64_t seed, const Simulation& simulation) const {
    fmt::print("Seed {} breaks a promise. ", seed);
    tell_again(seed);
    print_sim_report(sim_report(simulation, 0));
    capture_again(seed);
    if (shrink) shrink_one(seed, simulation);
    return 1;
  }

  void tell_missed(std::string_view name) const {
    fmt::print(words(), "{} was asked for and never happened: the run shows nothing about it\n",
               name);
  }

  /// Says which kinds of trouble were asked for and never came.
  bool all_met(const std::vector<sim::Happening>& happenings) const {
    bool all = true;
    for (const sim::Happening& happening : happenings) {
      if (happening.count > 0 || !happening.expected) continue;
      tell_missed(happening.name);
      all = false;
    }
    return all;
  }

  /// The same of one run in which others may be missed by chance.
  bool sure_met(const Simulation& simulation) const {
    const auto names = sim::missed(happenings_of(simulation));
    for (const std::string_view name : names) tell_missed(name);
    return names.empty();
  }

  int run_many() const {
    CryptoSodium crypto;
    ProgressLine progress;
    const auto began = SteadyClock::now();
    std::vector<sim::Happening> happened;
    std::array<std::uint64_t, sim::kStoreSteps> cuts{};
    double simulated_s = 0;
    std::uint64_t stored = 0;
    std::uint64_t done = 0;
    for (; done < runs && stop_wanted == 0; ++done) {
      const std::uint64_t seed = wish.seed + done;
      Simulation simulation(wish.scenario(seed), crypto);
      simulation.run();
      if (!kept(simulation)) {
        progress.clear();
        return report_broken(seed, simulation);
      }
      if (!sure_met(simulation)) {
        progress.clear();
        fmt::print("That was seed {}:\n  {}\n", seed, wish.command_line(seed, wish.reduction()));
        return 1;
      }
      add(happened, happenings_of(simulation));
      for (std::size_t i = 0; i < cuts.size(); ++i) {
        cuts[i] += simulation.network().hub().store().counters().cuts[i];
      }
      simulated_s += static_cast<double>(simulation.network().now().us) / 1e6;
      stored += simulation.reports().totals().stored;
      progress.show(fmt::format("{} of {} seeds, {} reports stored", done + 1, runs, stored));
    }
    progress.clear();
    fmt::print(
        "{} seeds from {}, {:.1f} days simulated, {} reports stored, no promise broken; "
        "{:.0f} s\n",
        done, wish.seed, simulated_s / 86'400, stored, seconds_since(began));
    for (const sim::Happening& happening : happened) {
      fmt::print("  {:<24}{}\n", happening.name, happening.count);
    }
    fmt::print("  {:<24}{} idle, {} waiting, {} durable and not told\n", "hub cut at store step",
               cuts[0], cuts[1], cuts[2]);
    return done < kRunsThatMeetAll || all_met(happened) ? 0 : 1;
  }

  int run() const {
    std::signal(SIGINT, [](int) { stop_wanted = 1; });
    std::signal(SIGTERM, [](int) { stop_wanted = 1; });
    if (faults) {
      for (std::size_t i = 0; i < sim::kFaults; ++i) {
        fmt::print("{}\n", to_text(static_cast<sim::Fault>(i)));
      }
      return 0;
    }
    if (power_cuts > 0)
      return SimCuts({power_cuts, wish.seed, state, pcapng, wish.early_answers, shrink})
          .run(stop_wanted);
    return runs > 1 ? run_many() : run_single();
  }
};

}  // namespace

void add_sim_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "sim",
      "A whole network in virtual time: the same code as on boards and hub, everything else drawn "
      "from one seed. Without --nodes the seed decides all, troubles included");
  const auto options = std::make_shared<SimCommand>();
  command->add_option("--seed", options->wish.seed, "All chance comes from this number")
      ->check(CLI::Validator(refuse_seed, ""))
      ->capture_default_str();
  command->add_option("--runs", options->runs, "So many seeds one after the other, from --seed on")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  command
      ->add_option("--power-cuts", options->power_cuts,
                   "Cut power so often in small networks, in every state and at every step of the "
                   "store, and say how often at each")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  command
      ->add_option("--state", options->state,
                   "With --power-cuts: write to this file how far it is, and go on from there when "
                   "asked for the same again")
      ->needs("--power-cuts");
  options->wish.add_options(*command);
  command->add_option("--pcapng", options->pcapng,
                      "Write down everything on the air, for Wireshark, in the network's own time; "
                      "with --runs and --power-cuts: of the run that breaks a promise");
  command->add_option("--plot", options->plot,
                      "Draw delays, the share of the air and a map, as SVG");
  command->add_flag(
      "--shrink", options->shrink,
      "Look for a smaller scenario that breaks the same promise, and say how to run it");
  command->add_flag("--faults", options->faults, "Only list the kinds of trouble there are");
  command->add_flag("--json", options->json, "The report as JSON");
  command->callback([options, command, &exit_code] {
    refuse_idle_options(*command);
    exit_code = options->run();
  });
}

}  // namespace espial::main
