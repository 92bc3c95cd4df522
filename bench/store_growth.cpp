// Fills the store as a loaded hub does, group commits with sorting in between, and measures whether
// it sinks as it grows. The clock is the readings' own: devices report in turn, once an interval.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "hub/store/sqlite_store.hpp"

namespace {

using namespace espial;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kBeginMs = 20'454 * kDayMs;  // 2026-01-01
constexpr std::uint8_t kFields = 4;
constexpr std::size_t kReportsPerCommit = 500;
constexpr int kQueries = 101;

struct Settings {
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  std::uint64_t first = 5'000'000;
  std::uint64_t then = 2'000'000;
  std::uint32_t devices = 10'000;
  std::int64_t interval_s = 600;
};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A figure of the kernel's about this process.
std::uint64_t kernel_figure(const char* file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string word; lines >> word;) {
    std::uint64_t value = 0;
    if (word == name && lines >> value) return value;
  }
  return 0;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t bytes_written() { return kernel_figure("/proc/self/io", "write_bytes:"); }

[[noreturn]] void fail(const store::Store& store) {
  std::fprintf(stderr, "store_growth: %s\n", store.last_error_text().c_str());
  std::exit(1);
}

class Load {
 public:
  Load(store::Store& store, const Settings& settings) : store_(store), settings_(settings) {
    store::Changes devices;
    for (std::uint32_t id = 1; id <= settings.devices; ++id) {
      store::DeviceRecord device;
      device.id = store::DeviceId{id};
      for (std::size_t i = 0; i < 4; ++i) {
        device.mac.octets[2 + i] = static_cast<std::uint8_t>(id >> (24 - 8 * i));
      }
      device.name = "device " + std::to_string(id);
      devices.push_back(device);
    }
    write({std::move(devices)});
  }

  /// Stores `readings` and sorts all of them.
  void run(const char* what, std::uint64_t readings) {
    const auto begin = Clock::now();
    const double cpu_before = cpu_seconds();
    const std::uint64_t bytes_before = bytes_written();
    std::size_t backlog = 0;
    for (const std::uint64_t end = stored_ + readings; stored_ < end;) {
      std::vector<store::Changes> units(kReportsPerCommit);
      for (store::Changes& unit : units) report(unit);
      write(units);
      backlog = std::max(backlog, tidy(now()).recent_readings);
    }
    const double loaded_s = seconds_since(begin);
    const std::uint64_t left = tidy(now()).recent_readings;
    while (tidy(UnixTime{now().ms + 2 * kDayMs}).recent_readings > 0) {
    }
    const double all_s = seconds_since(begin);
    const auto count = static_cast<double>(readings);
    std::printf(
        "%s: %.0f readings/s with all sorting (%.1f s, of which %.1f s at the end for the "
        "last %llu), %.1f us of CPU and %.0f bytes written a reading, at most %zu recent\n",
        what, count / all_s, all_s, all_s - loaded_s, static_cast<unsigned long long>(left),
        1e6 * (cpu_seconds() - cpu_before) / count,
        static_cast<double>(bytes_written() - bytes_before) / count, backlog);
    std::fflush(stdout);
  }

  UnixTime now() const {
    const auto report = static_cast<std::int64_t>(stored_ / kFields);
    return UnixTime{kBeginMs + report * settings_.interval_s * 1'000 / settings_.devices};
  }

 private:
  void report(store::Changes& unit) {
    // In an order that has nothing to do with that of the tables.
    const auto turn = stored_ / kFields * 7'919 % settings_.devices;
    for (std::uint8_t field = 0; field < kFields; ++field) {
      store::Reading reading;
      reading.device.value = static_cast<std::uint32_t>(1 + turn);
      reading.field = field;
      reading.type = station::ValueType::number;
      reading.taken_at = now();
      reading.number = 20 + static_cast<double>(stored_ % 1'000) / 100;
      unit.emplace_back(std::move(reading));
    }
    stored_ += kFields;
  }

  void write(const std::vector<store::Changes>& units) {
    std::vector<const store::Changes*> pointers;
    for (const store::Changes& unit : units) pointers.push_back(&unit);
    std::vector<std::size_t> refused;
    if (store_.apply(pointers, refused) != store::StoreError::none || !refused.empty()) {
      fail(store_);
    }
  }

  store::Tidying tidy(UnixTime now) {
    const store::Tidying tidying = store_.tidy(now, false);
    if (tidying.error != store::StoreError::none) fail(store_);
    return tidying;
  }

  store::Store& store_;
  const Settings& settings_;
  std::uint64_t stored_ = 0;
};

/// Median and worst of many devices, each asked for once.
void query(store::Store& store, const Settings& settings, const char* what, UnixTime from,
           UnixTime to) {
  const auto reader = store.open_reader();
  std::vector<double> times_ms;
  std::uint64_t readings = 0;
  for (std::uint32_t i = 0; i < kQueries; ++i) {
    const store::DeviceId device{1 + i * 4'243 % settings.devices};
    const auto begin = Clock::now();
    for (std::uint8_t field = 0; field < kFields; ++field) {
      readings += reader->history(device, 0, field, from, to, 500).readings;
    }
    times_ms.push_back(1e3 * seconds_since(begin));
  }
  std::sort(times_ms.begin(), times_ms.end());
  std::printf("%s: median %.2f ms, worst %.2f ms (%.0f readings)\n", what,
              times_ms[times_ms.size() / 2], times_ms.back(),
              static_cast<double>(readings) / kQueries);
}

void restart(store::Store& store, const char* what) {
  store.close();
  const auto begin = Clock::now();
  store::Snapshot snapshot;
  if (store.open() != store::StoreError::none || store.load(snapshot) != store::StoreError::none) {
    fail(store);
  }
  std::printf("%s: %.0f ms (%zu devices, newest value of %zu series)\n", what,
              1e3 * seconds_since(begin), snapshot.devices.size(), snapshot.latest.size());
}

void measure(const Settings& settings, const std::filesystem::path& file) {
  const auto store = store::make_sqlite_store({.file = file});
  if (store->open() != store::StoreError::none) fail(*store);
  Load load(*store, settings);
  load.run("into an empty database", settings.first);
  load.run("what follows", settings.then);
  const UnixTime now = load.now();
  query(*store, settings, "one device's day", UnixTime{now.ms - kDayMs}, now);
  query(*store, settings, "one device's year", UnixTime{now.ms - 365 * kDayMs}, now);
  restart(*store, "start");
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
  app.add_option("--first", settings.first, "readings into the empty database")
      ->capture_default_str();
  app.add_option("--then", settings.then, "readings after them")->capture_default_str();
  app.add_option("--devices", settings.devices, "each with 4 values")->capture_default_str();
  app.add_option("--interval-s", settings.interval_s, "a device reports once in so long")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  std::string pattern = (settings.folder / "espial-growth-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    std::perror(pattern.c_str());
    return 1;
  }
  measure(settings, std::filesystem::path(pattern) / "espial.db");
  std::error_code ignored;
  std::filesystem::remove_all(pattern, ignored);
}
