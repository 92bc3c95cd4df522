// What a simulated network costs and what it does: the figures of bench/RESULTS.md.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <ctime>

#include "bench/null_crypto.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/simulation.hpp"

namespace {

using namespace espial;

struct Options {
  std::uint64_t seed = 7;
  std::uint32_t nodes = 200;
  std::uint32_t gateways = 1;
  double minutes = 30;
  double loss_percent = 10;
  double interval_s = 10;
  std::uint32_t square_m = 50;
  bool null_cipher = false;
  bool types = false;
  bool fast = false;
};

struct TypeTap : sim::AirTap {
  std::array<std::array<std::uint64_t, 16>, 2> count{};
  std::array<std::array<double, 16>, 2> ms{};
  void on_transmission(const sim::Transmission& t) override {
    if (t.acknowledgement || t.body.empty()) return;
    const auto type = static_cast<std::size_t>(t.body[0] >> 4U);
    const std::size_t who = t.source.octets[1] == 9 ? 1 : 0;
    ++count[who][type];
    ms[who][type] += static_cast<double>((t.end - t.start).us) / 1000;
  }
  void show() {
    for (std::size_t who = 0; who < 2; ++who)
      for (std::size_t type = 0; type < 16; ++type)
        if (count[who][type]) fmt::print("   {} type {}: {} attempts {:.0f} ms\n", who ? "gw" : "node", type, count[who][type], ms[who][type]);
    count = {}; ms = {};
  }
};

int run_cost(const Options& options) {
  CryptoSodium sodium;
  bench::NullCrypto none(sodium);
  sim::PlainNetwork plain;
  plain.seed = options.seed;
  plain.boards = options.nodes;
  plain.gateways = options.gateways;
  plain.span = Duration::milliseconds(static_cast<std::int64_t>(options.minutes * 60'000));
  plain.report_interval = Duration::milliseconds(static_cast<std::int64_t>(options.interval_s * 1000));
  if (options.fast) plain.rates = sim::kEsp8266Rates;
  plain.square_m = options.square_m;
  plain.loss_permille = static_cast<std::uint32_t>(options.loss_percent * 10);
  const std::clock_t began = std::clock();
  sim::Simulation simulation(sim::plain_scenario(plain),
                             options.null_cipher ? static_cast<Crypto&>(none) : sodium);
  auto line = [&] {
    const auto totals = simulation.reports().totals();
    std::uint64_t online = 0;
    node::Counters sum;
    std::uint64_t links = 0, searches = 0, joins = 0, resumes = 0, sent = 0, failed = 0, repeated = 0;
    for (std::uint32_t i = 0; i < options.nodes; ++i) {
      const auto& b = simulation.network().board(i);
      online += b.online();
      if (!b.on()) continue;
      const auto& c = b.node()->counters();
      links += c[node::Count::kLinksLost];
      searches += c[node::Count::kSearches];
      joins += c[node::Count::kJoins];
      resumes += c[node::Count::kResumes];
      sent += c[node::Count::kFramesSent];
      failed += c[node::Count::kSendsFailed];
      repeated += b.node()->ring().counters().repeated;
    }
    const auto& a = simulation.network().air().counters();
    fmt::print("{:6.0f}s online {} sub {} stored {} held {} drop {} | links {} searches {} joins {} resumes {} sent {} failed {} repeated {} | tx {} att {} coll {} unans {} airtime {:.1f}% events {} p50 {} p99 {} p999 {} late {}  cpu {:.1f}us\n",
               static_cast<double>(simulation.network().now().us) / 1e6, online, totals.submitted, totals.stored, totals.held, totals.dropped,
               links, searches, joins, resumes, sent, failed, repeated, a.transmissions, a.attempts, a.collisions, a.unanswered,
               static_cast<double>(a.airtime[6].us) * 100 / static_cast<double>(simulation.network().now().us),
               simulation.network().events(), simulation.reports().delay_ms(500), simulation.reports().delay_ms(990), simulation.reports().delay_ms(999),
               simulation.reports().later_than(Duration::seconds(60)),
               1e6 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC / static_cast<double>(totals.stored + 1));
    std::fflush(stdout);
  };
  int steps = 0;
  TypeTap tap;
  simulation.add_tap(tap);
  auto gw = [&] {
    std::map<std::string, std::uint64_t> sum;
    for (std::uint32_t i = 0; i < options.gateways; ++i) {
      const auto* r = simulation.network().gateway(i).role();
      const auto& c = r->counters();
      sum["answered"] += c[gateway::Count::kConnectsAnswered];
      sum["limited"] += c[gateway::Count::kSearchLimited];
      sum["urgdrop"] += c[gateway::Count::kUrgentDropped];
      sum["sendfail"] += c[gateway::Count::kSendFailed];
      sum["nomem"] += c[gateway::Count::kDownNoMemory];
      sum["held"] += c[gateway::Count::kHeldDropped];
      sum["up"] += c[gateway::Count::kRelayedUp];
    }
    for (auto& [k, v] : sum) fmt::print("{}={} ", k, v);
    const auto& hc = simulation.network().hub().role()->counters();
    fmt::print("hub joins {} resumes {} opened {} dup {} duprep {} busy {} downlinks {} silent {} wrong {}\n", hc[coordinator::Count::kJoins], hc[coordinator::Count::kResumes], hc[coordinator::Count::kOpened],
      hc[coordinator::Count::kDuplicateFrame], hc[coordinator::Count::kDuplicateReports], hc[coordinator::Count::kBusy], hc[coordinator::Count::kDownlinks], hc[coordinator::Count::kSilentForCounters], hc[coordinator::Count::kWrongSession]);
    fmt::print("   backbone unfinished {} waiting_down {} lost_down {}\n", simulation.network().backbone().unfinished(), simulation.network().backbone().waiting_down(), simulation.network().backbone().counters().lost_down);
    std::map<std::string, std::uint64_t> nodes;
    for (std::uint32_t i = 0; i < options.nodes; ++i) {
      const auto& b = simulation.network().board(i);
      if (!b.on()) continue;
      for (std::size_t c = 0; c < static_cast<std::size_t>(node::Count::kNumber); ++c)
        nodes[std::string(to_text(static_cast<node::Count>(c)))] += b.node()->counters()[static_cast<node::Count>(c)];
      const auto& q = b.node()->search_counters();
      nodes["s_probes"] += q.probes; nodes["s_answers"] += q.answers; nodes["s_late"] += q.late_answers; nodes["s_avoided"] += q.avoided_answers; nodes["s_pauses"] += q.pauses; nodes["s_failure"] += q.failure_answers;
    }
    for (auto& [k, v] : nodes) if (v) fmt::print("{}={} ", k, v);
    fmt::print("\n");
    std::map<int,int> st;
    for (std::uint32_t i = 0; i < options.nodes; ++i) if (simulation.network().board(i).on()) ++st[static_cast<int>(simulation.network().board(i).node()->state())];
    for (auto [a,b] : st) fmt::print("state{}={} ", a, b);
    fmt::print("\n");
  };
  while (simulation.run_for(Duration::seconds(10))) {
    if (++steps <= 6 || steps % 12 == 0) { line(); if (options.types) { tap.show(); gw(); } }
  }
  line();
  for (const auto& [what, entry] : simulation.violations().entries())
    fmt::print("BROKEN {} {} {}\n", what, entry.count, entry.first);
  fmt::print("settled {} digest {:016x}\n", simulation.settling_time() ? static_cast<double>(simulation.settling_time()->us) / 1e6 : -1, simulation.network().digest());
  return simulation.violations().empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  CLI::App app("Figures of simulated networks");
  Options options;
  app.add_option("--seed", options.seed, "");
  app.add_option("--nodes", options.nodes, "");
  app.add_option("--gateways", options.gateways, "");
  app.add_option("--minutes", options.minutes, "");
  app.add_option("--loss", options.loss_percent, "");
  app.add_option("--interval", options.interval_s, "");
  app.add_option("--square", options.square_m, "");
  app.add_flag("--null-cipher", options.null_cipher, "");
  app.add_flag("--fast", options.fast, "");
  app.add_flag("--types", options.types, "");
  CLI11_PARSE(app, count, arguments);
  return run_cost(options);
}
