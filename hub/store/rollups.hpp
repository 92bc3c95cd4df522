#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "hub/store/connection.hpp"
#include "hub/store/parted_work.hpp"

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

/// In `rolled_days.pruned_at_days`: the day was pruned, and may since hold what is to go.
inline constexpr std::int64_t kPruneAgain = -1;

/// The tables `rollup_hours` and `rollup_days`. A day is rolled up when it is over, from its own
/// table, some devices at a time; `rolling` says how far that is, so that a start goes on with it.
/// What is filed later for a day that is rolled up is added to both tables by the transaction that
/// files it. So at every moment they hold exactly what is filed of the days that `rolled_days`
/// names.
///
/// A piece of work is a PartedWork of the caller's, after `prepare`. Throws SOCI's errors.
class Rollups final : public PartedWork {
 public:
  /// Takes up where the database is.
  void open(Connection& connection);
  /// Whether there is work; `closed_before`: what belongs to earlier days is filed.
  bool prepare(std::int64_t closed_before);
  std::size_t plan(Connection& connection, bool at_leisure, std::size_t most) override;
  void work(Connection& connection, std::size_t part) override;
  void seal(Connection& connection, std::size_t part) override;
  void committed(std::size_t part) override;
  void undone() override {}
  /// Days that wait for their turn, the present one included.
  std::size_t days_left(std::int64_t closed_before) const;

  /// Days that have a table.
  std::size_t days() const { return days_.size(); }

  /// Adds readings of one day that are being filed, if the day is rolled up as far as them.
  void note_filed(Connection& connection, std::int64_t day, std::span<const ReadingRow> rows);
  /// A day was given a table.
  void note_day(std::int64_t day);
  /// Readings that were filed, those of one device and day together.
  void count_filed(std::span<const RecentRows::Entry> entries);
  bool is_rolled(std::int64_t day) const { return rolled_.count(day) != 0; }
  /// Readings were filed for a day that is rolled up: it is to be pruned again. Locks the day in
  /// the database until the transaction ends.
  void note_late(Connection& connection, std::int64_t day);
  /// The days noted since the last call; also by transactions that were undone.
  std::set<std::int64_t> take_late();
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

  /// Devices after `after` up to and with `last`.
  struct Part {
    std::int64_t after = 0;
    std::int64_t last = 0;
    bool is_end() const { return last == kLastDevice; }
  };
  static constexpr std::int64_t kLastDevice = std::numeric_limits<std::uint32_t>::max();
  /// Days that wait for their end at the same time, unless clocks are wrong.
  static constexpr std::size_t kCountedDays = 4;

  std::int64_t border_after(Connection& connection, std::int64_t device,
                            std::uint64_t readings) const;

  bool covers(std::int64_t day, DeviceId device) const;
  Progress progress_after(const Part& part) const;

  std::set<std::int64_t> days_;    // that have a table
  std::set<std::int64_t> rolled_;  // of them
  std::set<std::int64_t> late_;    // of those
  Progress progress_;
  /// About how many readings each device has in days whose table was made since the start: those
  /// that were erased later count, too. Spares a look into the table, which costs MariaDB a fifth
  /// of summing up, while all parts wait for it.
  std::map<std::int64_t, std::map<std::int64_t, std::uint64_t>> counted_;

  std::array<Part, kMaxParts> parts_;  // of the present piece
};

}  // namespace espial::store
