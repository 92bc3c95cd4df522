// What every engine must do with sums by hour and day: they say what the readings say, whenever
// those come, and whatever is asked.

#include <algorithm>
#include <random>
#include <vector>

#include "hub/store/filed_readings.hpp"
#include "hub/store/store_conformance_test.hpp"

namespace espial::store {
namespace {

/// Midnight, 2026-11-21.
constexpr std::int64_t kMidnightMs = 20'778 * kDayMs;

class StoreRollups : public StoreConformance {
 protected:
  /// Ten readings a day of `days` days, in any order.
  void put_days(int days) {
    std::minstd_rand random{3};
    for (int i = 0; i < 10 * days; ++i) {
      readings_.push_back(number_reading(1, kMidnightMs + i * kDayMs / 10 + 1, (i * 37) % 101));
    }
    std::vector<Reading> shuffled = readings_;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    // The last fifth comes after the others were summed up.
    const auto late = shuffled.end() - static_cast<std::ptrdiff_t>(shuffled.size() / 5);
    put({device_record(1)});
    put(Changes(shuffled.begin(), late));
    put(Changes(late, shuffled.end()));
  }

  /// What the readings from <= taken_at < to should add up to.
  void expect_curve(std::int64_t from_ms, std::int64_t to_ms, std::size_t max_points) {
    SCOPED_TRACE("from " + std::to_string(from_ms - kMidnightMs) + " to " +
                 std::to_string(to_ms - kMidnightMs) + ", " + std::to_string(max_points));
    const History curve = history(from_ms, to_ms, max_points);
    std::uint64_t count = 0;
    double total = 0;
    double lowest = 1'000;
    double highest = -1;
    for (const Reading& reading : readings_) {
      if (reading.taken_at.ms < from_ms || reading.taken_at.ms >= to_ms) continue;
      ++count;
      total += reading.number;
      lowest = std::min(lowest, reading.number);
      highest = std::max(highest, reading.number);
    }
    EXPECT_EQ(curve.readings, count);
    ASSERT_LE(curve.points.size(), max_points);
    std::uint64_t curve_count = 0;
    double curve_total = 0;
    double curve_lowest = 1'000;
    double curve_highest = -1;
    std::int64_t last_ms = from_ms - 1;
    for (const HistoryPoint& point : curve.points) {
      EXPECT_GT(point.at.ms, last_ms);
      last_ms = point.at.ms;
      curve_count += point.count;
      curve_total += point.number * point.count;
      curve_lowest = std::min(curve_lowest, point.lowest);
      curve_highest = std::max(curve_highest, point.highest);
    }
    EXPECT_LT(last_ms, to_ms);
    EXPECT_EQ(curve_count, count);
    EXPECT_NEAR(curve_total, total, 1e-6);
    EXPECT_EQ(curve_lowest, lowest);
    EXPECT_EQ(curve_highest, highest);
  }

  std::vector<Reading> readings_;
};

TEST_P(StoreRollups, SayWhatTheReadingsSay) {
  put_days(12);
  for (const std::size_t points : {1u, 3u, 12u, 50u, 1'000u}) {
    expect_curve(0, kMaxTimeMs, points);
    expect_curve(kMidnightMs, kMidnightMs + 12 * kDayMs, points);
    expect_curve(kMidnightMs + kDayMs / 2, kMidnightMs + 7 * kDayMs + kHourMs + 1, points);
    expect_curve(kMidnightMs + 1, kMidnightMs + 2, points);
  }
}

TEST_P(StoreRollups, AreThereAfterARestart) {
  put_days(4);
  reopen();
  tidy(1'000);
  expect_curve(0, kMaxTimeMs, 4);
}

TEST_P(StoreRollups, LeaveTextsAlone) {
  Changes changes{device_record(1)};
  for (int i = 0; i < 20; ++i) {
    Reading reading = number_reading(1, kMidnightMs + i * kDayMs / 2, 0);
    reading.type = ValueType::text;
    reading.text = std::to_string(i);
    changes.push_back(reading);
  }
  put(changes);
  const History texts = history(0, kMaxTimeMs, 3);
  EXPECT_EQ(texts.readings, 20u);
  ASSERT_EQ(texts.points.size(), 3u);
  EXPECT_EQ(texts.points[0].text, "17");
  EXPECT_EQ(texts.points[2].text, "19");
}

TEST_P(StoreRollups, AWrongClockMakesNoTables) {
  put({device_record(1), number_reading(1, kMidnightMs, 1)});
  Changes changes;
  for (int i = 1; i <= 50; ++i) {
    Reading reading = number_reading(1, kTidyingTime.ms + i * 100 * kDayMs, i + 1);
    if (i == 50) {
      reading.type = ValueType::text;
      reading.text = "later";
    }
    changes.push_back(reading);
  }
  put(changes);
  const History all = history(0, kMaxTimeMs, 100);
  ASSERT_EQ(all.points.size(), 51u);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(all.points[i].number, static_cast<double>(i + 1));
  EXPECT_EQ(all.points[50].text, "later");
  EXPECT_EQ(store_->open_reader()->counts().readings, 51u);
  if (GetParam().pieces_after_put > 1) {
    EXPECT_LE(store_->tidy(kTidyingTime, false).day_tables, 1u);
  }

  Reading again = std::get<Reading>(changes[7]);
  again.arrival = load().latest.at(0).arrival - 42;
  put({again});
  EXPECT_EQ(history(0, kMaxTimeMs, 100).readings, 51u) << "it was stored before";
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Engines, StoreRollups, engines(), name_of);

}  // namespace espial::store
