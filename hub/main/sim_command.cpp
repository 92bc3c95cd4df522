#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/main/commands.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/simulation.hpp"

namespace espial::main {
namespace {

using sim::Simulation;
using SteadyClock = std::chrono::steady_clock;

constexpr Duration kProgressStep = Duration::seconds(60);
constexpr auto kProgressEvery = std::chrono::milliseconds(200);

volatile std::sig_atomic_t stop_wanted = 0;

/// A line that is written over itself on a terminal, and not at all elsewhere.
class Progress {
 public:
  ~Progress() { clear(); }
  void show(const std::string& text) {
    const auto now = SteadyClock::now();
    if (!terminal_ || now - shown_at_ < kProgressEvery) return;
    shown_at_ = now;
    fmt::print(stderr, "\r\033[K{}", text);
    std::fflush(stderr);
  }
  void clear() {
    if (terminal_ && shown_at_ != SteadyClock::time_point{}) fmt::print(stderr, "\r\033[K");
  }

 private:
  const bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  SteadyClock::time_point shown_at_{};
};

double seconds_since(SteadyClock::time_point began) {
  return std::chrono::duration<double>(SteadyClock::now() - began).count();
}

nlohmann::json violations_json(const Simulation& simulation) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [what, entry] : simulation.violations().entries()) {
    list.push_back({{"what", what},
                    {"count", entry.count},
                    {"first_at_ms", entry.first_at.us / 1000},
                    {"first", entry.first}});
  }
  return list;
}

/// How much of the time our own frames were on the channel that has most of them.
std::int64_t busiest_channel_permille(const sim::Network& network) {
  Duration most;
  for (const Duration on_air : network.air().counters().airtime) most = std::max(most, on_air);
  return most.us * 1000 / std::max<std::int64_t>(network.now().us, 1);
}

nlohmann::json report_of(const Simulation& simulation, double cpu_s) {
  const auto reports = simulation.reports().totals();
  const auto commands = simulation.commands().totals();
  const auto& air = simulation.network().air().counters();
  nlohmann::json faults;
  for (std::size_t i = 0; i < sim::kFaults; ++i) {
    const std::uint64_t count = simulation.faults().counts()[i];
    if (count > 0) faults[std::string(to_text(static_cast<sim::Fault>(i)))] = count;
  }
  const auto settling = simulation.settling_time();
  return {{"boards", simulation.network().board_count()},
          {"gateways", simulation.network().gateway_count()},
          {"simulated_s", simulation.network().now().us / 1'000'000},
          {"reports",
           {{"submitted", reports.submitted},
            {"stored", reports.stored},
            {"held", reports.held},
            {"dropped", reports.dropped},
            {"refused", reports.refused},
            {"gone_with_ring", reports.gone_with_ring}}},
          {"delay_ms",
           {{"p50", simulation.reports().delay_ms(500)},
            {"p99", simulation.reports().delay_ms(990)},
            {"p999", simulation.reports().delay_ms(999)},
            {"later_than_60_s", simulation.reports().later_than(Duration::seconds(60))}}},
          {"commands",
           {{"given", commands.given},
            {"executed", commands.ended_executed},
            {"refused", commands.ended_refused},
            {"expired", commands.ended_expired}}},
          {"air",
           {{"frames", air.transmissions},
            {"attempts", air.attempts},
            {"collisions", air.collisions},
            {"captures", air.captures},
            {"not_decoded", air.undecoded()},
            {"acks_lost", air.acks_lost},
            {"unanswered", air.unanswered},
            {"busiest_channel_permille", busiest_channel_permille(simulation.network())}}},
          {"faults", faults},
          {"settled_after_ms", settling ? nlohmann::json(settling->ms()) : nlohmann::json()},
          {"events", simulation.network().events()},
          {"cpu_us_per_stored_report",
           cpu_s * 1e6 / std::max(1.0, static_cast<double>(reports.stored))},
          {"digest", fmt::format("{:016x}", simulation.network().digest())},
          {"violations", violations_json(simulation)}};
}

void print_report(const nlohmann::json& report) {
  const auto& reports = report["reports"];
  const auto& delay = report["delay_ms"];
  const auto& air = report["air"];
  const double submitted = std::max(reports["submitted"].get<double>(), 1.0);
  fmt::print("{} boards, {} gateways, {:.1f} h\n", report["boards"].get<int>(),
             report["gateways"].get<int>(), report["simulated_s"].get<double>() / 3600);
  fmt::print("  stored      {} of {} reports, {:.3f} %\n", reports["stored"].get<long>(),
             reports["submitted"].get<long>(), 100 * reports["stored"].get<double>() / submitted);
  fmt::print("  not stored  {} held, {} dropped from full rings, {} gone with a board's power\n",
             reports["held"].get<long>(), reports["dropped"].get<long>(),
             reports["gone_with_ring"].get<long>());
  fmt::print("  delay       p50 {} ms, p99 {} ms, p99.9 {} ms; {} later than 60 s\n",
             delay["p50"].get<long>(), delay["p99"].get<long>(), delay["p999"].get<long>(),
             delay["later_than_60_s"].get<long>());
  fmt::print("  in time     {:.4f} % stored within 60 s of being taken\n",
             100 - 100 * delay["later_than_60_s"].get<double>() / submitted);
  fmt::print("  air         {} frames, {} attempts, {:.1f} % of the time on the busiest channel\n",
             air["frames"].get<long>(), air["attempts"].get<long>(),
             air["busiest_channel_permille"].get<double>() / 10);
  fmt::print(
      "  not decoded {}, {} of them by collisions; {} acknowledgements lost, {} unanswered\n",
      air["not_decoded"].get<long>(), air["collisions"].get<long>(), air["acks_lost"].get<long>(),
      air["unanswered"].get<long>());
  const auto& commands = report["commands"];
  if (commands["given"] != 0) {
    fmt::print("  commands    {} given: {} executed, {} refused, {} expired\n",
               commands["given"].get<long>(), commands["executed"].get<long>(),
               commands["refused"].get<long>(), commands["expired"].get<long>());
  }
  for (const auto& [fault, count] : report["faults"].items()) {
    fmt::print("  fault       {} {}\n", count.get<long>(), fault);
  }
  fmt::print("  cost        {} events, {:.1f} us a stored report\n", report["events"].get<long>(),
             report["cpu_us_per_stored_report"].get<double>());
  fmt::print("  digest      {}\n", report["digest"].get<std::string>());
  for (const auto& violation : report["violations"]) {
    fmt::print("  BROKEN      {}, {} times, first at {} ms: {}\n",
               violation["what"].get<std::string>(), violation["count"].get<long>(),
               violation["first_at_ms"].get<long>(), violation["first"].get<std::string>());
  }
}

struct SimCommand {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1;
  std::uint32_t nodes = 0;
  std::uint32_t gateways = 1;
  double hours = 1;
  double loss_percent = 0;
  double interval_s = 10;
  std::uint32_t square_m = 50;
  bool json = false;

  /// Somebody said what network they want; otherwise everything is drawn from the seed.
  bool plain() const { return nodes > 0; }

  sim::Scenario scenario(std::uint64_t this_seed) const {
    if (!plain()) return sim::draw_scenario(this_seed);
    sim::PlainNetwork network;
    network.seed = this_seed;
    network.boards = nodes;
    network.gateways = gateways;
    network.span = Duration::milliseconds(static_cast<std::int64_t>(hours * 3'600'000));
    network.report_interval = Duration::milliseconds(static_cast<std::int64_t>(interval_s * 1000));
    network.square_m = square_m;
    network.loss_permille = static_cast<std::uint32_t>(loss_percent * 10);
    return sim::plain_scenario(network);
  }

  /// @retval false  somebody pressed Ctrl-C.
  bool run_one(Simulation& simulation, Progress& progress) const {
    while (simulation.run_for(kProgressStep)) {
      if (stop_wanted != 0) return false;
      const auto totals = simulation.network().now().us / 1'000'000;
      progress.show(fmt::format("{:.1f} %, {} h {:02} min simulated",
                                simulation.progress_permille() / 10.0, totals / 3600,
                                totals / 60 % 60));
    }
    return true;
  }

  int run_single() const {
    CryptoSodium crypto;
    Progress progress;
    const std::clock_t began = std::clock();
    Simulation simulation(scenario(seed), crypto);
    const bool whole = run_one(simulation, progress);
    progress.clear();
    const auto report =
        report_of(simulation, static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
    if (json) {
      fmt::print("{}\n", report.dump(1));
    } else {
      print_report(report);
      if (!whole) fmt::print("  stopped before its end\n");
    }
    return simulation.violations().empty() ? 0 : 1;
  }

  int run_many() const {
    CryptoSodium crypto;
    Progress progress;
    const auto began = SteadyClock::now();
    sim::FaultPlan::Counts faults{};
    std::array<std::uint64_t, sim::kStoreSteps> cuts{};
    double simulated_s = 0;
    std::uint64_t stored = 0;
    std::uint64_t done = 0;
    for (; done < runs && stop_wanted == 0; ++done) {
      const std::uint64_t this_seed = seed + done;
      Simulation simulation(scenario(this_seed), crypto);
      simulation.run();
      if (!simulation.violations().empty()) {
        progress.clear();
        fmt::print("seed {} breaks a promise; again with: espial sim --seed {}\n", this_seed,
                   this_seed);
        print_report(report_of(simulation, 0));
        return 1;
      }
      for (std::size_t i = 0; i < sim::kFaults; ++i) faults[i] += simulation.faults().counts()[i];
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
        done, seed, simulated_s / 86'400, stored, seconds_since(began));
    for (std::size_t i = 0; i < sim::kFaults; ++i) {
      fmt::print("  {:<24}{}\n", to_text(static_cast<sim::Fault>(i)), faults[i]);
    }
    fmt::print("  {:<24}{} idle, {} waiting, {} durable and not told\n", "hub cut at store step",
               cuts[0], cuts[1], cuts[2]);
    return 0;
  }

  int run() const {
    std::signal(SIGINT, [](int) { stop_wanted = 1; });
    std::signal(SIGTERM, [](int) { stop_wanted = 1; });
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
  command->add_option("--seed", options->seed, "All chance comes from this number")
      ->capture_default_str();
  command->add_option("--runs", options->runs, "So many seeds one after the other, from --seed on")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  command->add_option("--nodes", options->nodes, "A plain network of so many boards")
      ->check(CLI::Range(1, 4000));
  command
      ->add_option("--gateways", options->gateways,
                   "With --nodes: how many gateways, all on one channel")
      ->check(CLI::Range(1, 50))
      ->capture_default_str();
  command->add_option("--hours", options->hours, "With --nodes: how long, in its own time")
      ->check(CLI::Range(0.01, 100'000.0))
      ->capture_default_str();
  command->add_option("--interval", options->interval_s, "With --nodes: seconds between reports")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  command->add_option("--loss", options->loss_percent, "With --nodes: transmissions lost, percent")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command
      ->add_option("--square", options->square_m,
                   "With --nodes: side in metres of the square around each gateway; 0: one room")
      ->check(CLI::Range(0, 150))
      ->capture_default_str();
  command->add_flag("--json", options->json, "The report as JSON");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
