#pragma once

// The engines that the conformance suite runs against, and what its tests share.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "hub/store/database_servers_test.hpp"
#include "hub/store/mariadb_store.hpp"
#include "hub/store/postgresql_store.hpp"
#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {

/// A moment after everything the tests store, on a day of its own.
inline constexpr UnixTime kTidyingTime{1'800'000'000'000};

/// Makes the same store again and again.
using StoreMaker = std::function<std::unique_ptr<Store>()>;

/// Each engine is tried with some readings recent and with none, SQLite also with all.
struct Engine {
  std::string name;
  std::function<StoreMaker(const TemporaryFolder&, SorterLimits)> prepare;
  SorterLimits sorting = {};
  std::size_t pieces_after_put = 0;  ///< of tidying
};

inline void PrintTo(const Engine& engine, std::ostream* out) { *out << engine.name; }

inline StoreMaker prepare_sqlite(const TemporaryFolder& folder, SorterLimits sorting) {
  return [file = folder.file(), sorting] {
    return make_sqlite_store({.file = file, .sorting = sorting});
  };
}

inline StoreMaker prepare_postgresql(const TemporaryFolder&, SorterLimits sorting) {
  return [address = postgresql_server().new_database(), sorting] {
    return make_postgresql_store(address, sorting);
  };
}

inline StoreMaker prepare_mariadb(const TemporaryFolder&, SorterLimits sorting) {
  return [address = mariadb_server().new_database(), sorting] {
    return make_mariadb_store(address, sorting);
  };
}

inline auto engines() {
  constexpr SorterLimits kBusy{.max_recent_rows = 2, .slice_rows = 2};
  constexpr std::size_t kUntilSorted = 1'000;
  return testing::Values(Engine{"sqlite", prepare_sqlite},
                         Engine{"sqlite_while_sorting", prepare_sqlite, kBusy, 1},
                         Engine{"sqlite_sorted", prepare_sqlite, kBusy, kUntilSorted},
                         Engine{"postgresql_while_sorting", prepare_postgresql, kBusy, 1},
                         Engine{"postgresql_sorted", prepare_postgresql, kBusy, kUntilSorted},
                         Engine{"mariadb_while_sorting", prepare_mariadb, kBusy, 1},
                         Engine{"mariadb_sorted", prepare_mariadb, kBusy, kUntilSorted});
}

/// One of each engine, for tests that sort by themselves.
inline auto sorting_engines() {
  constexpr SorterLimits kSome{.max_recent_rows = 2, .slice_rows = 5};
  return testing::Values(Engine{"sqlite", prepare_sqlite, kSome},
                         Engine{"postgresql", prepare_postgresql, kSome},
                         Engine{"mariadb", prepare_mariadb, kSome});
}

inline std::string name_of(const testing::TestParamInfo<Engine>& engine) {
  return engine.param.name;
}

class StoreConformance : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    make_ = GetParam().prepare(folder_, GetParam().sorting);
    open();
  }

  void open() {
    store_ = make_();
    ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
  }
  void reopen() {
    store_->close();
    open();
  }
  void put(Changes changes) {
    ASSERT_EQ(apply(*store_, std::move(changes)), StoreError::none) << store_->last_error_text();
    tidy(GetParam().pieces_after_put);
  }
  void tidy(std::size_t pieces) {
    for (bool more = true; more && pieces > 0; --pieces) {
      const Tidying tidying = store_->tidy(kTidyingTime, false);
      ASSERT_EQ(tidying.error, StoreError::none) << store_->last_error_text();
      more = tidying.more;
    }
  }
  Snapshot load() {
    Snapshot snapshot;
    EXPECT_EQ(store_->load(snapshot), StoreError::none) << store_->last_error_text();
    return snapshot;
  }
  History history(std::int64_t from_ms, std::int64_t to_ms, std::size_t max_points,
                  std::uint8_t slot = 0, std::uint32_t device = 1) {
    const auto reader = store_->open_reader();
    History history =
        reader->history(DeviceId{device}, slot, 0, UnixTime{from_ms}, UnixTime{to_ms}, max_points);
    EXPECT_EQ(history.error, StoreError::none);
    return history;
  }

  TemporaryFolder folder_;
  StoreMaker make_;
  std::unique_ptr<Store> store_;
};

}  // namespace espial::store
