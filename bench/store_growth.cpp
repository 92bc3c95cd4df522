// Measures whether the store sinks as it grows, how long it takes to ask it, and what a start
// costs.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/store_load.hpp"
#include "hub/store/sqlite_store.hpp"

namespace {

using namespace espial;
using namespace espial::bench;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr int kQueries = 101;
/// As many as the page asks for.
constexpr std::size_t kPoints = 240;

struct Settings {
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  std::filesystem::path keep;
  std::uint64_t first = 5'000'000;
  std::uint64_t then = 2'000'000;
  LoadSettings load;
};

void print(const char* what, const LoadCost& cost) {
  const auto count = static_cast<double>(cost.readings);
  std::printf(
      "%s: %.0f readings/s with all sorting and summing up (%.1f s, of which %.1f s at the end for "
      "the last %llu readings and %llu days), %.1f us of CPU (%.1f of them at the end) and %.0f "
      "bytes written a reading, at most %llu recent\n",
      what, cost.rate(), cost.seconds, cost.seconds_at_the_end,
      static_cast<unsigned long long>(cost.left),
      static_cast<unsigned long long>(cost.days_rolled_up), 1e6 * cost.cpu_seconds / count,
      1e6 * cost.cpu_seconds_at_the_end / count, static_cast<double>(cost.bytes_written) / count,
      static_cast<unsigned long long>(cost.most_recent));
  std::fflush(stdout);
}

/// Median and worst of many devices, each asked for once over one connection, as the hub does.
void query(store::Store& store, const Settings& settings, const char* what, UnixTime from,
           UnixTime to) {
  const auto reader = store.open_reader();
  std::vector<double> times_ms;
  std::uint64_t readings = 0;
  const double cpu_before_s = cpu_seconds();
  for (std::uint32_t i = 0; i < kQueries; ++i) {
    const store::DeviceId device{1 + i * 4'243 % settings.load.devices};
    const auto begin = Clock::now();
    for (std::uint8_t field = 0; field < kFields; ++field) {
      readings += reader->history(device, 0, field, from, to, kPoints).readings;
    }
    times_ms.push_back(1e3 * seconds_since(begin));
  }
  std::sort(times_ms.begin(), times_ms.end());
  std::printf("%s: median %.2f ms, worst %.2f ms, %.2f ms of CPU (%.0f readings)\n", what,
              times_ms[times_ms.size() / 2], times_ms.back(),
              1e3 * (cpu_seconds() - cpu_before_s) / kQueries,
              static_cast<double>(readings) / kQueries);
}

void restart(store::Store& store) {
  store.close();
  const auto begin = Clock::now();
  store::Snapshot snapshot;
  if (store.open() != store::StoreError::none || store.load(snapshot) != store::StoreError::none) {
    fail(store);
  }
  std::printf("start: %.0f ms (%zu devices, newest value of %zu series)\n",
              1e3 * seconds_since(begin), snapshot.devices.size(), snapshot.latest.size());
}

void measure(const Settings& settings, const std::filesystem::path& file) {
  const auto store = store::make_sqlite_store({.file = file});
  if (store->open() != store::StoreError::none) fail(*store);
  StoreLoad load(*store, settings.load);
  const LoadCost first = load.run(settings.first);
  print("into an empty database", first);
  const LoadCost then = load.run(settings.then);
  print("what follows", then);
  std::printf("ratio: %.2f\n", then.rate() / first.rate());
  const UnixTime now = load.now();
  // The load ends with two nights of silence.
  query(*store, settings, "one device's last day", UnixTime{now.ms - 2 * kDayMs},
        UnixTime{now.ms - kDayMs});
  query(*store, settings, "one device's first day", UnixTime{20'454 * kDayMs},
        UnixTime{20'455 * kDayMs});
  query(*store, settings, "one device's year", UnixTime{now.ms - 366 * kDayMs}, now);
  restart(*store);
  std::printf("size of the database: %.0f bytes a reading\n",
              static_cast<double>(std::filesystem::file_size(file)) /
                  static_cast<double>(settings.first + settings.then));
  std::printf("peak memory: %.1f MB\n",
              static_cast<double>(kernel_figure("/proc/self/status", "VmHWM:")) / 1'024);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app{"Measures whether the store sinks as it grows."};
  app.add_option("--folder", settings.folder, "where the database is made, and removed again")
      ->capture_default_str();
  app.add_option("--keep", settings.keep, "the new database's file, which stays");
  app.add_option("--first", settings.first, "readings into the empty database")
      ->capture_default_str();
  app.add_option("--then", settings.then, "readings after them")->capture_default_str();
  app.add_option("--devices", settings.load.devices, "each with 4 values")->capture_default_str();
  app.add_option("--interval-s", settings.load.interval_s, "a device reports once in so long")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  if (!settings.keep.empty()) {
    measure(settings, settings.keep);
    return 0;
  }
  std::string pattern = (settings.folder / "espial-growth-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    std::perror(pattern.c_str());
    return 1;
  }
  measure(settings, std::filesystem::path(pattern) / "espial.db");
  std::error_code ignored;
  std::filesystem::remove_all(pattern, ignored);
}
