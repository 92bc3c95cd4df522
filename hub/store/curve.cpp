#include "hub/store/curve.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace espial::store {
namespace {

std::int64_t width_of_parts(std::int64_t span_ms, std::size_t max_points, std::int64_t unit_ms) {
  const std::int64_t width_ms = span_ms / static_cast<std::int64_t>(max_points) + 1;
  return (width_ms + unit_ms - 1) / unit_ms * unit_ms;
}

}  // namespace

Curve::Curve(std::int64_t first_ms, std::int64_t last_ms, std::size_t max_points,
             std::int64_t unit_ms)
    : first_ms_(first_ms - first_ms % unit_ms),
      width_ms_(width_of_parts(last_ms - first_ms_ + 1, max_points, unit_ms)),
      max_points_(max_points) {}

void Curve::add(const RecentRow& row, const std::function<std::string()>& text) {
  ++readings_;
  HistoryPoint point;
  point.at.ms = row.taken_at_ms;
  point.type = row.type;
  point.count = 1;
  if (row.type == ValueType::number) {
    point.number = point.lowest = point.highest = row.number;
    add_to_part(point);
  }
  if (readings_ > max_points_) {
    if (!parts_.empty()) return single_.clear();
    single_.pop_front();
  }
  if (row.type == ValueType::text) point.text = text();
  single_.push_back(std::move(point));
}

void Curve::add(const Rollup& rollup) {
  readings_ += rollup.readings;
  has_rollups_ = true;
  if (rollup.numbers == 0) return;
  HistoryPoint point;
  point.at.ms = rollup.start_ms;
  point.type = ValueType::number;
  point.count = static_cast<std::uint32_t>(rollup.numbers);
  point.number = rollup.total;
  point.lowest = rollup.lowest;
  point.highest = rollup.highest;
  add_to_part(point);
}

void Curve::add_to_part(const HistoryPoint& point) {
  const std::int64_t number = (point.at.ms - first_ms_) / width_ms_;
  if (number != last_part_) {
    last_part_ = number;
    parts_.push_back(point);
    return;
  }
  HistoryPoint& part = parts_.back();
  part.number += point.number;
  part.lowest = std::min(part.lowest, point.lowest);
  part.highest = std::max(part.highest, point.highest);
  part.count += point.count;
}

History Curve::history() && {
  History history;
  history.readings = readings_;
  if (!has_rollups_ && (readings_ <= max_points_ || parts_.empty())) {
    history.points.assign(std::make_move_iterator(single_.begin()),
                          std::make_move_iterator(single_.end()));
  } else {
    for (HistoryPoint& part : parts_) part.number /= part.count;
    history.points = std::move(parts_);
  }
  return history;
}

}  // namespace espial::store
