#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hub/store/store.hpp"

namespace espial::bench {

/// Devices of four values each, which report in turn, once an interval. The clock is the readings'
/// own.
struct LoadSettings {
  std::uint32_t devices = 10'000;
  std::int64_t interval_s = 600;
};

inline constexpr std::uint8_t kFields = 4;

/// What storing many readings took, until nothing was left to sort or to sum up.
struct LoadCost {
  std::uint64_t readings = 0;
  double seconds = 0;
  double seconds_at_the_end = 0;  ///< of them, after the last reading was stored
  double cpu_seconds = 0;         ///< of this process
  double cpu_seconds_at_the_end = 0;
  std::uint64_t bytes_written = 0;  ///< by this process
  std::uint64_t left = 0;           ///< readings to sort when the last one was stored
  std::uint64_t most_recent = 0;    ///< most readings that waited to be sorted
  std::uint64_t days_rolled_up = 0;

  double rate() const { return static_cast<double>(readings) / seconds; }
};

/// Fills a store as a loaded hub does: group commits, with tidying after or beside them. Ends the
/// program when the store fails, or does not have everything once.
class StoreLoad {
 public:
  /// Adds the devices.
  StoreLoad(store::Store& store, const LoadSettings& settings);

  /// Stores so many readings; then, as if all devices were silent until the next night was over,
  /// tidies up until nothing is left.
  LoadCost run(std::uint64_t readings);
  UnixTime now() const;

 private:
  void report(store::Changes& unit);
  void write(const std::vector<store::Changes>& units);
  /// Ends the program unless all that was stored is there once, and nothing was left to do.
  void expect_all(const store::Tidying& last) const;

  store::Store& store_;
  const LoadSettings settings_;
  // The clock is read by who tidies, perhaps meanwhile.
  std::atomic<std::uint64_t> stored_ = 0;
  std::atomic<std::int64_t> silent_ms_ = 0;
};

/// Of this process, until now.
double cpu_seconds();
double seconds_since(std::chrono::steady_clock::time_point begin);
/// A figure of the kernel's about this process, from a file of "name: value" lines.
std::uint64_t kernel_figure(const char* file, const char* name);
[[noreturn]] void fail(const store::Store& store);

}  // namespace espial::bench
