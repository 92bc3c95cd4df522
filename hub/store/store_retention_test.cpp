// What every engine must do when readings are not kept for good: what is too old goes, kind by
// kind, and the sums stay.

#include <algorithm>

#include "hub/store/command_pruner.hpp"
#include "hub/store/retention.hpp"
#include "hub/store/rollups.hpp"
#include "hub/store/store_conformance_test.hpp"

namespace espial::store {
namespace {

constexpr std::uint8_t kTemperature = 1;
constexpr std::uint8_t kButton = 6;
constexpr int kDays = 10;
constexpr std::int64_t kToday = 20'778;
constexpr UnixTime kNow{kToday * kDayMs + kDayMs / 2};

Retention retention_of(std::initializer_list<const char*> rules) {
  Retention retention;
  for (const char* const rule : rules) EXPECT_TRUE(add_retention(rule, retention)) << rule;
  return retention;
}

TEST(Retention, IsReadFromText) {
  Retention retention = retention_of({"730", "button=90", "200=30"});
  EXPECT_EQ(retention.others_days, 730);
  EXPECT_EQ(retention.kind_days, (std::map<std::uint8_t, std::int64_t>{{kButton, 90}, {200, 30}}));
  for (const char* const bad : {"", "0", "-1", "x", "button=", "button", "=3", "nothing=3", "0=3",
                                "256=3", "button=36526", "button=3 "}) {
    EXPECT_FALSE(add_retention(bad, retention)) << bad;
  }
  EXPECT_EQ(retention.due(29), 0);
  EXPECT_EQ(retention.due(100), 90);
  EXPECT_FALSE(retention.ends_all(729));
  EXPECT_TRUE(retention.ends_all(730));
}

class StoreRetention : public StoreConformance {
 protected:
  /// Two readings a day of a thermometer (slot 0) and of a button (slot 1), sums and all.
  void put_days(const Retention& retention) {
    store_->close();
    store_->keep(retention);
    ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
    Changes changes{device_record(1), FunctionRecord{DeviceId{1}, 0, kTemperature, "", false},
                    FunctionRecord{DeviceId{1}, 1, kButton, "", false}};
    for (int i = 0; i < 2 * kDays; ++i) {
      const std::int64_t at_ms = (kToday - kDays) * kDayMs + i * kDayMs / 2 + 1;
      changes.push_back(number_reading(1, at_ms, i, 0));
      changes.push_back(number_reading(1, at_ms, i, 1));
    }
    ASSERT_EQ(apply(*store_, changes), StoreError::none) << store_->last_error_text();
    // Some of a night are sorted, and then all by the tidying at noon.
    tidy_until_done();
  }
  void tidy_until_done() {
    for (bool more = true; more;) {
      last_ = store_->tidy(kNow, true);
      ASSERT_EQ(last_.error, StoreError::none) << store_->last_error_text();
      more = last_.more;
    }
  }
  std::size_t stored(std::uint8_t slot) {
    std::size_t count = 0;
    const auto error = store_->open_reader()->readings(
        DeviceId{1}, slot, 0, UnixTime{0}, UnixTime{kMaxTimeMs}, [&](const Reading&) { ++count; });
    EXPECT_EQ(error, StoreError::none);
    return count;
  }
  /// What the curve is made of, sums included.
  std::uint64_t summed(std::uint8_t slot) {
    std::uint64_t count = 0;
    for (const auto& point : history(0, kMaxTimeMs, 1'000, slot).points) count += point.count;
    return count;
  }

  Tidying last_;
};

TEST_P(StoreRetention, EndsKindByKind) {
  put_days(retention_of({"button=3"}));
  EXPECT_EQ(last_.days_to_prune, 0u);
  EXPECT_EQ(stored(0), 2u * kDays);
  EXPECT_EQ(stored(1), 2u * 2) << "of yesterday and the day before";
  EXPECT_EQ(summed(0), 2u * kDays);
  EXPECT_EQ(summed(1), 2u * kDays) << "their sums stay";
}

TEST_P(StoreRetention, EndsAllOthers) {
  put_days(retention_of({"4", "temperature=6"}));
  EXPECT_EQ(stored(0), 2u * 5);
  EXPECT_EQ(stored(1), 2u * 3);
  EXPECT_EQ(summed(0), 2u * kDays);
  EXPECT_LE(last_.day_tables, 5u) << "nothing is left of the others";
  EXPECT_EQ(load().latest.size(), 2u);
}

TEST_P(StoreRetention, TakesWhatComesLate) {
  put_days(retention_of({"4"}));
  EXPECT_EQ(stored(0), 2u * 3);
  ASSERT_EQ(apply(*store_, {number_reading(1, (kToday - 8) * kDayMs + 5, 7)}), StoreError::none);
  ASSERT_EQ(apply(*store_, {number_reading(1, (kToday + 1) * kDayMs, 7)}), StoreError::none);
  for (bool more = true; more;) {
    last_ = store_->tidy(UnixTime{kNow.ms + 2 * kDayMs}, true);
    ASSERT_EQ(last_.error, StoreError::none) << store_->last_error_text();
    more = last_.more;
  }
  EXPECT_EQ(summed(0), 2u * kDays + 2);
  EXPECT_EQ(stored(0), 2u + 1) << "of the last day, and the day after it";
}

TEST_P(StoreRetention, GoesOnAfterARestart) {
  put_days(retention_of({"button=6"}));
  store_->close();
  store_ = make_();
  store_->keep(retention_of({"button=3"}));
  ASSERT_EQ(store_->open(), StoreError::none);
  tidy_until_done();
  EXPECT_EQ(stored(1), 2u * 2);
  EXPECT_EQ(stored(0), 2u * kDays);
}

TEST_P(StoreRetention, RulesAddedLaterTakeTheOldDaysToo) {
  put_days(retention_of({"button=6"}));
  store_->close();
  store_ = make_();
  store_->keep(retention_of({"button=6", "temperature=3"}));
  ASSERT_EQ(store_->open(), StoreError::none);
  const std::int64_t old_ms = (kToday - 8) * kDayMs;
  const auto curve = history(old_ms, old_ms + kDayMs, 1'000, 1);
  EXPECT_EQ(curve.points.size(), 2u)
      << "what ended is summed up, also while all wait for their turn";
  tidy_until_done();
  EXPECT_EQ(stored(0), 2u * 2);
  EXPECT_EQ(stored(1), 2u * 5);
  EXPECT_EQ(summed(0), 2u * kDays);
}

TEST_P(StoreRetention, WhatComesLateOfAKindThatEndedGoesToo) {
  put_days(retention_of({"button=3"}));
  const std::int64_t late_ms = (kToday - 3) * kDayMs;
  ASSERT_EQ(
      apply(*store_, {number_reading(1, late_ms + 5, 7, 0), number_reading(1, late_ms + 5, 7, 1),
                      number_reading(1, late_ms + 6, 7, 1)}),
      StoreError::none);
  tidy_until_done();
  EXPECT_EQ(stored(0), 2u * kDays + 1);
  EXPECT_EQ(stored(1), 2u * 2);
  EXPECT_EQ(summed(1), 2u * kDays + 2);
}

TEST_P(StoreRetention, WhatCameLateBeforeARestartGoesAfterIt) {
  const Retention rules = retention_of({"button=3"});
  put_days(rules);
  const std::int64_t late_ms = (kToday - 3) * kDayMs;
  ASSERT_EQ(
      apply(*store_, {number_reading(1, late_ms + 5, 7, 1), number_reading(1, late_ms + 6, 7, 1)}),
      StoreError::none);
  do {
    last_ = store_->tidy(kNow, true);
    ASSERT_TRUE(last_.more) << store_->last_error_text();
  } while (last_.readings_sorted == 0);
  store_->close();
  store_ = make_();
  store_->keep(rules);
  ASSERT_EQ(store_->open(), StoreError::none);
  EXPECT_EQ(stored(1), 2u * 2 + 2);
  tidy_until_done();
  EXPECT_EQ(stored(1), 2u * 2);
}

TEST_P(StoreRetention, CommandsThatEndedLongAgoGoAndTheHighestNumberStays) {
  const UnixTime old{kNow.ms - CommandPruner::kKept_ms - 1};
  const UnixTime recent{kNow.ms - CommandPruner::kKept_ms};
  constexpr std::uint32_t kDevice = 1;
  constexpr std::uint32_t kFarDevice = 200;
  constexpr std::uint32_t kOld = 600;  // of which a piece takes but some
  Changes changes{device_record(kDevice), device_record(kFarDevice)};
  const auto put = [&](std::uint32_t device, std::uint32_t id, CommandState state, UnixTime at) {
    const UnixTime ended = state == CommandState::pending ? UnixTime{} : at;
    changes.push_back(CommandRecord{DeviceId{device}, id, 0, 1, {}, state, at, ended, {}});
  };
  for (std::uint32_t id = 1; id <= kOld; ++id) put(kDevice, id, CommandState::executed, old);
  put(kDevice, kOld + 1, CommandState::pending, old);
  put(kDevice, kOld + 2, CommandState::refused, recent);
  put(kDevice, kOld + 3, CommandState::expired, old);
  put(kFarDevice, 6, CommandState::executed, old);
  put(kFarDevice, 7, CommandState::executed, old);
  ASSERT_EQ(apply(*store_, changes), StoreError::none) << store_->last_error_text();
  tidy_until_done();
  const auto left = [&](std::uint32_t device) {
    std::vector<CommandRecord> commands;
    EXPECT_EQ(store_->open_reader()->commands(DeviceId{device}, 1'000, commands), StoreError::none);
    std::vector<std::uint32_t> ids;
    for (const CommandRecord& command : commands) ids.push_back(command.command_id);
    return ids;
  };
  EXPECT_EQ(left(kDevice), (std::vector<std::uint32_t>{kOld + 3, kOld + 2, kOld + 1}));
  EXPECT_EQ(left(kFarDevice), std::vector<std::uint32_t>{7});
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreRetention, sorting_engines(), name_of);

}  // namespace
}  // namespace espial::store
