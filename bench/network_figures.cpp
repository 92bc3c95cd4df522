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
  while (simulation.run_for(Duration::seconds(10))) {
    if (++steps <= 6 || steps % 12 == 0) line();
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
  CLI11_PARSE(app, count, arguments);
  return run_cost(options);
}
