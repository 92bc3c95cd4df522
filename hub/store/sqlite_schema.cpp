#include "hub/store/sqlite_schema.hpp"

#include <string>

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

int read_int(soci::session& session, const char* text) {
  int value = 0;
  session << text, soci::into(value);
  return value;
}

void make_version_1(soci::session& session) {
  for (const char* statement : kVersion1) session << statement;
}

}  // namespace

StoreError migrate_sqlite(soci::session& session) {
  // Version by version, each in a transaction of its own: a power cut leaves a whole one.
  constexpr void (*kMigrations[])(soci::session&) = {make_version_1};
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
