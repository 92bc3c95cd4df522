#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/store/filed_readings.hpp"
#include "hub/store/parted_work.hpp"
#include "hub/store/recent_rows.hpp"
#include "hub/store/sorter_limits.hpp"
#include "hub/store/sorting_mark.hpp"

namespace espial::store {

/// Moves readings from `recent` to the tables of their days. A pass takes all that is recent, goes
/// through it series by series in many slices, and then sweeps the table `recent`. It begins when
/// too much is recent, and once after the end of every day (UTC). The database says at any moment
/// how far it is (SortingMark), so a pass that was cut off goes on at the next start.
///
/// A piece of work is a PartedWork of the caller's, after `prepare`. Throws SOCI's errors.
class Sorter final : public PartedWork {
 public:
  Sorter(RecentRows& rows, Rollups& rollups, SorterLimits limits)
      : rows_(rows), limits_(limits), filed_(&rollups) {}

  /// Fills the rows from the table `recent` and returns the next number of arrival.
  std::uint64_t open(Connection& connection);
  /// Whether there is work; begins a pass if one is due, over what arrived before `next_arrival`.
  bool prepare(UnixTime now, std::uint64_t next_arrival);
  std::size_t plan(Connection& connection, bool at_leisure, std::size_t most) override;
  void work(Connection& connection, std::size_t part) override;
  void seal(Connection& connection, std::size_t part) override;
  void committed(std::size_t part) override;
  void undone() override;
  /// Whether the next piece sweeps.
  bool will_sweep() const { return mark_.pass_before == mark_.sorted_before; }
  /// How many readings were moved since this was asked last.
  std::size_t take_moved() { return std::exchange(moved_, 0); }
  void filed_committed() { filed_.committed(); }
  /// The table of a day is gone.
  void forget_day(std::int64_t day) { filed_.forget_day(day); }
  /// What belongs to earlier days is filed while there is no work.
  static std::int64_t closed_before(UnixTime now);

  /// Files a reading that was stored before, unless it is there. Part of the caller's transaction,
  /// whose end `filed_committed` or `undone` tells.
  void file_again(Connection& connection, const Reading& reading);
  /// Deletes a device's readings from the database, as part of the caller's transaction. The rows
  /// in memory are the caller's to drop.
  void erase(Connection& connection, DeviceId device);

 private:
  /// What a part does to the rest, once it is committed.
  struct Part {
    SortingMark mark;
    std::vector<RecentRows::Entry> moved;
    std::vector<RecentRows::Drop> drops;  // in the order of the series
    std::unique_ptr<Statement> read_text;
  };

  bool due(UnixTime now) const;
  void choose(std::size_t limit);
  std::size_t divide(std::size_t most);
  void move(Connection& connection, std::size_t part);
  static std::string read_text(Connection& connection, Part& part, std::uint64_t arrival);

  RecentRows& rows_;
  const SorterLimits limits_;
  FiledReadings filed_;

  SortingMark mark_;
  std::vector<Series> series_;  // of the pass, in order
  std::size_t next_series_ = 0;
  std::size_t rows_after_slice_ = 0;
  std::optional<std::int64_t> sorted_on_day_;
  bool to_sweep_ = false;
  std::size_t moved_ = 0;

  std::array<Part, kMaxParts> parts_;  // of the present piece
  static_assert(kMaxParts <= FiledReadings::kLanes);
  std::size_t sweep_rows_ = 0;
  bool swept_ = false;
};

}  // namespace espial::store
