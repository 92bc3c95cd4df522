#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "hub/store/recent_rows.hpp"
#include "hub/store/rollups.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

/// Makes a curve of readings given in order of time: one by one as long as they are few, or have no
/// numbers (then the newest); otherwise of the numbers in each of at most `max_points` equal parts
/// of the time from the first to the last.
class Curve {
 public:
  /// Parts begin and end where a whole `unit_ms` does, so that a rollup of that width belongs to
  /// one of them.
  Curve(std::int64_t first_ms, std::int64_t last_ms, std::size_t max_points, std::int64_t unit_ms);

  /// `text` is asked only when the reading is shown.
  void add(const RecentRow& row, const std::function<std::string()>& text);
  void add(const Rollup& rollup);

  History history() &&;

 private:
  void add_to_part(const HistoryPoint& point);

  const std::int64_t first_ms_;
  const std::int64_t width_ms_;
  const std::size_t max_points_;
  std::uint64_t readings_ = 0;
  bool has_rollups_ = false;
  std::deque<HistoryPoint> single_;
  std::vector<HistoryPoint> parts_;  // their number is a sum until all are there
  std::int64_t last_part_ = -1;
};

}  // namespace espial::store
