#pragma once

// The engines that the conformance suite runs against, and what its tests share.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {

/// A moment after everything the tests store, on a day of its own.
inline constexpr UnixTime kTidyingTime{1'800'000'000'000};

/// Each engine is tried with all readings recent, with some and with none.
struct Engine {
  std::string name;
  std::function<std::unique_ptr<Store>(const TemporaryFolder&)> make;
  std::size_t pieces_after_put = 0;  ///< of tidying
};

inline void PrintTo(const Engine& engine, std::ostream* out) { *out << engine.name; }

inline std::unique_ptr<Store> make_sorting_sqlite(const TemporaryFolder& folder) {
  return make_sqlite_store(
      {.file = folder.file(), .sorting = {.max_recent_rows = 2, .slice_rows = 2}});
}

inline auto engines() {
  const auto make_sqlite = [](const TemporaryFolder& folder) {
    return make_sqlite_store({.file = folder.file()});
  };
  return testing::Values(Engine{"sqlite", make_sqlite, 0},
                         Engine{"sqlite_while_sorting", make_sorting_sqlite, 1},
                         Engine{"sqlite_sorted", make_sorting_sqlite, 1'000});
}

inline std::string name_of(const testing::TestParamInfo<Engine>& engine) {
  return engine.param.name;
}

class StoreConformance : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override { open(); }

  void open() {
    store_ = GetParam().make(folder_);
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
  std::unique_ptr<Store> store_;
};

}  // namespace espial::store
