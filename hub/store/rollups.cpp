#include "hub/store/rollups.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "hub/store/day_tables.hpp"

namespace espial::store {
namespace {

/// A piece is to take about as long as one of sorting; a device is never divided.
constexpr std::uint64_t kReadingsAtOnce = 8'000;

std::string aggregate(const char* into, std::int64_t day, const std::string& start_ms,
                      const char* groups) {
  // What looks like a comment is none for MariaDB, which else makes a table of the groups.
  return "INSERT INTO " + std::string(into) +
         " SELECT /*! SQL_BIG_RESULT */ device, slot, field, " + start_ms +
         ", count(*), count(number), coalesce(sum(number), 0), min(number), max(number) FROM " +
         day_table(day) + " WHERE device > ? AND device <= ? GROUP BY " + groups;
}

/// Fills `rollup_hours` from a day's table. The beginning of an hour is found without a division,
/// of which the engines disagree what it does to whole numbers.
std::string aggregate_hours(std::int64_t day) {
  return aggregate("rollup_hours", day, "taken_at_ms - taken_at_ms % " + std::to_string(kHourMs),
                   "1, 2, 3, 4");
}

/// The same for `rollup_days`: one series after the other, as the table has them.
std::string aggregate_day(std::int64_t day) {
  return aggregate("rollup_days", day, std::to_string(day * kDayMs), "1, 2, 3");
}

/// Adds to a row of `table`, or makes it.
void merge(Connection& connection, const std::string& table, Series series, const Rollup& added) {
  Rollup sum = added;
  const auto query =
      connection.prepare("SELECT readings, numbers, total, lowest, highest FROM " + table +
                         " WHERE device = ? AND slot = ? AND field = ? AND start_ms = ?");
  query->begin(series.device().value, series.slot(), series.field(), added.start_ms);
  if (query->next()) {
    sum.readings += static_cast<std::uint64_t>(query->integer(0));
    const auto numbers = static_cast<std::uint64_t>(query->integer(1));
    if (numbers > 0) {
      sum.total += query->number(2);
      sum.lowest = sum.numbers > 0 ? std::min(sum.lowest, query->number(3)) : query->number(3);
      sum.highest = sum.numbers > 0 ? std::max(sum.highest, query->number(4)) : query->number(4);
      sum.numbers += numbers;
    }
  }
  query->reset();
  const auto number = [&](double value) {
    return sum.numbers > 0 ? std::optional(value) : std::nullopt;
  };
  connection
      .prepare(upsert(connection.dialect(), table, {"device", "slot", "field", "start_ms"},
                      {"readings", "numbers", "total", "lowest", "highest"}))
      ->run(series.device().value, series.slot(), series.field(), sum.start_ms, sum.readings,
            sum.numbers, sum.total, number(sum.lowest), number(sum.highest));
}

}  // namespace

void Rollup::add(const RecentRow& row) {
  ++readings;
  if (row.type != ValueType::number) return;
  lowest = numbers == 0 ? row.number : std::min(lowest, row.number);
  highest = numbers == 0 ? row.number : std::max(highest, row.number);
  total += row.number;
  ++numbers;
}

void Rollups::open(Connection& connection) {
  const auto read = [&](const char* text, std::set<std::int64_t>& days) {
    const auto query = connection.prepare(text);
    query->begin();
    while (query->next()) days.insert(query->integer(0));
  };
  read("SELECT day FROM reading_days", days_);
  read("SELECT day FROM rolled_days", rolled_);
  const auto query = connection.prepare("SELECT day, device FROM rolling");
  if (query->next()) progress_ = {query->integer(0), query->integer(1)};
}

bool Rollups::prepare(std::int64_t closed_before) {
  if (progress_.day >= 0) return true;
  for (const std::int64_t day : days_) {
    if (day >= closed_before) break;
    if (rolled_.count(day) != 0) continue;
    progress_ = {day, 0};
    return true;
  }
  return false;
}

std::size_t Rollups::days_left(std::int64_t closed_before) const {
  return static_cast<std::size_t>(std::count_if(days_.begin(), days_.end(), [&](std::int64_t day) {
    return day < closed_before && rolled_.count(day) == 0;
  }));
}

std::vector<std::int64_t> Rollups::rolled_tables() const {
  std::vector<std::int64_t> both;
  std::set_intersection(days_.begin(), days_.end(), rolled_.begin(), rolled_.end(),
                        std::back_inserter(both));
  return both;
}

void Rollups::note_day(std::int64_t day) {
  days_.insert(day);
  counted_.try_emplace(day);
  if (counted_.size() > kCountedDays) counted_.erase(counted_.begin());
}

void Rollups::count_filed(std::span<const RecentRows::Entry> entries) {
  const auto key = [](const RecentRows::Entry& entry) {
    return std::pair(day_of(entry.row.taken_at_ms), entry.series.device());
  };
  for (auto begin = entries.begin(); begin != entries.end();) {
    const auto end = std::find_if(begin, entries.end(),
                                  [&](const auto& entry) { return key(entry) != key(*begin); });
    const auto [day, device] = key(*begin);
    if (const auto counted = counted_.find(day); counted != counted_.end()) {
      counted->second[device.value] += static_cast<std::uint64_t>(end - begin);
    }
    begin = end;
  }
}

/// The device that has so many readings before it, counted from behind `device`.
std::int64_t Rollups::border_after(Connection& connection, std::int64_t device,
                                   std::uint64_t readings) const {
  if (const auto counted = counted_.find(progress_.day); counted != counted_.end()) {
    std::uint64_t sum = 0;
    for (auto next = counted->second.upper_bound(device); next != counted->second.end(); ++next) {
      sum += next->second;
      if (sum > readings) return next->first;
    }
    return kLastDevice;
  }
  const auto border = connection.prepare("SELECT device FROM " + day_table(progress_.day) +
                                         " WHERE device > ? ORDER BY device LIMIT 1 OFFSET ?");
  border->begin(device, readings);
  return border->next() ? border->integer(0) : kLastDevice;
}

std::size_t Rollups::plan(Connection& connection, bool at_leisure, std::size_t most) {
  const std::uint64_t readings = kReadingsAtOnce * (at_leisure ? 4 : 1);
  std::int64_t begin = progress_.device;
  std::size_t count = 0;
  while (count < most && begin != kLastDevice) {
    parts_[count] = {begin, border_after(connection, begin, readings)};
    begin = parts_[count++].last;
  }
  return count;
}

void Rollups::work(Connection& connection, std::size_t part) {
  const auto& [after, last] = parts_[part];
  connection.prepare(aggregate_hours(progress_.day))->run(after, last);
  connection.prepare(aggregate_day(progress_.day))->run(after, last);
}

void Rollups::seal(Connection& connection, std::size_t part) {
  if (parts_[part].is_end()) {
    connection.prepare(upsert(connection.dialect(), "rolled_days", {"day"}, {"pruned_at_days"}))
        ->run(progress_.day, 0);
  }
  const Progress progress = progress_after(parts_[part]);
  connection.prepare("UPDATE rolling SET day = ?, device = ?")->run(progress.day, progress.device);
}

void Rollups::committed(std::size_t part) {
  if (parts_[part].is_end()) {
    rolled_.insert(progress_.day);
    counted_.erase(progress_.day);
  }
  progress_ = progress_after(parts_[part]);
}

Rollups::Progress Rollups::progress_after(const Part& part) const {
  return part.is_end() ? Progress{} : Progress{progress_.day, part.last};
}

bool Rollups::covers(std::int64_t day, DeviceId device) const {
  if (rolled_.count(day) != 0) return true;
  return day == progress_.day && std::int64_t{device.value} <= progress_.device;
}

std::set<std::int64_t> Rollups::take_late() { return std::exchange(late_, {}); }

void Rollups::note_filed(Connection& connection, std::int64_t day,
                         std::span<const ReadingRow> rows) {
  std::map<std::pair<Series, std::int64_t>, Rollup> hours;
  std::map<Series, Rollup> days;
  for (const auto& [entry, text] : rows) {
    if (!covers(day, entry.series.device())) continue;
    const std::int64_t hour_ms = entry.row.taken_at_ms - entry.row.taken_at_ms % kHourMs;
    hours[{entry.series, hour_ms}].add(entry.row);
    days[entry.series].add(entry.row);
  }
  for (auto& [key, rollup] : hours) {
    rollup.start_ms = key.second;
    merge(connection, "rollup_hours", key.first, rollup);
  }
  for (auto& [series, rollup] : days) {
    rollup.start_ms = day * kDayMs;
    merge(connection, "rollup_days", series, rollup);
  }
}

void Rollups::note_late(Connection& connection, std::int64_t day) {
  connection
      .prepare("UPDATE rolled_days SET pruned_at_days = ? WHERE day = ? AND pruned_at_days > 0")
      ->run(kPruneAgain, day);
  late_.insert(day);
}

}  // namespace espial::store
