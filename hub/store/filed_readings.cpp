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

void FiledReadings::file(Connection& connection, std::span<const ReadingRow> rows,
                         IfThere if_there) {
  while (!rows.empty()) {
    const std::int64_t day = day_of_row(rows.front());
    const auto next_day = std::find_if(
        rows.begin(), rows.end(), [day](const ReadingRow& row) { return day_of_row(row) != day; });
    const auto count = static_cast<std::size_t>(next_day - rows.begin());
    inserter_of(connection, day, if_there).insert(rows.first(count));
    if (rollups_ && has_table(day)) rollups_->note_filed(connection, day, rows.first(count));
    rows = rows.subspan(count);
  }
}

ReadingInserter& FiledReadings::inserter_of(Connection& connection, std::int64_t day,
                                            IfThere if_there) {
  const std::pair key{day, if_there};
  const auto found = days_.find(key);
  if (found != days_.end()) return *found->second;
  if (!has_table(day)) {
    if (day > last_day_ || known_.size() + made_.size() >= kMaxDayTables) {
      if (!elsewhen_) elsewhen_ = connection.inserter(kElsewhen, IfThere::drop);
      return *elsewhen_;
    }
    create_day_table(connection, day);
    made_.insert(day);
  }
  if (days_.size() == kMaxPreparedDays) days_.clear();
  return *days_.try_emplace(key, connection.inserter(day_table(day), if_there)).first->second;
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

void FiledReadings::note_newest(Connection& connection, std::span<const ReadingRow> rows) {
  if (!latest_) latest_ = connection.inserter("latest", IfThere::keep_the_newer);
  // Not every engine takes two rows of one key with one statement.
  std::map<Series, ReadingRow> newest;
  for (const ReadingRow& row : rows) {
    const auto [place, is_first] = newest.try_emplace(row.entry.series, row);
    if (!is_first && place->second.entry.row < row.entry.row) place->second = row;
  }
  std::vector<ReadingRow> distinct;
  for (const auto& [series, row] : newest) distinct.push_back(row);
  latest_->insert(distinct);
}

void FiledReadings::forget_day(std::int64_t day) {
  known_.erase(day);
  std::erase_if(days_, [day](const auto& entry) { return entry.first.first == day; });
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

void FiledReadings::committed() {
  for (const std::int64_t day : made_) {
    known_.insert(day);
    if (rollups_) rollups_->note_day(day);
  }
  made_.clear();
}

void FiledReadings::forget() {
  made_.clear();
  days_.clear();
  elsewhen_.reset();
  latest_.reset();
}

}  // namespace espial::store
