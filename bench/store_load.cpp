#include "bench/store_load.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

#include "hub/store/tidier.hpp"

namespace espial::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kBeginMs = 20'454 * kDayMs;  // 2026-01-01
constexpr std::size_t kReportsPerCommit = 500;
constexpr std::uint8_t kOwnKind = 200;  // of a configuration: has as many fields as it likes

std::uint64_t bytes_written() { return kernel_figure("/proc/self/io", "write_bytes:"); }

}  // namespace

StoreLoad::StoreLoad(store::Store& store, const LoadSettings& settings)
    : store_(store), settings_(settings) {
  store::Changes devices;
  for (std::uint32_t id = 1; id <= settings.devices; ++id) {
    store::DeviceRecord device;
    device.id = store::DeviceId{id};
    device.mac.octets[0] = 2;
    for (std::size_t i = 0; i < 4; ++i) {
      device.mac.octets[2 + i] = static_cast<std::uint8_t>(id >> (24 - 8 * i));
    }
    device.name = "device " + std::to_string(id);
    device.protocol = store::Protocol::s2;
    device.joined_at = UnixTime{kBeginMs};
    devices.push_back(device);
    devices.push_back(store::FunctionRecord{device.id, 0, kOwnKind, "", false});
  }
  write({std::move(devices)});
}

LoadCost StoreLoad::run(std::uint64_t readings) {
  LoadCost cost;
  cost.readings = readings;
  const auto begin = Clock::now();
  const double cpu_before = cpu_seconds();
  const std::uint64_t bytes_before = bytes_written();
  std::uint64_t days_left = 0;
  store::Tidying last;
  const auto look = [&](const store::Tidying& tidying) {
    if (tidying.error != store::StoreError::none) fail(store_);
    cost.most_recent = std::max(cost.most_recent, tidying.recent_readings);
    if (tidying.days_to_roll_up < days_left) {
      cost.days_rolled_up += days_left - tidying.days_to_roll_up;
    }
    days_left = tidying.days_to_roll_up;
    last = tidying;
  };
  store::Tidier tidier(
      store_, [this] { return now(); }, look);
  for (const std::uint64_t end = stored_ + readings; stored_ < end;) {
    std::vector<store::Changes> units(kReportsPerCommit);
    for (store::Changes& unit : units) report(unit);
    write(units);
    tidier.after_commit();
  }
  const double loaded_s = seconds_since(begin);
  const double loaded_cpu_s = cpu_seconds();
  tidier.stop();
  cost.left = last.recent_readings;
  silent_ms_ += 2 * kDayMs - now().ms % kDayMs;
  do {
    look(store_.tidy(now(), true));
  } while (last.more);
  cost.seconds = seconds_since(begin);
  cost.seconds_at_the_end = cost.seconds - loaded_s;
  cost.cpu_seconds = cpu_seconds() - cpu_before;
  cost.cpu_seconds_at_the_end = cpu_seconds() - loaded_cpu_s;
  cost.bytes_written = bytes_written() - bytes_before;
  expect_all(last);
  return cost;
}

void StoreLoad::expect_all(const store::Tidying& last) const {
  const store::StoreCounts counts = store_.open_reader()->counts();
  const bool all_there = counts.error == store::StoreError::none && counts.readings == stored_;
  if (all_there && last.recent_readings == 0 && last.days_to_roll_up == 0) return;
  std::fprintf(
      stderr,
      "%llu readings were stored, and %llu are there (%s); %llu are left to sort, %llu days "
      "to sum up\n",
      static_cast<unsigned long long>(stored_), static_cast<unsigned long long>(counts.readings),
      std::string(store::to_text(counts.error)).c_str(),
      static_cast<unsigned long long>(last.recent_readings),
      static_cast<unsigned long long>(last.days_to_roll_up));
  std::exit(1);
}

UnixTime StoreLoad::now() const {
  const auto reports = static_cast<std::int64_t>(stored_ / kFields);
  return UnixTime{kBeginMs + silent_ms_ +
                  reports * settings_.interval_s * 1'000 / settings_.devices};
}

void StoreLoad::report(store::Changes& unit) {
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

void StoreLoad::write(const std::vector<store::Changes>& units) {
  std::vector<const store::Changes*> pointers;
  for (const store::Changes& unit : units) pointers.push_back(&unit);
  std::vector<std::size_t> refused;
  if (store_.apply(pointers, refused) != store::StoreError::none || !refused.empty()) {
    fail(store_);
  }
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::uint64_t kernel_figure(const char* file, const char* name) {
  std::ifstream lines(file);
  for (std::string word; lines >> word;) {
    std::uint64_t value = 0;
    if (word == name && lines >> value) return value;
  }
  return 0;
}

void fail(const store::Store& store) {
  std::fprintf(stderr, "%s\n", store.last_error_text().c_str());
  std::exit(1);
}

}  // namespace espial::bench
