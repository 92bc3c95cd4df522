#pragma once

#include <cstdint>

#include "hub/store/connection.hpp"
#include "hub/store/recent_rows.hpp"

namespace espial::store {

/// How far the sorter is, as the one row of the table `sorting` says. It is written in the
/// transaction that moves readings, so that each is either recent or filed, whenever one looks:
///   - what arrived before `sorted_before` is filed, and about to be deleted from `recent`;
///   - a pass files what arrived before `pass_before`, one series after the other. What does not
///     come after (`series`, `arrival`), the last reading moved, is filed.
/// Between two passes `pass_before` equals `sorted_before`.
struct SortingMark {
  std::uint64_t sorted_before = 1;
  std::uint64_t pass_before = 1;
  Series series;
  std::uint64_t arrival = 0;

  /// Whether a reading of the table `recent` is filed.
  bool covers(Series its_series, std::uint64_t its_arrival) const {
    if (its_arrival < sorted_before) return true;
    if (its_arrival >= pass_before) return false;
    return its_series == series ? its_arrival <= arrival : its_series < series;
  }
};

/// `SortingMark::covers` in SQL: the readings of the table `recent` that are not filed.
inline constexpr char kNotFiled[] =
    "FROM sorting CROSS JOIN recent WHERE recent.arrival >= sorted_before AND "
    "(recent.arrival >= pass_before OR (recent.device, recent.slot, recent.field, recent.arrival) "
    "> (sorting.device, sorting.slot, sorting.field, sorting.arrival)) ";

/// Throw SOCI's errors.
SortingMark read_mark(Connection& connection);
void write_mark(Connection& connection, const SortingMark& mark);

}  // namespace espial::store
