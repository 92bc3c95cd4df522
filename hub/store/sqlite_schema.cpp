#include "hub/store/sqlite_schema.hpp"

#include <string>

#include "hub/store/filed_readings.hpp"

namespace espial::store {
namespace {

// Times are milliseconds since 1970 UTC; keys, windows and payloads are hexadecimal; 64-bit
// counters use SQLite's signed integers bit for bit.
constexpr const char* kVersion1[] = {
    R"(CREATE TABLE meta (
         key TEXT PRIMARY KEY,
         value TEXT NOT NULL) WITHOUT ROWID)",
    R"(CREATE TABLE devices (
         id INTEGER PRIMARY KEY,
         mac TEXT NOT NULL UNIQUE,
         name TEXT NOT NULL UNIQUE,
         protocol INTEGER NOT NULL,
         server INTEGER NOT NULL,
         module INTEGER NOT NULL,
         joined_at_ms INTEGER NOT NULL,
         last_seen_ms INTEGER NOT NULL,
         online INTEGER NOT NULL,
         session_id TEXT NOT NULL,
         firmware TEXT NOT NULL,
         chip TEXT NOT NULL))",
    R"(CREATE TABLE functions (
         device INTEGER NOT NULL REFERENCES devices(id),
         slot INTEGER NOT NULL,
         kind INTEGER NOT NULL,
         title TEXT NOT NULL,
         accepts_commands INTEGER NOT NULL,
         PRIMARY KEY (device, slot)) WITHOUT ROWID)",
    // A value is a number, a text, or (both NULL) none.
    R"(CREATE TABLE readings (
         device INTEGER NOT NULL REFERENCES devices(id),
         slot INTEGER NOT NULL,
         field INTEGER NOT NULL,
         taken_at_ms INTEGER NOT NULL,
         arrival INTEGER NOT NULL,
         number REAL,
         text TEXT,
         PRIMARY KEY (device, slot, field, taken_at_ms, arrival)) WITHOUT ROWID)",
    R"(CREATE TABLE streams (
         device INTEGER NOT NULL REFERENCES devices(id),
         events INTEGER NOT NULL,
         stream_id INTEGER NOT NULL,
         sequence_window TEXT NOT NULL,
         PRIMARY KEY (device, events)) WITHOUT ROWID)",
    R"(CREATE TABLE espial_nodes (
         mac TEXT PRIMARY KEY,
         server INTEGER NOT NULL,
         module INTEGER NOT NULL,
         generation INTEGER NOT NULL,
         wrapped TEXT NOT NULL) WITHOUT ROWID)",
    R"(CREATE TABLE espial_sessions (
         device INTEGER PRIMARY KEY REFERENCES devices(id),
         session_id INTEGER NOT NULL,
         committed_uplink INTEGER NOT NULL,
         reserved_downlink INTEGER NOT NULL,
         wrapped TEXT NOT NULL))",
    R"(CREATE TABLE commands (
         device INTEGER NOT NULL REFERENCES devices(id),
         command_id INTEGER NOT NULL,
         slot INTEGER NOT NULL,
         kind INTEGER NOT NULL,
         payload TEXT NOT NULL,
         state INTEGER NOT NULL,
         created_at_ms INTEGER NOT NULL,
         ended_at_ms INTEGER NOT NULL,
         expires_at_ms INTEGER NOT NULL,
         PRIMARY KEY (device, command_id)) WITHOUT ROWID)",
    "CREATE INDEX commands_pending ON commands(created_at_ms) WHERE state = 0",
};

// Readings are appended to `recent` and filed in a table for each day; SortingMark says how far.
constexpr const char* kVersion2[] = {
    R"(CREATE TABLE recent (
         arrival INTEGER PRIMARY KEY,
         device INTEGER NOT NULL,
         slot INTEGER NOT NULL,
         field INTEGER NOT NULL,
         taken_at_ms INTEGER NOT NULL,
         number REAL,
         text TEXT))",
    // Which tables there are; a day is counted from 1970 UTC.
    R"(CREATE TABLE reading_days (
         day INTEGER PRIMARY KEY,
         name TEXT NOT NULL))",
    R"(CREATE TABLE sorting (
         only INTEGER PRIMARY KEY CHECK (only = 1),
         sorted_before INTEGER NOT NULL,
         pass_before INTEGER NOT NULL,
         device INTEGER NOT NULL,
         slot INTEGER NOT NULL,
         field INTEGER NOT NULL,
         arrival INTEGER NOT NULL))",
    // The newest filed reading of each series.
    R"(CREATE TABLE latest (
         device INTEGER NOT NULL REFERENCES devices(id),
         slot INTEGER NOT NULL,
         field INTEGER NOT NULL,
         taken_at_ms INTEGER NOT NULL,
         arrival INTEGER NOT NULL,
         number REAL,
         text TEXT,
         PRIMARY KEY (device, slot, field)) WITHOUT ROWID)",
    R"(INSERT INTO sorting
         SELECT 1, next, next, 0, 0, 0, 0 FROM (
           SELECT 1 + coalesce(max(CAST(value AS INTEGER)), 0) AS next
           FROM meta WHERE key = 'store.arrival'))",
    "DELETE FROM meta WHERE key = 'store.arrival'",
};

constexpr const char* kVersion3[] = {
    R"(CREATE TABLE documents (
         collection TEXT NOT NULL,
         name TEXT NOT NULL,
         body TEXT NOT NULL,
         PRIMARY KEY (collection, name)) WITHOUT ROWID)",
    R"(CREATE TABLE audit (
         id INTEGER PRIMARY KEY,
         at_ms INTEGER NOT NULL,
         account TEXT NOT NULL,
         action TEXT NOT NULL,
         subject TEXT NOT NULL,
         detail TEXT NOT NULL))",
};

int read_int(soci::session& session, const char* text) {
  int value = 0;
  session << text, soci::into(value);
  return value;
}

void make_version_1(soci::session& session) {
  for (const char* statement : kVersion1) session << statement;
}

/// Files what version 1 kept in one table.
void file_all(soci::session& session) {
  FiledReadings filed;
  SqliteStatement query(session,
                        "SELECT device, slot, field, taken_at_ms, arrival, number, text "
                        "FROM readings ORDER BY device, slot, field, taken_at_ms, arrival");
  query.begin();
  while (query.next()) {
    const Series series = Series::of(DeviceId{static_cast<std::uint32_t>(query.integer(0))},
                                     static_cast<std::uint8_t>(query.integer(1)),
                                     static_cast<std::uint8_t>(query.integer(2)));
    const ValueType type = !query.is_null(5)   ? ValueType::number
                           : !query.is_null(6) ? ValueType::text
                                               : ValueType::none;
    const std::string text = query.text(6);
    ReadingRow row{
        {series,
         {static_cast<std::uint64_t>(query.integer(4)), query.integer(3), query.number(5), type}},
        std::nullopt};
    if (type == ValueType::text) row.text = text;
    filed.file(session, {&row, 1});
    filed.note_newest(session, {&row, 1});
  }
}

void make_version_2(soci::session& session) {
  for (const char* statement : kVersion2) session << statement;
  file_all(session);
  session << "DROP TABLE readings";
}

void make_version_3(soci::session& session) {
  for (const char* statement : kVersion3) session << statement;
}

}  // namespace

StoreError migrate_sqlite(soci::session& session) {
  // Version by version, each in a transaction of its own: a power cut leaves a whole one.
  constexpr void (*kMigrations[])(soci::session&) = {make_version_1, make_version_2,
                                                     make_version_3};
  static_assert(std::size(kMigrations) == kSchemaVersion);

  const auto version = static_cast<std::uint32_t>(read_int(session, "PRAGMA user_version"));
  if (version > kSchemaVersion) return StoreError::too_new;
  if (version == 0 && read_int(session, "SELECT count(*) FROM sqlite_master") != 0) {
    return StoreError::corrupt;
  }
  for (std::uint32_t next = version; next < kSchemaVersion; ++next) {
    session << "BEGIN IMMEDIATE";
    kMigrations[next](session);
    session << "PRAGMA user_version = " + std::to_string(next + 1);
    session << "COMMIT";
  }
  return StoreError::none;
}

}  // namespace espial::store
