#include "hub/store/filed_readings.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "hub/store/day_tables.hpp"

namespace espial::store {
namespace {

/// Readings that come late rarely touch more days at a time; each costs some kilobytes.
constexpr std::size_t kMaxPreparedDays = 16;

std::int64_t day_of_row(const ReadingRow& row) { return day_of(row.entry.row.taken_at_ms); }

}  // namespace

void FiledReadings::open(Connection& connection) {
  const auto days = connection.prepare("SELECT day FROM reading_days");
  days->begin();
  while (days->next()) known_.insert(days->integer(0));
}

bool FiledReadings::is_elsewhen(std::int64_t day) const {
  return day > last_day_ || known_.size() + made_.size() >= kMaxDayTables;
}

bool FiledReadings::has_place(std::int64_t day) const { return has_table(day) || is_elsewhen(day); }

void FiledReadings::file(Connection& connection, std::span<const ReadingRow> rows, IfThere if_there,
                         std::size_t lane) {
  while (!rows.empty()) {
    const std::int64_t day = day_of_row(rows.front());
    const auto next_day = std::find_if(
        rows.begin(), rows.end(), [day](const ReadingRow& row) { return day_of_row(row) != day; });
    const auto count = static_cast<std::size_t>(next_day - rows.begin());
    inserter_of(connection, day, if_there, lanes_[lane]).insert(rows.first(count));
    if (rollups_ && has_table(day)) {
      rollups_->note_filed(connection, day, rows.first(count));
      if (rollups_->is_rolled(day)) lanes_[lane].late.insert(day);
    }
    rows = rows.subspan(count);
  }
}

void FiledReadings::seal(Connection& connection, std::size_t lane) {
  for (const std::int64_t day : lanes_[lane].late) rollups_->note_late(connection, day);
  lanes_[lane].late.clear();
}

ReadingInserter& FiledReadings::inserter_of(Connection& connection, std::int64_t day,
                                            IfThere if_there, Lane& lane) {
  const std::pair key{day, if_there};
  const auto found = lane.days.find(key);
  if (found != lane.days.end()) return *found->second;
  if (!has_table(day)) {
    if (is_elsewhen(day)) {
      if (!lane.elsewhen) lane.elsewhen = connection.inserter(kElsewhen, IfThere::drop);
      return *lane.elsewhen;
    }
    create_day_table(connection, day);
    made_.insert(day);
  }
  if (lane.days.size() == kMaxPreparedDays) lane.days.clear();
  return *lane.days.try_emplace(key, connection.inserter(day_table(day), if_there)).first->second;
}

bool FiledReadings::holds(Connection& connection, const RecentRows::Entry& entry) {
  const auto is_in = [&](const std::string& table) {
    const auto query = connection.prepare(
        "SELECT 1 FROM " + table +
        " WHERE device = ? AND slot = ? AND field = ? AND taken_at_ms = ? AND arrival = ?");
    query->begin(entry.series.device().value, entry.series.slot(), entry.series.field(),
                 entry.row.taken_at_ms, entry.row.arrival);
    return query->next();
  };
  const std::int64_t day = day_of(entry.row.taken_at_ms);
  return (has_table(day) && is_in(day_table(day))) || is_in(kElsewhen);
}

void FiledReadings::note_newest(Connection& connection, std::span<const ReadingRow> rows,
                                std::size_t lane) {
  auto& latest = lanes_[lane].latest;
  if (!latest) latest = connection.inserter("latest", IfThere::keep_the_newer);
  // Not every engine takes two rows of one key with one statement.
  std::map<Series, ReadingRow> newest;
  for (const ReadingRow& row : rows) {
    const auto [place, is_first] = newest.try_emplace(row.entry.series, row);
    if (!is_first && place->second.entry.row < row.entry.row) place->second = row;
  }
  std::vector<ReadingRow> distinct;
  for (const auto& [series, row] : newest) distinct.push_back(row);
  latest->insert(distinct);
}

void FiledReadings::forget_day(std::int64_t day) {
  known_.erase(day);
  for (Lane& lane : lanes_) {
    std::erase_if(lane.days, [day](const auto& entry) { return entry.first.first == day; });
  }
}

void FiledReadings::erase(Connection& connection, DeviceId device) {
  std::vector<std::string> tables{"latest", kElsewhen, "rollup_hours", "rollup_days"};
  for (const auto* const days : {&known_, &made_}) {
    for (const std::int64_t day : *days) tables.push_back(day_table(day));
  }
  for (const std::string& table : tables) {
    connection.prepare("DELETE FROM " + table + " WHERE device = ?")->run(device.value);
  }
}

void FiledReadings::committed(std::span<const RecentRows::Entry> entries) {
  for (const std::int64_t day : made_) {
    known_.insert(day);
    if (rollups_) rollups_->note_day(day);
  }
  made_.clear();
  if (rollups_) rollups_->count_filed(entries);
}

void FiledReadings::forget() {
  made_.clear();
  lanes_ = {};
}

}  // namespace espial::store
