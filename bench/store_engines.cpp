// The same load into SQLite, MariaDB and PostgreSQL, in turn: commits that are on disk, all sorting
// and summing up included. The servers are started here, with the settings they come with but for
// the size of MariaDB's log.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
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
  LoadSettings load;
};

struct Engine {
  const char* name;
  std::function<std::unique_ptr<store::Store>()> make;
  std::vector<LoadCost> costs = {};

  void measure(const Settings& settings) {
    const auto store = make();
    if (store->open() != store::StoreError::none) fail(*store);
    costs.push_back(StoreLoad(*store, settings.load).run(settings.readings));
    std::printf("%s: %.0f readings/s (%.1f s at the end), %.1f us of this process' CPU a reading\n",
                name, costs.back().rate(), costs.back().seconds_at_the_end,
                1e6 * costs.back().cpu_seconds / static_cast<double>(settings.readings));
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
      {"mariadb", [&] { return store::make_mariadb_store(mariadb->new_database(), {}); }},
      {"postgresql", [&] { return store::make_postgresql_store(postgresql->new_database(), {}); }}};
  for (int round = 0; round < settings.rounds; ++round) {
    for (Engine& engine : engines) engine.measure(settings);
  }
  const double sqlite_rate = engines.front().median_rate();
  for (Engine& engine : engines) {
    std::printf("%s: median %.0f readings/s, %.2f of SQLite's\n", engine.name, engine.median_rate(),
                engine.median_rate() / sqlite_rate);
  }
}
