#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "hub/store/connection.hpp"

namespace espial::store {

/// What the numbers of one series are together, over an hour or a day (UTC).
struct Rollup {
  std::int64_t start_ms = 0;
  std::uint64_t readings = 0;  ///< all, also those that are no numbers
  std::uint64_t numbers = 0;
  double total = 0;  ///< of the numbers; the other two mean nothing without one
  double lowest = 0;
  double highest = 0;

  void add(const RecentRow& row);
};

inline constexpr std::int64_t kHourMs = 3'600'000;
inline constexpr std::int64_t kDayMs = 24 * kHourMs;

/// The tables `rollup_hours` and `rollup_days`. A day is rolled up when it is over, from its own
/// table, some devices at a time; `rolling` says how far that is, so that a start goes on with it.
/// What is filed later for a day that is rolled up is added to both tables by the transaction that
/// files it. So at every moment they hold exactly what is filed of the days that `rolled_days`
/// names.
///
/// Each piece of work is one transaction of the caller's: `prepare`, then `work` inside, then
/// `committed`; or `undone` if it failed. Throws SOCI's errors.
class Rollups {
 public:
  /// Takes up where the database is.
  void open(Connection& connection);
  /// Whether there is work; `closed_before`: what belongs to earlier days is filed.
  bool prepare(std::int64_t closed_before);
  void work(Connection& connection, bool at_leisure);
  void committed();
  void undone();
  /// Days that wait for their turn, the present one included.
  std::size_t days_left(std::int64_t closed_before) const;

  /// Days that have a table.
  std::size_t days() const { return days_.size(); }

  /// Adds readings of one day that are being filed, if the day is rolled up as far as them.
  void note_filed(Connection& connection, std::int64_t day, std::span<const ReadingRow> rows);
  void note_day(std::int64_t day) { days_.insert(day); }
  /// The table of a day is gone; what its rollups say stays.
  void forget_day(std::int64_t day) { days_.erase(day); }
  /// The days that have a table and are rolled up, in order.
  std::vector<std::int64_t> rolled_tables() const;

 private:
  /// Devices of `day` up to and with this one are rolled up.
  struct Progress {
    std::int64_t day = -1;  ///< -1: none
    std::int64_t device = 0;
  };

  bool covers(std::int64_t day, DeviceId device) const;
  void write_progress(Connection& connection, const Progress& progress);

  std::set<std::int64_t> days_;    // that have a table
  std::set<std::int64_t> rolled_;  // of them
  Progress progress_;

  // What the present piece does to the above, once it is committed.
  Progress new_progress_;
  std::optional<std::int64_t> finished_;
};

}  // namespace espial::store
