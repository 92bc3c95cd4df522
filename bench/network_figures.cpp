// What simulated networks cost and what they do: figures of bench/RESULTS.md. All but the CPU time
// follows from the seeds.

#include <spdlog/fmt/fmt.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <vector>

#include "bench/null_crypto.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/hidden_pairs.hpp"
#include "sim/network/simulation.hpp"
#include "sim/network/timings.hpp"

namespace espial::bench {
namespace {

double seconds(Duration span) { return static_cast<double>(span.us) / 1e6; }

double percent(Duration part, Duration whole) {
  return 100 * static_cast<double>(part.us) / static_cast<double>(whole.us);
}

double cpu_us() { return 1e6 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Duration busiest_channel(const sim::Network& network) {
  const auto& airtime = network.air().counters().airtime;
  return *std::max_element(airtime.begin(), airtime.end());
}

const char* verdict(const sim::Simulation& simulation) {
  return simulation.violations().empty() ? "no promise broken" : "A PROMISE IS BROKEN";
}

/// A network as espial sim --nodes runs it, and what a stored report costs: once with the joins of
/// all boards, and once without the first `kJoining`.
void cost(const sim::PlainNetwork& plain, bool null_cipher) {
  constexpr Duration kJoining = Duration::seconds(180);
  CryptoSodium sodium;
  NullCrypto none(sodium);
  const double began = cpu_us();
  const sim::Scenario scenario = sim::plain_scenario(plain);
  const double hidden = sim::hidden_pairs(scenario.network).percent();
  sim::Simulation simulation(scenario, null_cipher ? static_cast<Crypto&>(none) : sodium);
  (void)simulation.run_for(kJoining);
  const double joined = cpu_us();
  const auto first = static_cast<double>(simulation.reports().totals().stored);
  const std::uint64_t first_events = simulation.network().events();
  simulation.run();
  const double ended = cpu_us();
  const auto totals = simulation.reports().totals();
  const auto stored = static_cast<double>(totals.stored);
  // What the network itself does for a report, and how crowded it is: the same on every machine.
  const auto events = static_cast<double>(simulation.network().events() - first_events);
  const auto attempts = static_cast<double>(simulation.network().air().counters().attempts);
  const auto late = totals.stored - simulation.reports().stored_within(Duration::seconds(60));
  fmt::print(
      "{:5} boards, {} gateways on {}, {:.0f} % of pairs hidden{}: {} of {} reports stored, {} of "
      "them later than 60 s; "
      "{:.1f} us a stored report, {:.1f} us after the first {:.0f} s, and then {:.1f} events each; "
      "{:.1f} frames sent a report; channel busy {:.1f} %; {}\n",
      plain.boards, plain.gateways, plain.channels.size() == 1 ? "one channel" : "1, 6 and 11",
      hidden, null_cipher ? ", null cipher" : "", totals.stored, totals.submitted, late,
      (ended - began) / stored, (ended - joined) / (stored - first), seconds(kJoining),
      events / (stored - first), attempts / stored,
      percent(busiest_channel(simulation.network()), plain.span),
      null_cipher ? "not judged: any key opens anything" : verdict(simulation));
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  double all_pages = 0;
  double resident_pages = 0;
  statm >> all_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

/// A long run, and its memory at every hour of the network's own time: what grows is seen.
void day(std::uint32_t boards, int hours) {
  sim::PlainNetwork plain;
  plain.seed = 7;
  plain.boards = boards;
  plain.loss_permille = 100;
  plain.span = Duration::seconds(3600) * hours;
  CryptoSodium crypto;
  const double began = cpu_us();
  sim::Simulation simulation(sim::plain_scenario(plain), crypto);
  double first_mb = 0;
  for (int hour = 1; simulation.run_for(Duration::seconds(3600)); ++hour) {
    if (hour == 1) first_mb = resident_mb();
    fmt::print("{:3} h: {} reports stored, {:.1f} MB\n", hour,
               simulation.network().hub().store().stored_reports(), resident_mb());
    std::fflush(stdout);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto totals = simulation.reports().totals();
  fmt::print(
      "{} boards, {} hours: {} of {} reports stored, {} of them later than 60 s; {:.1f} us of CPU "
      "a stored report; memory {:.1f} MB after the first hour, {:.1f} MB at the end, {:.1f} MB at "
      "most; digest {:016x}; {}\n",
      boards, hours, totals.stored, totals.submitted,
      totals.stored - simulation.reports().stored_within(Duration::seconds(60)),
      (cpu_us() - began) / static_cast<double>(totals.stored), first_mb, resident_mb(),
      static_cast<double>(usage.ru_maxrss) * 1024 / 1e6, simulation.network().digest(),
      verdict(simulation));
}

void costs(double minutes, std::uint32_t only, std::uint32_t square_m) {
  const std::vector<Channel> one{Channel{6}};
  const std::vector<Channel> three{Channel{1}, Channel{6}, Channel{11}};
  struct Size {
    std::uint32_t boards;
    std::uint32_t gateways;
    const std::vector<Channel>& channels;
  };
  for (const bool null_cipher : {false, true}) {
    for (const Size& size : {Size{20, 1, one}, Size{200, 1, one}, Size{1000, 4, one},
                             Size{2000, 8, one}, Size{2000, 8, three}}) {
      if (only != 0 && size.boards != only) continue;
      sim::PlainNetwork plain;
      plain.seed = 7;
      plain.boards = size.boards;
      plain.gateways = size.gateways;
      plain.channels = size.channels;
      plain.loss_permille = 100;
      plain.square_m = square_m;
      plain.span = Duration::milliseconds(static_cast<std::int64_t>(minutes * 60'000));
      cost(plain, null_cipher);
    }
  }
}

/// 255 boards of one gateway, and a hub that is away for a while; one pair of seven is hidden.
void rejoin() {
  CryptoSodium crypto;
  constexpr std::uint64_t kSeeds = 20;
  for (const std::int64_t away_s : {2, 30, 600}) {
    std::vector<Duration> spans;
    std::vector<Duration> airtimes;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const auto times = sim::time_return(seed, 255, Duration::seconds(away_s), crypto);
      if (times.all_stored) spans.push_back(*times.all_stored);
      airtimes.push_back(times.airtime);
    }
    std::sort(spans.begin(), spans.end());
    std::sort(airtimes.begin(), airtimes.end());
    if (spans.size() < kSeeds) fmt::print("NOT ALL BOARDS ARE BACK. ");
    if (spans.empty()) continue;
    fmt::print(
        "hub away for {} s, {} networks: a report of each of 255 boards stored after {:.1f} s in "
        "the median, {:.1f} s at worst; {:.2f} s of airtime\n",
        away_s, spans.size(), seconds(sim::quantile(spans, 500)), seconds(spans.back()),
        seconds(sim::quantile(airtimes, 500)));
  }
}

/// One board that has power for the first time (cold), and again with its key (resume).
void join() {
  constexpr std::uint64_t kSeeds = 1000;
  struct Chip {
    const char* name;
    sim::ChipSpeed speed;
  };
  CryptoSodium crypto;
  for (const Chip& chip : {Chip{"no crypto time", {}}, Chip{"ESP8266", sim::kEsp8266Speed},
                           Chip{"ESP32-C3", sim::kEsp32C3Speed}}) {
    std::vector<Duration> cold;
    std::vector<Duration> resume;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const sim::JoinTimes times = sim::time_join(seed, chip.speed, crypto);
      cold.push_back(times.cold);
      resume.push_back(times.resume);
    }
    for (auto* const times : {&cold, &resume}) {
      std::sort(times->begin(), times->end());
      fmt::print("{:>14}, {}: median {} ms, p99 {} ms\n", chip.name,
                 times == &cold ? "cold join on an unknown channel" : "resume after a power loss",
                 sim::quantile(*times, 500).ms(), sim::quantile(*times, 990).ms());
    }
  }
}

/// Ends when everything given to the air is acknowledged.
struct Sink final : sim::AirSink {
  void on_delivery(Instant, sim::RadioId, const ReceivedFrame&) override {}
  void on_sent(Instant at, sim::RadioId, bool) override { ended = at; }
  Instant ended;
};

/// How long S0's module is busy with three functions: a struct of 36 bytes each.
Duration s0_frames() {
  sim::AirSettings settings;
  sim::Air air(settings);
  Sink sink;
  sim::RadioSettings module;
  module.address = MacAddress{{2, 0, 0, 0, 0, 1}};
  sim::RadioSettings server;
  server.address = MacAddress{{2, 0, 0, 0, 0, 2}};
  const auto sender = air.add_radio(Instant{}, module);
  (void)air.add_radio(Instant{}, server);
  const std::vector<std::uint8_t> data(36, 1);
  for (int function = 0; function < 3; ++function) {
    (void)air.transmit(sink.ended, *sender, server.address, {data.data(), data.size()});
    air.advance(sink.ended + Duration::seconds(1), sink);
  }
  return sink.ended - Instant{};
}

/// Wakes of a sleeper with three reports: from its first instruction to where it may sleep again.
void wake() {
  CryptoSodium crypto;
  const std::vector<Duration> spans = sim::time_wakes(200, crypto);
  fmt::print(
      "warm wake with three functions: median {:.2f} ms, longest {:.2f} ms of radio; "
      "S0's three frames: {:.2f} ms\n",
      1e3 * seconds(sim::quantile(spans, 500)), 1e3 * seconds(spans.back()),
      1e3 * seconds(s0_frames()));
}

}  // namespace
}  // namespace espial::bench

int main(int count, char** arguments) {
  CLI::App app("Figures of simulated networks");
  app.require_subcommand(1);
  double minutes = 30;
  auto* const cost = app.add_subcommand("cost", "CPU a stored report, from 20 to 2 000 boards");
  cost->add_option("--minutes", minutes, "How long, in the network's own time")
      ->check(CLI::Range(5.0, 100'000.0))
      ->capture_default_str();
  std::uint32_t only = 0;
  cost->add_option("--boards", only, "Only that many: 20, 200, 1000 or 2000; 0: all")
      ->capture_default_str();
  std::uint32_t square_m = 75;
  cost->add_option("--square", square_m, "Metres; each gateway's boards stand in a square of it")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  cost->callback([&] { espial::bench::costs(minutes, only, square_m); });
  std::uint32_t boards = 200;
  int hours = 24;
  auto* const day = app.add_subcommand("day", "A long run, and its memory at every hour");
  day->add_option("--boards", boards, "How many")->capture_default_str();
  day->add_option("--hours", hours, "How long, in the network's own time")->capture_default_str();
  day->callback([&] { espial::bench::day(boards, hours); });
  app.add_subcommand("rejoin", "255 boards after a hub was killed")
      ->callback(espial::bench::rejoin);
  app.add_subcommand("join", "Cold joins and resumes, by chip")->callback(espial::bench::join);
  app.add_subcommand("wake", "Radio-on time of a warm wake, beside S0's frames")
      ->callback(espial::bench::wake);
  CLI11_PARSE(app, count, arguments);
  return 0;
}
