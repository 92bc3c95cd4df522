#include "hub/store/history.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/store/curve.hpp"
#include "hub/store/day_tables.hpp"
#include "hub/store/filed_readings.hpp"
#include "hub/store/series_days.hpp"
#include "hub/store/sorting_mark.hpp"

namespace espial::store {
namespace {

/// One series' readings in a range, from all places that have some, at one moment.
class SeriesReader {
 public:
  SeriesReader(Connection& connection, std::vector<RecentRow> recent, const Range& range)
      : connection_(connection),
        range_(range),
        loose_(std::move(recent)),
        days_(days_of(connection, range)) {
    const SortingMark mark = read_mark(connection);
    std::erase_if(loose_,
                  [&](const RecentRow& row) { return mark.covers(range.series, row.arrival); });
    const auto elsewhen =
        select_in_range(connection, "taken_at_ms, arrival, number, text", kElsewhen, range);
    while (elsewhen->next()) loose_.push_back(row_of(*elsewhen));
    std::sort(loose_.begin(), loose_.end());
  }

  /// The curve; empty without readings.
  History read(std::size_t max_points) {
    const auto extent = this->extent();
    if (!extent) return {};
    const std::int64_t unit_ms = unit_of(extent->second - extent->first + 1, max_points);
    std::vector<Rollup> hours;
    if (unit_ms == kHourMs) hours = rollups_in(connection_, "rollup_hours", kHourMs, range_);
    auto hour = hours.begin();
    Curve curve(extent->first, extent->second, max_points, unit_ms);
    for (const auto& [day, known] : days_) {
      const bool whole = unit_ms > 1 && known.whole;
      if (known.has_table && !whole) {
        read_day(day, [&](const RecentRow& row, const Text& text) { curve.add(row, text); });
      } else if (whole && unit_ms == kDayMs) {
        add(*known.whole, curve);
      } else {
        // A year has more hours than one would read for the ends of the range alone.
        if (unit_ms == kDayMs) hour = (hours = hours_of(day)).begin();
        hour = std::find_if(hour, hours.end(), [d = day](const Rollup& rollup) {
          return day_of(rollup.start_ms) >= d;
        });
        for (; hour != hours.end() && day_of(hour->start_ms) == day; ++hour) add(*hour, curve);
      }
    }
    show_loose(kForever, [&](const RecentRow& row, const Text& text) { curve.add(row, text); });
    return std::move(curve).history();
  }

  /// Calls `each` with every reading and its text.
  template <typename Each>
  void read_all(Each&& each) {
    for (const auto& [day, known] : days_) {
      if (known.has_table) read_day(day, each);
    }
    show_loose(kForever, each);
  }

  using Text = std::function<std::string()>;

 private:
  static constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

  static RecentRow row_of(const Statement& query) {
    return {static_cast<std::uint64_t>(query.integer(1)), query.integer(0), query.number(2),
            type_of(query, 2, 3)};
  }

  /// When the first one and the last one were taken; nothing when there is none.
  std::optional<std::pair<std::int64_t, std::int64_t>> extent() {
    std::optional<std::int64_t> first_ms;
    std::optional<std::int64_t> last_ms;
    for (auto day = days_.begin(); day != days_.end() && !first_ms; ++day) {
      first_ms = end_of(*day, "min");
    }
    for (auto day = days_.rbegin(); day != days_.rend() && !last_ms; ++day) {
      last_ms = end_of(*day, "max");
    }
    if (!loose_.empty()) {
      first_ms = std::min(first_ms.value_or(kMaxTimeMs), loose_.front().taken_at_ms);
      last_ms = std::max(last_ms.value_or(0), loose_.back().taken_at_ms);
    }
    if (!first_ms) return std::nullopt;
    return std::pair(*first_ms, *last_ms);
  }

  /// "min" or "max" of a day.
  std::optional<std::int64_t> end_of(const std::pair<const std::int64_t, SeriesDay>& day,
                                     const std::string& which) {
    if (!day.second.has_table) {
      return std::clamp(day.first * kDayMs + (which == "max" ? kDayMs - 1 : 0), range_.from_ms,
                        range_.to_ms - 1);
    }
    const auto query =
        select_in_range(connection_, which + "(taken_at_ms)", day_table(day.first), range_);
    query->next();
    return query->is_null(0) ? std::nullopt : std::optional(query->integer(0));
  }

  /// The part of a day that is in the range.
  std::vector<Rollup> hours_of(std::int64_t day) {
    const Range part{range_.series, std::max(range_.from_ms, day * kDayMs),
                     std::min(range_.to_ms, (day + 1) * kDayMs)};
    return rollups_in(connection_, "rollup_hours", kHourMs, part);
  }

  /// 1 for readings one by one, or the width of the rollups that are fine enough. Those that are
  /// few are shown one by one, and so are those without numbers.
  std::int64_t unit_of(std::int64_t span_ms, std::size_t max_points) const {
    std::uint64_t readings = 0;
    std::uint64_t numbers = 0;
    bool is_gone = false;  // what is left of some days is their rollups
    for (const auto& [day, known] : days_) {
      is_gone |= !known.has_table;
      if (!known.whole) continue;
      readings += known.whole->readings;
      numbers += known.whole->numbers;
    }
    const std::int64_t width_ms = span_ms / static_cast<std::int64_t>(max_points);
    if (numbers > 0 && (readings > max_points || is_gone)) {
      if (width_ms >= kDayMs) return kDayMs;
      if (width_ms >= kHourMs || is_gone) return kHourMs;
    }
    return 1;
  }

  template <typename Each>
  void read_day(std::int64_t day, Each&& each) {
    const auto query = select_in_range(connection_, "taken_at_ms, arrival, number, text",
                                       day_table(day), range_, "ORDER BY taken_at_ms, arrival");
    while (query->next()) {
      const RecentRow row = row_of(*query);
      for (; next_loose_ < loose_.size() && loose_[next_loose_] < row; ++next_loose_) {
        show(loose_[next_loose_], each);
      }
      each(row, [&] { return query->text(3); });
    }
  }

  void add(const Rollup& rollup, Curve& curve) {
    show_loose(rollup.start_ms,
               [&](const RecentRow& row, const Text& text) { curve.add(row, text); });
    curve.add(rollup);
  }

  template <typename Each>
  void show_loose(std::int64_t before_ms, Each&& each) {
    for (; next_loose_ < loose_.size() && loose_[next_loose_].taken_at_ms < before_ms;
         ++next_loose_) {
      show(loose_[next_loose_], each);
    }
  }

  template <typename Each>
  void show(const RecentRow& loose, Each&& each) {
    each(loose, [&] {
      const auto recent = connection_.prepare("SELECT text FROM recent WHERE arrival = ?");
      recent->begin(loose.arrival);
      if (recent->next()) return recent->text(0);
      const Range here{range_.series, loose.taken_at_ms, loose.taken_at_ms + 1};
      const auto elsewhen = select_in_range(connection_, "arrival, text", kElsewhen, here);
      while (elsewhen->next()) {
        if (static_cast<std::uint64_t>(elsewhen->integer(0)) == loose.arrival) {
          return elsewhen->text(1);
        }
      }
      return std::string();
    });
  }

  Connection& connection_;
  const Range range_;
  std::vector<RecentRow> loose_;  // not in the table of a day, in order of time
  std::size_t next_loose_ = 0;
  const std::map<std::int64_t, SeriesDay> days_;
};

}  // namespace

History read_history(Connection& connection, const RecentRows& recent, Series series, UnixTime from,
                     UnixTime to, std::size_t max_points) {
  const Range range{series, from.ms, to.ms};
  // First what is recent, then the moment: what is filed in between is then found in its day, and
  // taken out here by that moment's mark.
  std::vector<RecentRow> rows = recent.copy(series, range.from_ms, range.to_ms);
  const Moment moment(connection);
  return SeriesReader(connection, std::move(rows), range).read(max_points);
}

void read_readings(Connection& connection, const RecentRows& recent, Series series, UnixTime from,
                   UnixTime to, const std::function<void(const Reading&)>& each) {
  const Range range{series, from.ms, to.ms};
  std::vector<RecentRow> rows = recent.copy(series, range.from_ms, range.to_ms);
  const Moment moment(connection);
  SeriesReader reader(connection, std::move(rows), range);
  reader.read_all([&](const RecentRow& row, const SeriesReader::Text& text) {
    Reading reading;
    reading.device = series.device();
    reading.slot = series.slot();
    reading.field = series.field();
    reading.type = row.type;
    reading.taken_at.ms = row.taken_at_ms;
    reading.arrival = row.arrival;
    if (row.type == ValueType::number) reading.number = row.number;
    if (row.type == ValueType::text) reading.text = text();
    each(reading);
  });
}

std::uint64_t count_readings(Connection& connection) {
  const Moment moment(connection);
  std::vector<std::string> parts{std::string("SELECT count(*) ") + kNotFiled,
                                 std::string("SELECT count(*) FROM ") + kElsewhen};
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
