#include "hub/store/filed_readings.hpp"

#include <algorithm>

#include "hub/store/day_tables.hpp"

namespace espial::store {
namespace {

/// Readings that come late rarely touch more days at a time; each costs some kilobytes.
constexpr std::size_t kMaxPreparedDays = 16;

constexpr char kUnlessOlder[] =
    "ON CONFLICT (device, slot, field) DO UPDATE SET taken_at_ms = excluded.taken_at_ms, "
    "arrival = excluded.arrival, number = excluded.number, text = excluded.text "
    "WHERE (excluded.taken_at_ms, excluded.arrival) > (latest.taken_at_ms, latest.arrival)";

std::int64_t day_of_row(const ReadingRow& row) { return day_of(row.entry.row.taken_at_ms); }

}  // namespace

void FiledReadings::file(soci::session& session, std::span<const ReadingRow> rows) {
  while (!rows.empty()) {
    const std::int64_t day = day_of_row(rows.front());
    const auto next_day = std::find_if(
        rows.begin(), rows.end(), [day](const ReadingRow& row) { return day_of_row(row) != day; });
    const auto count = static_cast<std::size_t>(next_day - rows.begin());
    table_of(session, day).insert(rows.first(count));
    rows = rows.subspan(count);
  }
}

ReadingInserter& FiledReadings::table_of(soci::session& session, std::int64_t day) {
  const auto found = days_.find(day);
  if (found != days_.end()) return found->second;
  create_day_table(session, day);
  if (days_.size() == kMaxPreparedDays) days_.clear();
  return days_.try_emplace(day, session, day_table(day), "ON CONFLICT DO NOTHING").first->second;
}

void FiledReadings::note_newest(soci::session& session, std::span<const ReadingRow> rows) {
  if (!latest_) latest_ = std::make_unique<ReadingInserter>(session, "latest", kUnlessOlder);
  latest_->insert(rows);
}

void FiledReadings::forget() {
  days_.clear();
  latest_.reset();
}

}  // namespace espial::store
