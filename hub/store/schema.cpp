#include "hub/store/schema.hpp"

#include <string>

#include "hub/store/filed_readings.hpp"
#include "hub/store/sorting_mark.hpp"

namespace espial::store {
namespace {

// What is made here can be made again: an engine that does not undo tables (Dialect) finds half a
// version after a power cut, and goes through all of it once more.
//
// Times are milliseconds since 1970 UTC; keys, windows and payloads are hexadecimal; 64-bit
// counters use SQLite's signed integers bit for bit.
constexpr const char* kVersion1[] = {
    R"(CREATE TABLE IF NOT EXISTS meta (
         "key" {key} PRIMARY KEY,
         "value" {text} NOT NULL) {by_key})",
    R"(CREATE TABLE IF NOT EXISTS devices (
         id {integer} PRIMARY KEY,
         mac {key} NOT NULL UNIQUE,
         name {key} NOT NULL UNIQUE,
         protocol {integer} NOT NULL,
         server {integer} NOT NULL,
         module {integer} NOT NULL,
         joined_at_ms {integer} NOT NULL,
         last_seen_ms {integer} NOT NULL,
         online {integer} NOT NULL,
         session_id {text} NOT NULL,
         firmware {text} NOT NULL,
         chip {text} NOT NULL))",
    R"(CREATE TABLE IF NOT EXISTS functions (
         device {integer} NOT NULL REFERENCES devices(id),
         slot {integer} NOT NULL,
         kind {integer} NOT NULL,
         title {text} NOT NULL,
         accepts_commands {integer} NOT NULL,
         PRIMARY KEY (device, slot)) {by_key})",
    // A value is a number, a text, or (both NULL) none.
    R"(CREATE TABLE IF NOT EXISTS readings (
         device {integer} NOT NULL REFERENCES devices(id),
         slot {integer} NOT NULL,
         field {integer} NOT NULL,
         taken_at_ms {integer} NOT NULL,
         arrival {integer} NOT NULL,
         number {real},
         text {bytes},
         PRIMARY KEY (device, slot, field, taken_at_ms, arrival)) {by_key})",
    R"(CREATE TABLE IF NOT EXISTS streams (
         device {integer} NOT NULL REFERENCES devices(id),
         events {integer} NOT NULL,
         stream_id {integer} NOT NULL,
         sequence_window {text} NOT NULL,
         PRIMARY KEY (device, events)) {by_key})",
    R"(CREATE TABLE IF NOT EXISTS espial_nodes (
         mac {key} PRIMARY KEY,
         server {integer} NOT NULL,
         module {integer} NOT NULL,
         generation {integer} NOT NULL,
         wrapped {text} NOT NULL) {by_key})",
    R"(CREATE TABLE IF NOT EXISTS espial_sessions (
         device {integer} PRIMARY KEY REFERENCES devices(id),
         session_id {integer} NOT NULL,
         committed_uplink {integer} NOT NULL,
         reserved_downlink {integer} NOT NULL,
         wrapped {text} NOT NULL))",
    R"(CREATE TABLE IF NOT EXISTS commands (
         device {integer} NOT NULL REFERENCES devices(id),
         command_id {integer} NOT NULL,
         slot {integer} NOT NULL,
         kind {integer} NOT NULL,
         payload {text} NOT NULL,
         state {integer} NOT NULL,
         created_at_ms {integer} NOT NULL,
         ended_at_ms {integer} NOT NULL,
         expires_at_ms {integer} NOT NULL,
         PRIMARY KEY (device, command_id)) {by_key})",
};

// Readings are appended to `recent` and filed in a table for each day; SortingMark says how far.
constexpr const char* kVersion2[] = {
    R"(CREATE TABLE IF NOT EXISTS recent (
         arrival {integer} PRIMARY KEY,
         device {integer} NOT NULL,
         slot {integer} NOT NULL,
         field {integer} NOT NULL,
         taken_at_ms {integer} NOT NULL,
         number {real},
         text {bytes}))",
    // Which tables there are; a day is counted from 1970 UTC.
    R"(CREATE TABLE IF NOT EXISTS reading_days (
         day {integer} PRIMARY KEY,
         name {text} NOT NULL))",
    R"(CREATE TABLE IF NOT EXISTS sorting (
         "only" {integer} PRIMARY KEY CHECK ("only" = 1),
         sorted_before {integer} NOT NULL,
         pass_before {integer} NOT NULL,
         device {integer} NOT NULL,
         slot {integer} NOT NULL,
         field {integer} NOT NULL,
         arrival {integer} NOT NULL))",
    // The newest filed reading of each series.
    R"(CREATE TABLE IF NOT EXISTS latest (
         device {integer} NOT NULL REFERENCES devices(id),
         slot {integer} NOT NULL,
         field {integer} NOT NULL,
         taken_at_ms {integer} NOT NULL,
         arrival {integer} NOT NULL,
         number {real},
         text {bytes},
         PRIMARY KEY (device, slot, field)) {by_key})",
};

constexpr const char* kVersion3[] = {
    R"(CREATE TABLE IF NOT EXISTS documents (
         collection {key} NOT NULL,
         name {key} NOT NULL,
         body {text} NOT NULL,
         PRIMARY KEY (collection, name)) {by_key})",
    R"(CREATE TABLE IF NOT EXISTS audit (
         id {serial},
         at_ms {integer} NOT NULL,
         account {text} NOT NULL,
         action {text} NOT NULL,
         subject {text} NOT NULL,
         detail {text} NOT NULL))",
};

// Rollups says what these are.
constexpr const char* kVersion4[] = {
    R"(CREATE TABLE IF NOT EXISTS rollup_hours (
         device {integer} NOT NULL,
         slot {integer} NOT NULL,
         field {integer} NOT NULL,
         start_ms {integer} NOT NULL,
         readings {integer} NOT NULL,
         numbers {integer} NOT NULL,
         total {real} NOT NULL,
         lowest {real},
         highest {real},
         PRIMARY KEY (device, slot, field, start_ms)) {by_key})",
    R"(CREATE TABLE IF NOT EXISTS rollup_days (
         device {integer} NOT NULL,
         slot {integer} NOT NULL,
         field {integer} NOT NULL,
         start_ms {integer} NOT NULL,
         readings {integer} NOT NULL,
         numbers {integer} NOT NULL,
         total {real} NOT NULL,
         lowest {real},
         highest {real},
         PRIMARY KEY (device, slot, field, start_ms)) {by_key})",
    R"(CREATE TABLE IF NOT EXISTS rolled_days (
         day {integer} PRIMARY KEY,
         pruned_at_days {integer} NOT NULL))",
    R"(CREATE TABLE IF NOT EXISTS rolling (
         "only" {integer} PRIMARY KEY CHECK ("only" = 1),
         day {integer} NOT NULL,
         device {integer} NOT NULL))",
    // For days that no table of their own is made for (FiledReadings).
    R"(CREATE TABLE IF NOT EXISTS readings_elsewhen (
         device {integer} NOT NULL,
         slot {integer} NOT NULL,
         field {integer} NOT NULL,
         taken_at_ms {integer} NOT NULL,
         arrival {integer} NOT NULL,
         number {real},
         text {bytes},
         PRIMARY KEY (device, slot, field, taken_at_ms, arrival)) {by_key})",
};

template <std::size_t kCount>
void define_all(Connection& connection, const char* const (&definitions)[kCount]) {
  for (const char* const definition : definitions) {
    connection.define(in_dialect(connection.dialect(), definition));
  }
}

void make_version_1(Connection& connection) {
  define_all(connection, kVersion1);
  connection.define(connection.dialect().has_partial_index
                        ? "CREATE INDEX IF NOT EXISTS commands_pending ON commands(created_at_ms) "
                          "WHERE state = 0"
                        : "CREATE INDEX IF NOT EXISTS commands_pending ON "
                          "commands(state, created_at_ms)");
}

/// Files what version 1 kept in one table.
void file_all(Connection& connection) {
  FiledReadings filed(nullptr);
  const auto query = connection.prepare(
      "SELECT device, slot, field, taken_at_ms, arrival, number, text "
      "FROM readings ORDER BY device, slot, field, taken_at_ms, arrival");
  query->begin();
  while (query->next()) {
    const Series series = Series::of(DeviceId{static_cast<std::uint32_t>(query->integer(0))},
                                     static_cast<std::uint8_t>(query->integer(1)),
                                     static_cast<std::uint8_t>(query->integer(2)));
    const ValueType type = !query->is_null(5)   ? ValueType::number
                           : !query->is_null(6) ? ValueType::text
                                                : ValueType::none;
    const std::string text = query->text(6);
    ReadingRow row{{series,
                    {static_cast<std::uint64_t>(query->integer(4)), query->integer(3),
                     query->number(5), type}},
                   std::nullopt};
    if (type == ValueType::text) row.text = text;
    filed.file(connection, {&row, 1}, IfThere::drop);
    filed.note_newest(connection, {&row, 1});
  }
}

void make_version_2(Connection& connection) {
  define_all(connection, kVersion2);
  const auto arrival =
      connection.prepare("SELECT \"value\" FROM meta WHERE \"key\" = 'store.arrival'");
  arrival->begin();
  const std::uint64_t next = arrival->next() ? 1 + std::stoull(arrival->text(0)) : 1;
  arrival->reset();
  connection
      .prepare(upsert(connection.dialect(), "sorting", {"\"only\""},
                      {"sorted_before", "pass_before", "device", "slot", "field", "arrival"}))
      ->run(1, next, next, 0, 0, 0, 0);
  file_all(connection);
  connection.execute("DELETE FROM meta WHERE \"key\" = 'store.arrival'");
  connection.drop("readings");
}

void make_version_3(Connection& connection) { define_all(connection, kVersion3); }

void make_version_4(Connection& connection) {
  define_all(connection, kVersion4);
  connection.prepare(upsert(connection.dialect(), "rolling", {"\"only\""}, {"day", "device"}))
      ->run(1, -1, 0);
}

void make_version_5(Connection& connection) {
  const std::string by_arrival = connection.dialect().by_arrival;
  if (!by_arrival.empty()) connection.define("ALTER TABLE recent " + by_arrival);
}

}  // namespace

StoreError migrate(Connection& connection) {
  // Version by version, each in a transaction of its own: a power cut leaves a whole one.
  constexpr void (*kMigrations[])(Connection&) = {make_version_1, make_version_2, make_version_3,
                                                  make_version_4, make_version_5};
  static_assert(std::size(kMigrations) == kSchemaVersion);

  const std::uint32_t version = connection.schema_version();
  if (version > kSchemaVersion) return StoreError::too_new;
  if (version == 0 && connection.holds_something_else()) return StoreError::corrupt;
  for (std::uint32_t next = version; next < kSchemaVersion; ++next) {
    connection.begin();
    kMigrations[next](connection);
    connection.set_schema_version(next + 1);
    connection.commit();
  }
  return StoreError::none;
}

}  // namespace espial::store
