#include "hub/store/filed_readings.hpp"

#include <algorithm>
#include <vector>

#include "hub/store/day_tables.hpp"

namespace espial::store {
namespace {

/// Readings that come late rarely touch more days at a time; each costs some kilobytes.
constexpr std::size_t kMaxPreparedDays = 16;

std::int64_t day_of_row(const ReadingRow& row) { return day_of(row.entry.row.taken_at_ms); }

}  // namespace

void FiledReadings::file(Connection& connection, std::span<const ReadingRow> rows) {
  while (!rows.empty()) {
    const std::int64_t day = day_of_row(rows.front());
    const auto next_day = std::find_if(
        rows.begin(), rows.end(), [day](const ReadingRow& row) { return day_of_row(row) != day; });
    const auto count = static_cast<std::size_t>(next_day - rows.begin());
    table_of(connection, day).insert(rows.first(count));
    rows = rows.subspan(count);
  }
}

ReadingInserter& FiledReadings::table_of(Connection& connection, std::int64_t day) {
  const auto found = days_.find(day);
  if (found != days_.end()) return *found->second;
  create_day_table(connection, day);
  if (days_.size() == kMaxPreparedDays) days_.clear();
  return *days_.try_emplace(day, connection.inserter(day_table(day), IfThere::drop)).first->second;
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

void FiledReadings::forget() {
  days_.clear();
  latest_.reset();
}

}  // namespace espial::store
