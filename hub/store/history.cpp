#include "hub/store/history.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/store/connection.hpp"
#include "hub/store/day_tables.hpp"
#include "hub/store/sorting_mark.hpp"

namespace espial::store {
namespace {

struct Range {
  Series series;
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
};

constexpr char kInRange[] =
    " WHERE device = ? AND slot = ? AND field = ? AND taken_at_ms >= ? AND taken_at_ms < ?";

void begin(Statement& query, const Range& range) {
  query.begin(range.series.device().value, range.series.slot(), range.series.field(), range.from_ms,
              range.to_ms);
}

/// One series' readings in a range, from all tables that have some.
class SeriesReader {
 public:
  SeriesReader(Connection& connection, std::vector<RecentRow> recent, const Range& range)
      : connection_(connection), recent_(std::move(recent)), range_(range) {
    const SortingMark mark = read_mark(connection);
    std::erase_if(recent_,
                  [&](const RecentRow& row) { return mark.covers(range.series, row.arrival); });
    const auto days = connection.prepare(
        "SELECT name FROM reading_days WHERE day >= ? AND day <= ? ORDER BY day");
    days->begin(day_of(std::max<std::int64_t>(range.from_ms, 0)), day_of(range.to_ms));
    while (days->next()) days_.push_back(days->text(0));
  }

  /// When the first one and the last one were taken; nothing when there is none.
  std::optional<std::pair<std::int64_t, std::int64_t>> extent() {
    while (!days_.empty() && !taken_at(days_.front(), "min")) days_.pop_front();
    while (!days_.empty() && !taken_at(days_.back(), "max")) days_.pop_back();
    if (days_.empty() && recent_.empty()) return std::nullopt;
    std::int64_t first_ms = std::numeric_limits<std::int64_t>::max();
    std::int64_t last_ms = 0;
    if (!days_.empty()) {
      first_ms = *taken_at(days_.front(), "min");
      last_ms = *taken_at(days_.back(), "max");
    }
    if (!recent_.empty()) {
      first_ms = std::min(first_ms, recent_.front().taken_at_ms);
      last_ms = std::max(last_ms, recent_.back().taken_at_ms);
    }
    return std::pair(first_ms, last_ms);
  }

  /// Calls `each` in order of time, with the query that found a row if it is not recent.
  template <typename Each>
  void for_each(Each&& each) {
    auto recent = recent_.begin();
    for (const std::string& day : days_) {
      const auto query = connection_.prepare("SELECT taken_at_ms, arrival, number, text FROM " +
                                             day + kInRange + " ORDER BY taken_at_ms, arrival");
      begin(*query, range_);
      while (query->next()) {
        const RecentRow row{static_cast<std::uint64_t>(query->integer(1)), query->integer(0),
                            query->number(2), type_of(*query)};
        for (; recent != recent_.end() && *recent < row; ++recent) each(*recent, nullptr);
        each(row, query.get());
      }
    }
    for (; recent != recent_.end(); ++recent) each(*recent, nullptr);
  }

  std::string text_of(const RecentRow& row, const Statement* filed) {
    if (filed != nullptr) return filed->text(3);
    const auto query = connection_.prepare("SELECT text FROM recent WHERE arrival = ?");
    query->begin(row.arrival);
    return query->next() ? query->text(0) : std::string();
  }

 private:
  /// "min" or "max" of a day.
  std::optional<std::int64_t> taken_at(const std::string& day, const std::string& which) {
    const auto query =
        connection_.prepare("SELECT " + which + "(taken_at_ms) FROM " + day + kInRange);
    begin(*query, range_);
    query->next();
    return query->is_null(0) ? std::nullopt : std::optional(query->integer(0));
  }

  static ValueType type_of(const Statement& query) {
    if (!query.is_null(2)) return ValueType::number;
    return query.is_null(3) ? ValueType::none : ValueType::text;
  }

  Connection& connection_;
  std::vector<RecentRow> recent_;
  std::deque<std::string> days_;
  const Range range_;
};

/// Makes a curve of readings given in order of time: one by one as long as they are few, or have no
/// numbers (then the newest); otherwise of the numbers in each of `max_points` equal parts of the
/// time from the first to the last.
class Curve {
 public:
  Curve(std::int64_t first_ms, std::int64_t last_ms, std::size_t max_points)
      : first_ms_(first_ms),
        width_ms_((last_ms - first_ms + 1) / static_cast<std::int64_t>(max_points) + 1),
        max_points_(max_points) {}

  /// `text()` is asked for only when it is shown.
  template <typename Text>
  void add(const RecentRow& row, Text&& text) {
    ++readings_;
    if (row.type == ValueType::number) add_to_part(row);
    if (readings_ > max_points_) {
      if (!parts_.empty()) return single_.clear();
      single_.pop_front();
    }
    HistoryPoint& point = single_.emplace_back(point_at(row));
    if (row.type == ValueType::text) point.text = text();
  }

  History history() && {
    History history;
    history.readings = readings_;
    if (readings_ <= max_points_ || parts_.empty()) {
      history.points.assign(std::make_move_iterator(single_.begin()),
                            std::make_move_iterator(single_.end()));
    } else {
      for (HistoryPoint& part : parts_) part.number /= part.count;
      history.points = std::move(parts_);
    }
    return history;
  }

 private:
  static HistoryPoint point_at(const RecentRow& row) {
    HistoryPoint point;
    point.at.ms = row.taken_at_ms;
    point.type = row.type;
    point.count = 1;
    if (row.type == ValueType::number) point.number = point.lowest = point.highest = row.number;
    return point;
  }

  /// The number of a part is the sum of its numbers, until all are there.
  void add_to_part(const RecentRow& row) {
    const std::int64_t number = (row.taken_at_ms - first_ms_) / width_ms_;
    if (number != last_part_) {
      last_part_ = number;
      parts_.push_back(point_at(row));
      return;
    }
    HistoryPoint& part = parts_.back();
    part.number += row.number;
    part.lowest = std::min(part.lowest, row.number);
    part.highest = std::max(part.highest, row.number);
    ++part.count;
  }

  const std::int64_t first_ms_;
  const std::int64_t width_ms_;
  const std::size_t max_points_;
  std::uint64_t readings_ = 0;
  std::deque<HistoryPoint> single_;
  std::vector<HistoryPoint> parts_;
  std::int64_t last_part_ = -1;
};

}  // namespace

History read_history(Connection& connection, const RecentRows& recent, Series series, UnixTime from,
                     UnixTime to, std::size_t max_points) {
  const Range range{series, from.ms, to.ms};
  // First what is recent, then the moment: what is filed in between is then found in its day, and
  // taken out here by that moment's mark.
  std::vector<RecentRow> rows = recent.copy(series, range.from_ms, range.to_ms);
  const Moment moment(connection);
  SeriesReader reader(connection, std::move(rows), range);
  const auto extent = reader.extent();
  if (!extent) return {};
  Curve curve(extent->first, extent->second, max_points);
  reader.for_each([&](const RecentRow& row, const Statement* filed) {
    curve.add(row, [&] { return reader.text_of(row, filed); });
  });
  return std::move(curve).history();
}

std::uint64_t count_readings(Connection& connection) {
  const Moment moment(connection);
  std::vector<std::string> parts{std::string("SELECT count(*) ") + kNotFiled};
  const auto days = connection.prepare("SELECT name FROM reading_days");
  days->begin();
  while (days->next()) parts.push_back("SELECT count(*) FROM " + days->text(0));
  std::uint64_t count = 0;
  for (const std::string& part : parts) {
    const auto query = connection.prepare(part);
    query->begin();
    query->next();
    count += static_cast<std::uint64_t>(query->integer(0));
  }
  return count;
}

}  // namespace espial::store
