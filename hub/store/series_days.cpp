#include "hub/store/series_days.hpp"

#include <algorithm>
#include <set>
#include <utility>

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

namespace {

/// Days whose readings of this series have been removed, by kind, count as days without a table. It
/// is the oldest ones.
void leave_out_pruned(Connection& connection, const Range& range,
                      std::map<std::int64_t, SeriesDay>& days) {
  std::vector<std::pair<std::int64_t, SeriesDay*>> pruned;
  const auto query = connection.prepare(
      "SELECT day FROM rolled_days WHERE pruned_at_days <> 0 AND day >= ? AND day <= ? "
      "ORDER BY day");
  query->begin(day_of(std::max<std::int64_t>(range.from_ms, 0)), day_of(range.to_ms));
  while (query->next()) {
    const auto known = days.find(query->integer(0));
    if (known != days.end() && known->second.has_table) {
      pruned.emplace_back(known->first, &known->second);
    }
  }
  const auto first_left =
      std::partition_point(pruned.begin(), pruned.end(), [&](const auto& entry) {
        const std::int64_t begin_ms = entry.first * kDayMs;
        const auto row = select_in_range(connection, "1", day_table(entry.first),
                                         {range.series, begin_ms, begin_ms + kDayMs}, "LIMIT 1");
        return !row->next();
      });
  for (auto gone = pruned.begin(); gone != first_left; ++gone) gone->second->has_table = false;
}

}  // namespace

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
  leave_out_pruned(connection, range, days);
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
