// How `recent` is emptied in MariaDB: by whole partitions, and not under somebody who reads.

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>

#include "hub/store/database_servers_test.hpp"
#include "hub/store/mariadb_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

class MariadbSweeping : public testing::Test {
 protected:
  void SetUp() override {
    store_ = make_mariadb_store(address_, {.max_recent_rows = 10, .slice_rows = 100});
    ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
    ASSERT_EQ(apply(*store_, {device_record(1)}), StoreError::none);
  }

  void put(int count) {
    Changes changes;
    for (; count > 0; --count) changes.push_back(number_reading(1, ++stored_, 1));
    ASSERT_EQ(apply(*store_, std::move(changes)), StoreError::none) << store_->last_error_text();
  }
  void tidy() {
    Tidying tidying;
    do {
      tidying = store_->tidy(UnixTime{1}, false);
      ASSERT_EQ(tidying.error, StoreError::none) << store_->last_error_text();
    } while (tidying.more);
  }
  std::int64_t ask(const std::string& question) {
    const auto query = other_->prepare(question);
    return query->next() ? query->integer(0) : -1;
  }
  std::int64_t rows() { return ask("SELECT count(*) FROM recent"); }
  std::uint64_t readings() { return store_->open_reader()->counts().readings; }

  const ServerAddress address_ = mariadb_server().new_database();
  std::unique_ptr<Store> store_;
  std::unique_ptr<Connection> other_ = make_mariadb_connector(address_)(Purpose::reading);
  std::int64_t stored_ = 0;
};

TEST_F(MariadbSweeping, EmptiesWhatIsFiled) {
  put(10);
  EXPECT_EQ(rows(), 10);
  tidy();
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(readings(), 10u);
}

TEST_F(MariadbSweeping, LeavesAPartitionThatHoldsWhatIsNotFiled) {
  put(10);
  (void)store_->tidy(UnixTime{1}, false);  // files them
  put(5);
  tidy();
  EXPECT_EQ(rows(), 15);
  EXPECT_EQ(readings(), 15u);
  put(5);
  tidy();
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(readings(), 20u);
}

TEST_F(MariadbSweeping, WaitsForWhoReads) {
  put(10);
  {
    const Moment moment(*other_);
    tidy();
    EXPECT_EQ(rows(), 10) << "as at the moment";
  }
  EXPECT_EQ(rows(), 10) << "nothing was emptied";
  EXPECT_EQ(readings(), 10u);
  store_->close();
  ASSERT_EQ(store_->open(), StoreError::none);
  tidy();
  EXPECT_EQ(rows(), 0) << "a start makes up for it";
  EXPECT_EQ(readings(), 10u);
}

TEST_F(MariadbSweeping, WaitsForWhoAppends) {
  put(10);
  EXPECT_EQ(store_->tidy(UnixTime{1}, true).readings_sorted, 10u);
  // The next piece sweeps. A commit has appended, and can't count itself before this one ends.
  other_->begin();
  other_->execute("UPDATE meta SET \"value\" = \"value\" WHERE \"key\" = 'store.commits'");
  const auto runs = [&](const std::string& beginning) {
    return ask("SELECT count(*) FROM information_schema.processlist WHERE info LIKE '" + beginning +
               "%'") > 0;
  };
  auto commit =
      std::async(std::launch::async, [this] { return apply(*store_, {number_reading(1, 11, 1)}); });
  while (!runs("INSERT INTO meta")) std::this_thread::yield();
  auto sweep = std::async(std::launch::async, [this] { return store_->tidy(UnixTime{1}, true); });
  // Who does not wait is soon there.
  for (int i = 0; i < 200 && !runs("ALTER TABLE recent"); ++i) std::this_thread::yield();
  other_->roll_back();
  EXPECT_EQ(commit.get(), StoreError::none) << store_->last_error_text();
  EXPECT_EQ(sweep.get().error, StoreError::none) << store_->last_error_text();
  EXPECT_EQ(readings(), 11u);
}

}  // namespace
}  // namespace espial::store
