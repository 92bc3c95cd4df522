#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "hub/store/connection.hpp"
#include "hub/store/rollups.hpp"

namespace espial::store {

/// No more days get a table of their own: each table costs its file or page, and a place in every
/// list of tables. Ten years.
inline constexpr std::size_t kMaxDayTables = 3'653;

/// The table of the readings whose day has no table: it is one of the future, or there are too many
/// already. Only boards whose clocks are wrong report such days.
inline constexpr char kElsewhen[] = "readings_elsewhen";

/// The readings that are in their place: in the table of their day, in the order in which they are
/// read. `latest` holds the newest one of every series, so that a start need not search for it.
/// After each transaction `committed` or `forget`; `forget` also before another connection is used.
/// Several threads may file at the same time, each over a connection and in a lane of its own,
/// where all days have their place (`has_place`). Throws SOCI's errors.
class FiledReadings {
 public:
  static constexpr std::size_t kLanes = kTidyingPurposes.size();

  /// `rollups`: to be told of what is filed; nullptr: nobody.
  explicit FiledReadings(Rollups* rollups) : rollups_(rollups) {}

  /// Finds out which days have a table.
  void open(Connection& connection);
  /// Days after the one that follows `today` get no table.
  void set_today(std::int64_t today) { last_day_ = today + 1; }

  /// Puts readings, in order of day, into the tables of their days, which it makes if need be.
  /// `if_there`: refuse is quicker, for what can't be there.
  void file(Connection& connection, std::span<const ReadingRow> rows, IfThere if_there,
            std::size_t lane = 0);
  /// To be called in each transaction that files, after that; of several at the same time, when the
  /// one before is committed.
  void seal(Connection& connection, std::size_t lane = 0);
  /// Whether readings of that day can be filed without a table to be made.
  bool has_place(std::int64_t day) const;
  bool holds(Connection& connection, const RecentRows::Entry& entry);
  /// Puts readings into `latest` where they are newer than the one there. Refuses (constraint) one
  /// of a device that is not known.
  void note_newest(Connection& connection, std::span<const ReadingRow> rows, std::size_t lane = 0);
  /// Deletes a device's readings, and what they were summed up to.
  void erase(Connection& connection, DeviceId device);

  /// The table of a day is gone.
  void forget_day(std::int64_t day);
  /// `entries`: what was filed, if those of one device and day stand together.
  void committed(std::span<const RecentRows::Entry> entries = {});
  /// The transaction was undone, or failed: drops all prepared statements.
  void forget();

 private:
  bool has_table(std::int64_t day) const { return known_.count(day) + made_.count(day) > 0; }
  /// Whether a day without a table gets none.
  bool is_elsewhen(std::int64_t day) const;

  /// What is prepared on one connection.
  struct Lane {
    std::map<std::pair<std::int64_t, IfThere>, std::unique_ptr<ReadingInserter>> days;
    std::unique_ptr<ReadingInserter> elsewhen;
    std::unique_ptr<ReadingInserter> latest;
    std::set<std::int64_t> late;  // days, rolled up before, that were filed for
  };
  ReadingInserter& inserter_of(Connection& connection, std::int64_t day, IfThere if_there,
                               Lane& lane);

  Rollups* const rollups_;
  std::set<std::int64_t> known_;  // days that have a table
  std::set<std::int64_t> made_;   // so do these, once it is committed
  std::int64_t last_day_ = kMaxTimeMs;
  std::array<Lane, kLanes> lanes_;
};

}  // namespace espial::store
