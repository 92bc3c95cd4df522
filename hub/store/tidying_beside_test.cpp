// Servers are tidied over connections of their own while another one commits.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "hub/store/database_servers_test.hpp"
#include "hub/store/mariadb_store.hpp"
#include "hub/store/postgresql_store.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sql_store.hpp"

namespace espial::store {
namespace {

constexpr UnixTime kNow{1};

struct ServerKind {
  std::string name;
  DatabaseServer& (*server)();
  std::unique_ptr<Store> (*make)(ServerAddress, SorterLimits);
  Connector (*make_connector)(ServerAddress);
  /// Ends one of the sessions that tidy, counted from 0, which another one knows by the lock that
  /// it holds.
  void (*end_tidying)(Connection& other, int which);
  /// Asks how many wait to write the mark.
  const char* waiting;
  /// Puts whoever says it in line behind those who wait to write it already.
  const char* stand_in_line;
};

void end_tidying_postgresql(Connection& other, int which) {
  other.execute(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
      "(SELECT oid FROM pg_database WHERE datname = current_database()) "
      "AND (classid::bigint << 32) + objid::bigint = 7311146993676512 + " +
      std::to_string(which));
}

void end_tidying_mariadb(Connection& other, int which) {
  const std::string lock =
      which == 0 ? "espial-tidying:" : "espial-tidying-" + std::to_string(which + 1) + ":";
  const auto query = other.prepare("SELECT IS_USED_LOCK(CONCAT('" + lock + "', DATABASE()))");
  ASSERT_TRUE(query->next());
  other.execute("KILL " + query->text(0));
}

template <typename Result>
bool is_ready(const std::future<Result>& result) {
  return result.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

class TidyingBeside : public testing::TestWithParam<ServerKind> {
 protected:
  void SetUp() override {
    address_ = GetParam().server().new_database();
    store_ = GetParam().make(address_, {.max_recent_rows = 10, .slice_rows = 20});
    ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
    EXPECT_TRUE(store_->tidies_beside());
    for (std::uint32_t device = 1; device <= kDevices; ++device) {
      ASSERT_EQ(apply(*store_, {device_record(device)}), StoreError::none);
    }
    other_ = GetParam().make_connector(address_)(Purpose::reading);
  }

  StoreError put(int count = 1) {
    Changes changes;
    for (; count > 0; --count) changes.push_back(next_number());
    return apply(*store_, std::move(changes));
  }
  /// Of the numbers the memory has all; who files a text needs the row that is in the database.
  StoreError put_with_text() {
    Changes changes;
    Reading text = number_reading(1, texts_, 0, 0, kTextField);
    text.type = ValueType::text;
    text.text = std::to_string(texts_++);
    changes.push_back(text);
    changes.push_back(next_number());
    return apply(*store_, std::move(changes));
  }
  /// The devices take turns.
  Reading next_number() {
    const auto device = static_cast<std::uint32_t>(stored_) % kDevices + 1;
    const Reading reading = number_reading(device, stored_, stored_);
    ++stored_;
    return reading;
  }
  StoreError tidy_all() {
    Tidying tidying;
    do {
      tidying = store_->tidy(kNow, true);
    } while (tidying.error == StoreError::none && tidying.more);
    return tidying.error;
  }
  /// Everything once, by the memory of this store and by what a new one finds.
  void expect_all() {
    for (int pass = 0; pass < 2; ++pass) {
      expect_all(*store_->open_reader());
      store_->close();
      ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
    }
  }
  void expect_all(Reader& reader) const {
    const auto points = [&](std::uint32_t device, std::uint8_t field) {
      return reader
          .history(DeviceId{device}, 0, field, UnixTime{0}, UnixTime{kMaxTimeMs}, kMaxHistoryPoints)
          .points;
    };
    EXPECT_EQ(reader.counts().readings, static_cast<std::uint64_t>(stored_ + texts_));
    std::vector<double> numbers;
    for (std::uint32_t device = 1; device <= kDevices; ++device) {
      for (const HistoryPoint& point : points(device, 0)) numbers.push_back(point.number);
    }
    std::sort(numbers.begin(), numbers.end());
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(stored_));
    for (std::size_t n = 0; n < numbers.size(); ++n) {
      ASSERT_EQ(numbers[n], static_cast<double>(n));
    }
    const auto texts = points(1, kTextField);
    ASSERT_EQ(texts.size(), static_cast<std::size_t>(texts_));
    for (std::size_t n = 0; n < texts.size(); ++n) ASSERT_EQ(texts[n].text, std::to_string(n));
  }
  /// Everything once, by the database alone: what a hub would find that starts now.
  void expect_all_in_database() const {
    Snapshot snapshot;
    std::string problem;
    const auto reader = open_for_reading(GetParam().make_connector(address_), snapshot, problem);
    ASSERT_NE(reader, nullptr) << problem;
    expect_all(*reader);
  }
  /// Begins a piece that has filed its readings and can't write the mark, nor commit, before
  /// `other_` ends its transaction.
  std::future<Tidying> file_and_wait() {
    other_->begin();
    other_->execute("UPDATE sorting SET arrival = arrival + 0");
    auto piece = std::async(std::launch::async, [this] { return store_->tidy(kNow, true); });
    wait_for_writers_of_the_mark(1, piece);
    return piece;
  }
  /// Until so many wait to write it, or the piece is done without.
  void wait_for_writers_of_the_mark(int count, const std::future<Tidying>& piece) const {
    const auto third = GetParam().make_connector(address_)(Purpose::reading);
    const auto waiting = [&] {
      const auto query = third->prepare(GetParam().waiting);
      return query->next() ? query->integer(0) : 0;
    };
    while (!is_ready(piece) && waiting() < count) std::this_thread::yield();
  }

  ServerAddress address_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Connection> other_;
  int stored_ = 0;
  static constexpr std::uint32_t kDevices = 3;
  static constexpr std::uint8_t kTextField = 1;
  int texts_ = 0;
};

TEST_P(TidyingBeside, CommitsGoOnWhileAPieceLasts) {
  ASSERT_EQ(put(20), StoreError::none);
  auto piece = file_and_wait();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(put(), StoreError::none) << store_->last_error_text();
  EXPECT_EQ(store_->open_reader()->counts().readings, 25u);
  EXPECT_FALSE(is_ready(piece));
  other_->roll_back();
  EXPECT_EQ(piece.get().readings_sorted, 20u);
  EXPECT_EQ(tidy_all(), StoreError::none);
  expect_all();
}

TEST_P(TidyingBeside, ItsConnectionIsLostBetweenFilingAndCommitting) {
  ASSERT_EQ(put(20), StoreError::none);
  auto piece = file_and_wait();
  ASSERT_EQ(put(5), StoreError::none);
  std::atomic<bool> done = false;
  auto commits = std::async(std::launch::async, [&] {
    while (!done) EXPECT_EQ(put(), StoreError::none) << store_->last_error_text();
  });
  const auto third = GetParam().make_connector(address_)(Purpose::reading);
  GetParam().end_tidying(*third, 0);
  EXPECT_EQ(piece.get().error, StoreError::away);
  other_->roll_back();
  done = true;
  commits.get();
  EXPECT_EQ(put(5), StoreError::none) << store_->last_error_text();
  EXPECT_EQ(tidy_all(), StoreError::none) << store_->last_error_text();
  expect_all();
}

TEST_P(TidyingBeside, APieceInPartsIsDoneWithTheLastOne) {
  ASSERT_EQ(put(20), StoreError::none);
  ASSERT_EQ(tidy_all(), StoreError::none);  // the day has its table now
  ASSERT_EQ(put(20), StoreError::none);
  auto piece = file_and_wait();
  other_->roll_back();
  EXPECT_EQ(piece.get().readings_sorted, 20u);
  expect_all();
}

TEST_P(TidyingBeside, BetweenItsPartsADatabaseHasEverythingOnce) {
  ASSERT_EQ(put(20), StoreError::none);
  ASSERT_EQ(tidy_all(), StoreError::none);
  ASSERT_EQ(put(20), StoreError::none);
  auto piece = file_and_wait();
  expect_all_in_database();
  // Whoever stands in the line behind the first part has the mark before the second one does.
  const auto next = GetParam().make_connector(address_)(Purpose::reading);
  next->begin();
  auto in_line =
      std::async(std::launch::async, [&next] { next->execute(GetParam().stand_in_line); });
  wait_for_writers_of_the_mark(2, piece);
  other_->roll_back();
  in_line.get();
  wait_for_writers_of_the_mark(1, piece);
  EXPECT_FALSE(is_ready(piece)) << "the second part has a mark of its own";
  expect_all_in_database();
  next->roll_back();
  EXPECT_EQ(piece.get().readings_sorted, 20u);
  expect_all();
}

TEST_P(TidyingBeside, APartIsLostAfterThoseBeforeItAreCommitted) {
  ASSERT_EQ(put(20), StoreError::none);
  ASSERT_EQ(tidy_all(), StoreError::none);
  constexpr int kReadings = 7 * kDevices;  // each part has one device
  std::size_t committed_before = 0;
  for (int lost = 1; lost < static_cast<int>(kTidyingPurposes.size()); ++lost) {
    ASSERT_EQ(put(kReadings), StoreError::none);
    auto piece = file_and_wait();
    const auto third = GetParam().make_connector(address_)(Purpose::reading);
    GetParam().end_tidying(*third, lost);
    other_->roll_back();
    const Tidying tidying = piece.get();
    EXPECT_EQ(tidying.error, StoreError::away);
    EXPECT_GT(tidying.readings_sorted, committed_before) << "without part " << lost;
    EXPECT_LT(tidying.readings_sorted, std::size_t{kReadings});
    committed_before = tidying.readings_sorted;
    expect_all();
    ASSERT_EQ(tidy_all(), StoreError::none) << store_->last_error_text();
  }
  EXPECT_EQ(tidy_all(), StoreError::none) << store_->last_error_text();
  expect_all();
}

TEST_P(TidyingBeside, AnOldSessionStillFilingKeepsTheNextHubWaiting) {
  ASSERT_EQ(put(20), StoreError::none);
  for (const Purpose purpose : kTidyingPurposes) {
    store_->close();
    const auto session = GetParam().make_connector(address_)(purpose);
    EXPECT_EQ(store_->open(), StoreError::locked);
  }
}

TEST_P(TidyingBeside, WhatTouchesFiledReadingsWaitsForThePiece) {
  ASSERT_EQ(put(20), StoreError::none);
  auto piece = file_and_wait();
  auto erase = std::async(std::launch::async, [this] {
    Changes changes;
    for (std::uint32_t device = 1; device <= kDevices; ++device) {
      changes.push_back(HistoryErased{DeviceId{device}});
    }
    return apply(*store_, std::move(changes));
  });
  // If it did not wait, it would soon be done.
  for (int i = 0; i < 200 && !is_ready(erase); ++i) other_->prepare("SELECT 1")->next();
  EXPECT_FALSE(is_ready(erase));
  other_->roll_back();
  EXPECT_EQ(piece.get().error, StoreError::none);
  EXPECT_EQ(erase.get(), StoreError::none) << store_->last_error_text();
  EXPECT_EQ(store_->open_reader()->counts().readings, 0u);
  stored_ = 0;
  ASSERT_EQ(put(20), StoreError::none);
  EXPECT_EQ(tidy_all(), StoreError::none) << store_->last_error_text();
  expect_all();
}

TEST_P(TidyingBeside, HasEverythingOnceWhenBothAreBusy) {
  for (int start = 0; start < 4; ++start) {
    std::atomic<bool> done = false;
    std::thread tidying([&] {
      while (!done) EXPECT_EQ(store_->tidy(kNow, true).error, StoreError::none);
    });
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(put(7), StoreError::none) << store_->last_error_text();
      EXPECT_EQ(put_with_text(), StoreError::none) << store_->last_error_text();
      if (i % 25 != 0) continue;
      EXPECT_EQ(apply(*store_, {device_record(1), device_record(2)}), StoreError::none);
    }
    done = true;
    tidying.join();
    expect_all();  // wherever tidying was
  }
  EXPECT_EQ(tidy_all(), StoreError::none);
  expect_all();
}

INSTANTIATE_TEST_SUITE_P(
    Servers, TidyingBeside,
    testing::Values(ServerKind{"postgresql", postgresql_server, make_postgresql_store,
                               make_postgresql_connector, end_tidying_postgresql,
                               "SELECT count(*) FROM pg_locks WHERE NOT granted",
                               "LOCK TABLE sorting IN SHARE ROW EXCLUSIVE MODE"},
                    ServerKind{"mariadb", mariadb_server, make_mariadb_store,
                               make_mariadb_connector, end_tidying_mariadb,
                               "SELECT count(*) FROM information_schema.processlist WHERE info "
                               "LIKE 'UPDATE sorting%'",
                               "UPDATE sorting SET arrival = arrival + 0"}),
    [](const testing::TestParamInfo<ServerKind>& server) { return server.param.name; });

}  // namespace
}  // namespace espial::store
