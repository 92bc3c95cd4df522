// When SQLite's readings are sorted, in which pieces, and what is in the file meanwhile.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "hub/store/day_tables.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMidnightMs = 20'778 * kDayMs;  // 2026-11-21
constexpr UnixTime kNoon{kMidnightMs + kDayMs / 2};

class SqliteSorting : public testing::Test {
 protected:
  void open(SorterLimits sorting) {
    store_ = make_sqlite_store({.file = folder_.file(), .busy_timeout_ms = 10, .sorting = sorting});
    ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
    ASSERT_EQ(apply(*store_, {device_record(1), device_record(2)}), StoreError::none);
  }
  /// Stores `count` readings of noon of each of two devices.
  void put(int count) {
    Changes changes;
    for (int i = 0; i < count; ++i) {
      for (const std::uint32_t device : {2u, 1u}) {
        changes.push_back(number_reading(device, kNoon.ms + i, i));
      }
    }
    ASSERT_EQ(apply(*store_, changes), StoreError::none) << store_->last_error_text();
  }
  Tidying tidy(UnixTime now = kNoon, bool at_leisure = false) {
    const Tidying tidying = store_->tidy(now, at_leisure);
    EXPECT_EQ(tidying.error, StoreError::none) << store_->last_error_text();
    return tidying;
  }
  void file_more_than_a_piece_of_each() {
    open({.max_recent_rows = 10, .slice_rows = 2 * kMoreThanAPiece});
    put(kMoreThanAPiece);
    while (tidy().more) {
    }
  }
  void expect_a_piece_for_each() {
    int pieces = 1;
    while (tidy({kNoon.ms + kDayMs}).days_to_roll_up > 0) ++pieces;
    EXPECT_EQ(pieces, 3) << "one for each device, and one that finds no more";
    EXPECT_EQ(ask("SELECT count(*) FROM rollup_days WHERE readings = 9000"), 2);
    EXPECT_EQ(ask("SELECT sum(readings) FROM rollup_hours"), 2 * kMoreThanAPiece);
  }
  int ask(const std::string& query) {
    int value = 0;
    soci::session(soci::sqlite3, "db=" + folder_.file().string()) << query, soci::into(value);
    return value;
  }

  /// What is summed up at once has 8 000 readings and all of the last device's.
  static constexpr int kMoreThanAPiece = 9'000;

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST(DayTables, AreNamedAfterTheirDay) {
  EXPECT_EQ(day_table(day_of(0)), "readings_1970_01_01");
  EXPECT_EQ(day_table(day_of(kMidnightMs - 1)), "readings_2026_11_20");
  EXPECT_EQ(day_table(day_of(kMidnightMs)), "readings_2026_11_21");
  EXPECT_EQ(day_table(2'932'896), "readings_9999_12_31");
  EXPECT_EQ(day_table(2'932'897), "readings_day_2932897");
  EXPECT_EQ(day_table(day_of(kMaxTimeMs)), "readings_day_104249991");
}

TEST_F(SqliteSorting, BeginsWhenTooMuchIsRecent) {
  open({.max_recent_rows = 10});
  put(4);
  EXPECT_EQ(tidy().recent_readings, 8u);
  EXPECT_FALSE(tidy().more);
  put(1);
  const Tidying pass = tidy();
  EXPECT_EQ(pass.readings_sorted, 10u);
  EXPECT_EQ(pass.recent_readings, 0u);
  EXPECT_EQ(ask("SELECT count(*) FROM readings_2026_11_21"), 10);
}

TEST_F(SqliteSorting, BeginsOnceAfterTheEndOfADay) {
  open({});
  put(1);
  tidy();
  EXPECT_EQ(tidy(UnixTime{kMidnightMs + kDayMs}).recent_readings, 2u) << "some may be on their way";
  const UnixTime next_day{kMidnightMs + kDayMs + 600'000};
  while (tidy(next_day).more) {
  }
  EXPECT_EQ(tidy(next_day).recent_readings, 0u);
  put(1);  // late ones: the next day's end is soon enough
  EXPECT_EQ(tidy(next_day).recent_readings, 2u);
  EXPECT_EQ(tidy(UnixTime{next_day.ms + kDayMs}).recent_readings, 0u);
}

TEST_F(SqliteSorting, ClosesADayThatEndedWhileItWasOff) {
  open({});
  put(1);
  store_->close();
  open({});
  EXPECT_EQ(tidy(UnixTime{kNoon.ms + kDayMs}).recent_readings, 0u);
}

TEST_F(SqliteSorting, WorksInPiecesThatGrowWithWhatArrives) {
  open({.max_recent_rows = 100, .slice_rows = 10});
  put(50);
  EXPECT_EQ(tidy().readings_sorted, 10u);
  EXPECT_EQ(tidy().readings_sorted, 10u);
  EXPECT_EQ(tidy(kNoon, true).readings_sorted, 40u) << "at leisure";
  put(6);
  EXPECT_EQ(tidy().readings_sorted, 24u) << "twice the twelve that arrived";
  EXPECT_EQ(tidy().readings_sorted, 10u);
  EXPECT_EQ(tidy().readings_sorted, 6u);
  const Tidying end = tidy();
  EXPECT_EQ(end.readings_sorted, 0u);
  EXPECT_EQ(end.recent_readings, 12u);
}

TEST_F(SqliteSorting, SweepsWhatItHasMoved) {
  open({.max_recent_rows = 100, .slice_rows = 10});
  put(50);
  tidy();
  while (ask("SELECT count(*) FROM readings_2026_11_21") < 100) {
    EXPECT_EQ(ask("SELECT count(*) FROM recent"), 100) << "deleted in one go of neighbours";
    ASSERT_TRUE(tidy().more);
  }
  while (tidy().more) {
  }
  EXPECT_EQ(ask("SELECT count(*) FROM recent"), 0);
  EXPECT_EQ(store_->open_reader()->counts().readings, 100u);
}

TEST_F(SqliteSorting, ADayIsSummedUpInPiecesByWhatWasCounted) {
  file_more_than_a_piece_of_each();
  expect_a_piece_for_each();
}

TEST_F(SqliteSorting, ADayIsSummedUpInTheSamePiecesAfterARestart) {
  file_more_than_a_piece_of_each();
  open({});
  expect_a_piece_for_each();
}

TEST_F(SqliteSorting, GoesOnWhereItWasAfterARestart) {
  open({.max_recent_rows = 100, .slice_rows = 10});
  put(50);
  for (int piece = 0; piece < 7; ++piece) tidy();
  store_->close();
  open({.max_recent_rows = 100, .slice_rows = 10});
  EXPECT_EQ(store_->open_reader()->counts().readings, 100u);
  EXPECT_EQ(tidy().recent_readings, 20u) << "70 before, 10 now";
  while (tidy().more) {
  }
  EXPECT_EQ(ask("SELECT count(*) FROM readings_2026_11_21"), 100);
  store_->close();
  open({.max_recent_rows = 100, .slice_rows = 10});
  put(1);
  EXPECT_EQ(ask("SELECT min(arrival) FROM recent"), 101) << "no number of arrival is given twice";
}

TEST_F(SqliteSorting, APieceThatFailsChangesNothing) {
  open({.max_recent_rows = 100, .slice_rows = 30});
  put(50);
  tidy();
  {
    soci::session other(soci::sqlite3, "db=" + folder_.file().string());
    other << "BEGIN IMMEDIATE";
    const Tidying failed = store_->tidy(kNoon, false);
    EXPECT_EQ(failed.error, StoreError::locked);
    EXPECT_EQ(failed.recent_readings, 70u);
    EXPECT_EQ(store_->open_reader()->counts().readings, 100u);
  }
  while (tidy().more) {
  }
  EXPECT_EQ(ask("SELECT count(*) FROM readings_2026_11_21"), 100);
}

TEST_F(SqliteSorting, ARefusedUnitLeavesNoTableBehind) {
  open({.max_recent_rows = 1});
  Reading repeated = number_reading(1, kNoon.ms, 1);
  repeated.arrival = 7;
  std::vector<std::size_t> refused;
  ASSERT_EQ(apply(*store_, {{repeated, number_reading(9, kNoon.ms, 1)}}, refused),
            StoreError::none);
  EXPECT_EQ(refused.size(), 1u);
  EXPECT_EQ(ask("SELECT count(*) FROM reading_days"), 0);
  put(1);
  while (tidy().more) {
  }
  EXPECT_EQ(ask("SELECT count(*) FROM readings_2026_11_21"), 2);
}

TEST_F(SqliteSorting, ShowsEveryReadingOnceAtEveryMoment) {
  open({.max_recent_rows = 50, .slice_rows = 7});
  const auto reader = store_->open_reader();
  constexpr int kReadings = 600;
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (int i = 0; i < kReadings; ++i) {
      const Changes changes{number_reading(1, kMidnightMs + i * kDayMs / 200, i)};
      EXPECT_EQ(apply(*store_, changes), StoreError::none);
      EXPECT_EQ(store_->tidy(kNoon, false).error, StoreError::none);
    }
    done = true;
  });
  std::size_t seen = 0;
  bool was_done = false;
  while (!was_done) {
    was_done = done;
    const History all =
        reader->history(DeviceId{1}, 0, 0, UnixTime{0}, UnixTime{kMaxTimeMs}, kMaxHistoryPoints);
    EXPECT_EQ(all.error, StoreError::none);
    EXPECT_GE(all.points.size(), seen) << "something has gone";
    seen = all.points.size();
    for (std::size_t i = 0; i < seen; ++i) {
      ASSERT_EQ(all.points[i].number, static_cast<double>(i)) << "of " << seen;
    }
  }
  writer.join();
  EXPECT_EQ(seen, static_cast<std::size_t>(kReadings));
}

TEST_F(SqliteSorting, FilesTheReadingsOfVersion1) {
  {
    soci::session old(soci::sqlite3, "db=" + folder_.file().string());
    for (const char* const statement :
         {"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
          "INSERT INTO meta VALUES ('store.arrival', '1048577'), ('site', 'home')",
          "CREATE TABLE devices (id INTEGER PRIMARY KEY, mac TEXT NOT NULL UNIQUE, "
          "name TEXT NOT NULL UNIQUE, protocol INTEGER NOT NULL, server INTEGER NOT NULL, "
          "module INTEGER NOT NULL, joined_at_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL, "
          "online INTEGER NOT NULL, session_id TEXT NOT NULL, firmware TEXT NOT NULL, "
          "chip TEXT NOT NULL)",
          "INSERT INTO devices VALUES (1, '02:00:00:00:00:01', 'hall', 3, 0, 0, 1, 2, 0, '', '', "
          "'')",
          "CREATE TABLE functions (device INTEGER NOT NULL REFERENCES devices(id), "
          "slot INTEGER NOT NULL, kind INTEGER NOT NULL, title TEXT NOT NULL, "
          "accepts_commands INTEGER NOT NULL, PRIMARY KEY (device, slot)) WITHOUT ROWID",
          "CREATE TABLE readings (device INTEGER NOT NULL REFERENCES devices(id), "
          "slot INTEGER NOT NULL, field INTEGER NOT NULL, taken_at_ms INTEGER NOT NULL, "
          "arrival INTEGER NOT NULL, number REAL, text TEXT, "
          "PRIMARY KEY (device, slot, field, taken_at_ms, arrival)) WITHOUT ROWID",
          "INSERT INTO readings VALUES (1, 0, 0, 1795219199999, 3, 1.5, NULL), "
          "(1, 0, 0, 1795219200000, 2, 2.5, NULL), (1, 0, 0, 1795219200000, 4, 3.5, NULL), "
          "(1, 1, 0, 1795219200000, 5, NULL, 'open'), (1, 2, 0, 1795219200000, 6, NULL, NULL)",
          "CREATE TABLE streams (device INTEGER NOT NULL REFERENCES devices(id), "
          "events INTEGER NOT NULL, stream_id INTEGER NOT NULL, sequence_window TEXT NOT NULL, "
          "PRIMARY KEY (device, events)) WITHOUT ROWID",
          "CREATE TABLE espial_nodes (mac TEXT PRIMARY KEY, server INTEGER NOT NULL, "
          "module INTEGER NOT NULL, generation INTEGER NOT NULL, wrapped TEXT NOT NULL) "
          "WITHOUT ROWID",
          "CREATE TABLE espial_sessions (device INTEGER PRIMARY KEY REFERENCES devices(id), "
          "session_id INTEGER NOT NULL, committed_uplink INTEGER NOT NULL, "
          "reserved_downlink INTEGER NOT NULL, wrapped TEXT NOT NULL)",
          "CREATE TABLE commands (device INTEGER NOT NULL REFERENCES devices(id), "
          "command_id INTEGER NOT NULL, slot INTEGER NOT NULL, kind INTEGER NOT NULL, "
          "payload TEXT NOT NULL, state INTEGER NOT NULL, created_at_ms INTEGER NOT NULL, "
          "ended_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL, "
          "PRIMARY KEY (device, command_id)) WITHOUT ROWID",
          "PRAGMA user_version = 1"}) {
      old << statement;
    }
  }
  store_ = make_sqlite_store({.file = folder_.file()});
  ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
  EXPECT_EQ(ask("PRAGMA user_version"), kSchemaVersion);
  EXPECT_EQ(ask("SELECT count(*) FROM sqlite_master WHERE name = 'readings'"), 0);
  EXPECT_EQ(ask("SELECT count(*) FROM readings_2026_11_20"), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM readings_2026_11_21"), 4);

  EXPECT_EQ(ask("SELECT count(*) FROM meta"), 1);

  Snapshot snapshot;
  ASSERT_EQ(store_->load(snapshot), StoreError::none);
  ASSERT_EQ(snapshot.latest.size(), 3u);
  EXPECT_EQ(snapshot.latest[0].number, 3.5);
  EXPECT_EQ(snapshot.latest[1].text, "open");
  EXPECT_EQ(snapshot.latest[2].type, ValueType::none);

  ASSERT_EQ(apply(*store_, {number_reading(1, kMidnightMs + 1, 4.5)}), StoreError::none);
  EXPECT_EQ(ask("SELECT arrival FROM recent"), 1'048'578);
  const History all =
      store_->open_reader()->history(DeviceId{1}, 0, 0, UnixTime{0}, UnixTime{kMaxTimeMs}, 9);
  ASSERT_EQ(all.points.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(all.points[i].number, 1.5 + static_cast<double>(i));
  }
}

}  // namespace
}  // namespace espial::store
