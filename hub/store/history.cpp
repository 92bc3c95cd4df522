#include "hub/store/history.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "hub/store/day_tables.hpp"
#include "hub/store/sorting_mark.hpp"
#include "hub/store/sqlite_statement.hpp"

namespace espial::store {
namespace {

struct Range {
  Series series;
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
};

/// A transaction that only reads: everything in it is of one moment.
class Moment {
 public:
  explicit Moment(soci::session& session) : session_(session) { session_ << "BEGIN"; }
  ~Moment() {
    try {
      session_ << "ROLLBACK";
    } catch (const std::exception&) {
      // It has ended by itself, with the error that the query threw.
    }
  }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

 private:
  soci::session& session_;
};

constexpr char kInRange[] =
    " WHERE device = ? AND slot = ? AND field = ? AND taken_at_ms >= ? AND taken_at_ms < ?";

void begin(SqliteStatement& query, const Range& range) {
  query.begin(range.series.device().value, range.series.slot(), range.series.field(), range.from_ms,
              range.to_ms);
}

/// What is known of a range before its readings are looked at one by one.
struct Extent {
  std::uint64_t readings = 0;
  std::uint64_t numbers = 0;
  std::int64_t first_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ms = 0;

  void add(std::uint64_t more, std::uint64_t more_numbers, std::int64_t from_ms,
           std::int64_t to_ms) {
    readings += more;
    numbers += more_numbers;
    first_ms = std::min(first_ms, from_ms);
    last_ms = std::max(last_ms, to_ms);
  }
};

/// One series' readings in a range, from all tables that have some.
class SeriesReader {
 public:
  SeriesReader(soci::session& session, std::vector<RecentRow> recent, const Range& range)
      : session_(session), recent_(std::move(recent)), range_(range) {
    const SortingMark mark = read_mark(session);
    std::erase_if(recent_,
                  [&](const RecentRow& row) { return mark.covers(range.series, row.arrival); });
    SqliteStatement days(session,
                         "SELECT name FROM reading_days WHERE day >= ? AND day <= ? ORDER BY day");
    days.begin(day_of(std::max<std::int64_t>(range.from_ms, 0)), day_of(range.to_ms));
    while (days.next()) days_.push_back(days.text(0));
  }

  /// Also finds out which days have none.
  Extent measure() {
    Extent extent;
    for (const RecentRow& row : recent_) {
      extent.add(1, row.type == ValueType::number ? 1 : 0, row.taken_at_ms, row.taken_at_ms);
    }
    std::erase_if(days_, [&](const std::string& day) {
      SqliteStatement query(
          session_, "SELECT count(*), count(number), min(taken_at_ms), max(taken_at_ms) FROM " +
                        day + kInRange);
      begin(query, range_);
      query.next();
      const auto readings = static_cast<std::uint64_t>(query.integer(0));
      if (readings > 0) {
        extent.add(readings, static_cast<std::uint64_t>(query.integer(1)), query.integer(2),
                   query.integer(3));
      }
      return readings == 0;
    });
    return extent;
  }

  /// Calls `each(taken_at_ms, query or recent row)` in order of time.
  template <typename Each>
  void for_each(Each&& each) {
    auto recent = recent_.begin();
    for (const std::string& day : days_) {
      SqliteStatement query(session_, "SELECT taken_at_ms, arrival, number, text FROM " + day +
                                          kInRange + " ORDER BY taken_at_ms, arrival");
      begin(query, range_);
      while (query.next()) {
        const RecentRow row{static_cast<std::uint64_t>(query.integer(1)), query.integer(0),
                            query.number(2), type_of(query)};
        for (; recent != recent_.end() && *recent < row; ++recent) each(*recent, nullptr);
        each(row, &query);
      }
    }
    for (; recent != recent_.end(); ++recent) each(*recent, nullptr);
  }

  std::string text_of(const RecentRow& row, const SqliteStatement* filed) {
    if (filed != nullptr) return filed->text(3);
    SqliteStatement query(session_, "SELECT text FROM recent WHERE arrival = ?");
    query.begin(row.arrival);
    return query.next() ? query.text(0) : std::string();
  }

 private:
  static ValueType type_of(const SqliteStatement& query) {
    if (!query.is_null(2)) return ValueType::number;
    return query.is_null(3) ? ValueType::none : ValueType::text;
  }

  soci::session& session_;
  std::vector<RecentRow> recent_;
  std::vector<std::string> days_;
  const Range range_;
};

/// The newest `limit` readings, one by one.
std::vector<HistoryPoint> read_single(SeriesReader& series, const Extent& extent,
                                      std::size_t limit) {
  std::vector<HistoryPoint> points;
  std::uint64_t to_skip = extent.readings - std::min<std::uint64_t>(extent.readings, limit);
  series.for_each([&](const RecentRow& row, const SqliteStatement* filed) {
    if (to_skip > 0) {
      --to_skip;
      return;
    }
    HistoryPoint& point = points.emplace_back();
    point.at.ms = row.taken_at_ms;
    point.type = row.type;
    point.count = 1;
    if (row.type == ValueType::number) {
      point.number = point.lowest = point.highest = row.number;
    } else if (row.type == ValueType::text) {
      point.text = series.text_of(row, filed);
    }
  });
  return points;
}

/// Mean, lowest and highest of the numbers in each of `parts` equal parts of the extent.
std::vector<HistoryPoint> read_parts(SeriesReader& series, const Extent& extent,
                                     std::size_t parts) {
  const std::int64_t span_ms = extent.last_ms - extent.first_ms + 1;
  const std::int64_t width_ms = span_ms / static_cast<std::int64_t>(parts) + 1;
  std::vector<HistoryPoint> points;
  std::int64_t present_part = -1;
  series.for_each([&](const RecentRow& row, const SqliteStatement*) {
    if (row.type != ValueType::number) return;
    const std::int64_t part = (row.taken_at_ms - extent.first_ms) / width_ms;
    if (part != present_part) {
      present_part = part;
      points.emplace_back();
      points.back().at.ms = row.taken_at_ms;
      points.back().type = ValueType::number;
      points.back().lowest = points.back().highest = row.number;
    }
    HistoryPoint& point = points.back();
    point.number += row.number;  // the sum, until all are there
    point.lowest = std::min(point.lowest, row.number);
    point.highest = std::max(point.highest, row.number);
    ++point.count;
  });
  for (HistoryPoint& point : points) point.number /= point.count;
  return points;
}

}  // namespace

History read_history(soci::session& session, const RecentRows& recent, Series series, UnixTime from,
                     UnixTime to, std::size_t max_points) {
  const Range range{series, from.ms, to.ms};
  // First what is recent, then the moment: what is filed in between is then found in its day, and
  // taken out here by that moment's mark.
  std::vector<RecentRow> rows = recent.copy(series, range.from_ms, range.to_ms);
  const Moment moment(session);
  SeriesReader reader(session, std::move(rows), range);
  const Extent extent = reader.measure();
  History history;
  history.readings = extent.readings;
  history.points = extent.readings <= max_points || extent.numbers == 0
                       ? read_single(reader, extent, max_points)
                       : read_parts(reader, extent, max_points);
  return history;
}

std::uint64_t count_readings(soci::session& session) {
  const Moment moment(session);
  std::vector<std::string> parts{std::string("SELECT count(*) ") + kNotFiled};
  SqliteStatement days(session, "SELECT name FROM reading_days");
  days.begin();
  while (days.next()) parts.push_back("SELECT count(*) FROM " + days.text(0));
  std::uint64_t count = 0;
  for (const std::string& part : parts) {
    SqliteStatement query(session, part);
    query.begin();
    query.next();
    count += static_cast<std::uint64_t>(query.integer(0));
  }
  return count;
}

}  // namespace espial::store
