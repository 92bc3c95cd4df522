#include "hub/store/filed_readings.hpp"

#include "hub/store/day_tables.hpp"

namespace espial::store {
namespace {

/// Readings that come late rarely touch more days at a time; each costs a few kilobytes.
constexpr std::size_t kMaxStatements = 16;

constexpr char kNote[] =
    "INSERT INTO latest (device, slot, field, taken_at_ms, arrival, number, text) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (device, slot, field) DO UPDATE SET "
    "taken_at_ms = excluded.taken_at_ms, arrival = excluded.arrival, number = excluded.number, "
    "text = excluded.text "
    "WHERE (excluded.taken_at_ms, excluded.arrival) > (latest.taken_at_ms, latest.arrival)";

void run(SqliteStatement& statement, const FiledReadings::Entry& entry,
         const FiledReadings::Text& text) {
  const auto& [series, row] = entry;
  statement.run(series.device().value, series.slot(), series.field(), row.taken_at_ms, row.arrival,
                row.type == ValueType::number ? std::optional(row.number) : std::nullopt, text);
}

}  // namespace

void FiledReadings::file(soci::session& session, const Entry& entry, const Text& text) {
  const std::int64_t day = day_of(entry.row.taken_at_ms);
  auto found = inserts_.find(day);
  if (found == inserts_.end()) {
    create_day_table(session, day);
    if (inserts_.size() == kMaxStatements) inserts_.clear();
    const std::string text_of_insert = "INSERT INTO " + day_table(day) +
                                       " (device, slot, field, taken_at_ms, arrival, number, text) "
                                       "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    found = inserts_.emplace(day, std::make_unique<SqliteStatement>(session, text_of_insert)).first;
  }
  run(*found->second, entry, text);
}

void FiledReadings::note_newest(soci::session& session, const Entry& entry, const Text& text) {
  if (!note_) note_ = std::make_unique<SqliteStatement>(session, kNote);
  run(*note_, entry, text);
}

void FiledReadings::forget() {
  inserts_.clear();
  note_.reset();
}

}  // namespace espial::store
