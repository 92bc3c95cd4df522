// What a stored reading costs the hub: CPU of all threads, from `submit` to its completion.
//   committer_bench
// `us_per_reading` is the figure to look at.

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>

#include "hub/store/committer.hpp"
#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

constexpr int kReadings = 50'000;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

enum Mode { kStored, kStoredWithProgress, kDiscarded };

void submit_all(Committer& committer, boost::asio::io_context& io, std::uint32_t devices,
                std::int64_t& at_ms, Mode mode) {
  int completed = 0;
  for (int i = 0; i < kReadings; ++i) {
    const std::uint32_t device = 1 + static_cast<std::uint32_t>(i) % devices;
    for (;;) {
      Unit unit;
      if (mode == kStoredWithProgress) unit.changes.reserve(3);
      unit.changes.push_back(number_reading(device, ++at_ms, 20.5));
      if (mode == kStoredWithProgress) {
        unit.changes.push_back(
            StreamProgress{DeviceId{device}, 1, false, Bytes(16, static_cast<std::uint8_t>(i))});
        unit.changes.push_back(
            SessionProgress{DeviceId{device}, 1, static_cast<std::uint64_t>(at_ms), 64});
      }
      unit.completion = [&completed](Verdict) { ++completed; };
      if (committer.submit(std::move(unit))) break;
      io.run_one();
    }
    if (i % 64 == 0) io.poll();
  }
  while (completed < kReadings) io.run_one();
}

void run(benchmark::State& state, Mode mode) {
  const TemporaryFolder folder;
  const auto store = make_sqlite_store({.file = folder.file()});
  if (store->open() != StoreError::none) return state.SkipWithError("can't open");
  const auto devices = static_cast<std::uint32_t>(state.range(0));
  Changes records;
  for (std::uint32_t id = 1; id <= devices; ++id) {
    records.push_back(device_record(id));
    records.push_back(EspialSession{DeviceId{id}, 1, 0, 64, Bytes(80)});
  }
  if (apply(*store, records) != StoreError::none) return state.SkipWithError("can't write");
  boost::asio::io_context io;
  const auto guard = boost::asio::make_work_guard(io);
  Committer committer(*store, io, {.discard = mode == kDiscarded});
  std::int64_t at_ms = 1'700'000'000'000;
  const double before = cpu_seconds();
  for (auto _ : state) submit_all(committer, io, devices, at_ms, mode);
  const double readings = static_cast<double>(state.iterations()) * kReadings;
  state.counters["us_per_reading"] = 1e6 * (cpu_seconds() - before) / readings;
  state.counters["readings_per_s"] = benchmark::Counter(readings, benchmark::Counter::kIsRate);
  state.counters["readings_per_commit"] =
      readings / static_cast<double>(committer.counters().commits);
}

/// The more series a commit touches, the more pages it writes: hence the number of devices.
void shapes(benchmark::internal::Benchmark* bench) {
  bench->ArgName("devices")->Arg(24)->Arg(1'000)->Unit(benchmark::kMillisecond);
  bench->Iterations(8)->UseRealTime();
}

BENCHMARK_CAPTURE(run, stored, kStored)->Apply(shapes);
BENCHMARK_CAPTURE(run, stored_with_progress, kStoredWithProgress)->Apply(shapes);
BENCHMARK_CAPTURE(run, discarded, kDiscarded)->Apply(shapes);

}  // namespace
}  // namespace espial::store

BENCHMARK_MAIN();
