#include "hub/store/series_days.hpp"

#include <algorithm>
#include <set>

#include "hub/store/day_tables.hpp"

namespace espial::store {

std::unique_ptr<Statement> select_in_range(Connection& connection, const std::string& columns,
                                           const std::string& table, const Range& range,
                                           const std::string& order) {
  auto query = connection.prepare(
      "SELECT " + columns + " FROM " + table +
      " WHERE device = ? AND slot = ? AND field = ? AND taken_at_ms >= ? AND taken_at_ms < ? " +
      order);
  query->begin(range.series.device().value, range.series.slot(), range.series.field(),
               range.from_ms, range.to_ms);
  return query;
}

ValueType type_of(const Statement& query, int number, int text) {
  if (!query.is_null(number)) return ValueType::number;
  return query.is_null(text) ? ValueType::none : ValueType::text;
}

std::map<std::int64_t, SeriesDay> days_of(Connection& connection, const Range& range) {
  const std::int64_t first = day_of(std::max<std::int64_t>(range.from_ms, 0));
  const std::int64_t last = day_of(range.to_ms);
  const auto read = [&](const char* table) {
    std::set<std::int64_t> days;
    const auto query = connection.prepare(std::string("SELECT day FROM ") + table +
                                          " WHERE day >= ? AND day <= ?");
    query->begin(first, last);
    while (query->next()) days.insert(query->integer(0));
    return days;
  };
  const std::set<std::int64_t> tables = read("reading_days");
  const std::set<std::int64_t> rolled = read("rolled_days");
  // A day that is rolled up and has no rollup of this series has nothing of it. At the ends of the
  // range a part of a day may matter.
  std::map<std::int64_t, SeriesDay> days;
  for (const std::int64_t day : tables) {
    if (rolled.count(day) == 0) days[day].has_table = true;
  }
  const Range whole_days{range.series, first * kDayMs, (last + 1) * kDayMs};
  for (const Rollup& rollup : rollups_in(connection, "rollup_days", kDayMs, whole_days)) {
    const std::int64_t day = day_of(rollup.start_ms);
    if (rolled.count(day) == 0) continue;  // its turn has just begun
    SeriesDay& known = days[day];
    known.has_table = tables.count(day) != 0;
    if (rollup.start_ms >= range.from_ms && rollup.start_ms + kDayMs <= range.to_ms) {
      known.whole = rollup;
    }
  }
  return days;
}

std::vector<Rollup> rollups_in(Connection& connection, const std::string& table,
                               std::int64_t width_ms, const Range& range) {
  const auto query = connection.prepare(
      "SELECT start_ms, readings, numbers, total, lowest, highest FROM " + table +
      " WHERE device = ? AND slot = ? AND field = ? AND start_ms >= ? AND start_ms <= ? "
      "ORDER BY start_ms");
  query->begin(range.series.device().value, range.series.slot(), range.series.field(),
               range.from_ms, range.to_ms - width_ms);
  std::vector<Rollup> rollups;
  while (query->next()) {
    rollups.push_back({query->integer(0), static_cast<std::uint64_t>(query->integer(1)),
                       static_cast<std::uint64_t>(query->integer(2)), query->number(3),
                       query->number(4), query->number(5)});
  }
  return rollups;
}

}  // namespace espial::store
