#pragma once

#include <cstddef>

namespace espial::store {

struct SorterLimits {
  /// A pass begins when so many readings are recent. The more there are, the more of them go to one
  /// page of a day's table: a pass over a million of 40 000 series brings each page 25.
  std::size_t max_recent_rows = 1'000'000;
  /// The same where sorting goes on beside the commits: the sooner it begins, the more of it does.
  std::size_t max_recent_rows_beside = 250'000;
  /// Readings moved between two commits, and four times that while nobody waits. More when more
  /// arrive meanwhile, so that a pass ends before the next one is due.
  std::size_t slice_rows = 2'000;
};

}  // namespace espial::store
