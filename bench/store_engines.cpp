// The same load into SQLite, MariaDB and PostgreSQL, in turn: commits that are on disk, all sorting
// and summing up included. The servers are started here, with the settings they come with but for
// the size of MariaDB's log.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bench/store_load.hpp"
#include "hub/store/database_servers_test.hpp"
#include "hub/store/mariadb_store.hpp"
#include "hub/store/postgresql_store.hpp"
#include "hub/store/sqlite_store.hpp"

namespace {

using namespace espial;
using namespace espial::bench;

struct Settings {
  std::uint64_t readings = 2'000'000;
  int rounds = 3;
  std::vector<std::string> engines;  // empty: all
  LoadSettings load;
};

/// The figures of /proc/PID/stat from the fourth on; none when there is no such process.
std::vector<double> process_figures(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string text;
  std::getline(file, text);
  std::vector<double> figures;
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return figures;
  std::istringstream rest(text.substr(name_end + 3));
  for (double figure = 0; rest >> figure;) figures.push_back(figure);
  return figures;
}

/// CPU of a process and of its children, those that have ended included.
double cpu_seconds_of(pid_t parent) {
  constexpr std::size_t kParent = 0;
  constexpr std::size_t kOwn = 10;    // in user space, in the kernel
  constexpr std::size_t kEnded = 12;  // the same of children
  double ticks = 0;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    const std::string pid = process.path().filename();
    const auto figures = process_figures(pid);
    if (figures.size() < kEnded + 2) continue;
    const bool is_parent = pid == std::to_string(parent);
    if (is_parent) ticks += figures[kEnded] + figures[kEnded + 1];
    if (is_parent || figures[kParent] == parent) ticks += figures[kOwn] + figures[kOwn + 1];
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

struct Engine {
  const char* name;
  std::function<std::unique_ptr<store::Store>()> make;
  const store::DatabaseServer* server = nullptr;
  std::vector<LoadCost> costs = {};

  void measure(const Settings& settings) {
    const auto store = make();
    if (store->open() != store::StoreError::none) fail(*store);
    StoreLoad load(*store, settings.load);
    const double before_s = server ? cpu_seconds_of(server->pid()) : 0;
    const LoadCost& cost = costs.emplace_back(load.run(settings.readings));
    const double server_s = server ? cpu_seconds_of(server->pid()) - before_s : 0;
    const auto count = static_cast<double>(settings.readings);
    std::printf(
        "%s: %.0f readings/s (%.1f s, of which %.1f s at the end), CPU a reading: %.1f us here, "
        "%.1f us of the server's\n",
        name, cost.rate(), cost.seconds, cost.seconds_at_the_end, 1e6 * cost.cpu_seconds / count,
        1e6 * server_s / count);
    std::fflush(stdout);
  }
  double median_rate() {
    std::sort(costs.begin(), costs.end(),
              [](const LoadCost& a, const LoadCost& b) { return a.rate() < b.rate(); });
    return costs[costs.size() / 2].rate();
  }
};

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app{"Measures the engines beside each other."};
  app.add_option("--readings", settings.readings, "into an empty database")->capture_default_str();
  app.add_option("--rounds", settings.rounds, "of which the median counts")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  app.add_option("--engines", settings.engines, "only these; all if left out");
  app.add_option("--devices", settings.load.devices, "each with 4 values")->capture_default_str();
  app.add_option("--interval-s", settings.load.interval_s, "a device reports once in so long")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const auto mariadb = store::new_mariadb_server(store::Durability::full);
  const auto postgresql = store::new_postgresql_server(store::Durability::full);
  mariadb->start();
  postgresql->start();
  std::unique_ptr<store::TemporaryFolder> folder;
  std::vector<Engine> engines{
      {"sqlite",
       [&] {
         folder = std::make_unique<store::TemporaryFolder>();
         return store::make_sqlite_store({.file = folder->file()});
       }},
      {"mariadb", [&] { return store::make_mariadb_store(mariadb->new_database(), {}); },
       mariadb.get()},
      {"postgresql", [&] { return store::make_postgresql_store(postgresql->new_database(), {}); },
       postgresql.get()}};
  std::erase_if(engines, [&](const Engine& engine) {
    const auto& wanted = settings.engines;
    return !wanted.empty() && std::find(wanted.begin(), wanted.end(), engine.name) == wanted.end();
  });
  if (engines.empty()) return 1;
  for (int round = 0; round < settings.rounds; ++round) {
    for (Engine& engine : engines) engine.measure(settings);
  }
  const double first_rate = engines.front().median_rate();
  for (Engine& engine : engines) {
    std::printf("%s: median %.0f readings/s, %.2f of %s\n", engine.name, engine.median_rate(),
                engine.median_rate() / first_rate, engines.front().name);
  }
}
