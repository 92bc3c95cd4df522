// What every engine must do with readings of several days, in whatever order they come, at every
// stage of being sorted.

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

#include "hub/store/rollups.hpp"
#include "hub/store/store_conformance_test.hpp"

namespace espial::store {
namespace {

/// Midnight, 2026-11-21.
constexpr std::int64_t kMidnightMs = 20'778 * kDayMs;

class StoreSorting : public StoreConformance {};

TEST_P(StoreSorting, ReadsOverDaysAndWhatIsRecentInOrderOfTime) {
  put({device_record(1), device_record(2)});
  for (const std::int64_t at_ms : {-kDayMs, std::int64_t{-1}, std::int64_t{0}, kDayMs}) {
    put({number_reading(1, kMidnightMs + at_ms, static_cast<double>(at_ms)),
         number_reading(2, kMidnightMs + at_ms, 7)});
  }
  const History all = history(kMidnightMs - kDayMs, kMidnightMs + kDayMs + 1, 10);
  ASSERT_EQ(all.points.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(all.points[i].number, static_cast<double>(all.points[i].at.ms - kMidnightMs));
    EXPECT_TRUE(i == 0 || all.points[i - 1].at.ms < all.points[i].at.ms);
  }
  EXPECT_EQ(history(kMidnightMs - 1, kMidnightMs + kDayMs, 10).readings, 2u);
}

TEST_P(StoreSorting, PutsLateReadingsWhereTheyBelong) {
  put({device_record(1), number_reading(1, kMidnightMs, 1)});
  put({number_reading(1, kMidnightMs + 2 * kDayMs, 3)});
  put({number_reading(1, kMidnightMs + kDayMs, 2), number_reading(1, kMidnightMs - kDayMs, 0)});
  const History all = history(0, kMaxTimeMs, 10);
  ASSERT_EQ(all.points.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(all.points[i].number, static_cast<double>(i));
  EXPECT_EQ(load().latest.at(0).number, 3) << "the newest by the time it was taken";
}

TEST_P(StoreSorting, TakesARepeatedReadingOnceAtEveryStage) {
  put({device_record(1), number_reading(1, kMidnightMs, 1), number_reading(1, kMidnightMs + 1, 2)});
  Reading again = load().latest.at(0);
  EXPECT_EQ(again.number, 2);
  for (int i = 0; i < 10; ++i) {
    put({again});
    tidy(1);
    EXPECT_EQ(history(0, kMaxTimeMs, 10).readings, 2u);
  }
  put({number_reading(1, kMidnightMs + 1, 3)});
  EXPECT_EQ(history(0, kMaxTimeMs, 10).readings, 3u) << "another one of that millisecond";
}

TEST_P(StoreSorting, RefusesARepeatedReadingOfAnUnknownDevice) {
  Reading stray = number_reading(9, kMidnightMs, 1);
  stray.arrival = 5;
  EXPECT_EQ(apply(*store_, {stray}), StoreError::constraint);
  put({device_record(9), stray});
  EXPECT_EQ(history(0, kMaxTimeMs, 10, 0, 9).readings, 1u);
}

TEST_P(StoreSorting, KeepsTextsOnTheirWay) {
  Changes changes{device_record(1)};
  for (int i = 0; i < 9; ++i) {
    Reading reading = number_reading(1, kMidnightMs + i * kDayMs / 3, 0);
    reading.type = ValueType::text;
    reading.text = std::string(static_cast<std::size_t>(i), 'x');
    changes.push_back(reading);
  }
  put(changes);
  reopen();
  const History all = history(0, kMaxTimeMs, 10);
  ASSERT_EQ(all.points.size(), 9u);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(all.points[i].type, ValueType::text);
    EXPECT_EQ(all.points[i].text.size(), i);
  }
}

TEST_P(StoreSorting, ThinsACurveOverDays) {
  Changes changes{device_record(1)};
  for (int i = 0; i < 300; ++i)
    changes.push_back(number_reading(1, kMidnightMs + i * kDayMs / 100, i));
  put(changes);
  put({number_reading(1, kMidnightMs + 3 * kDayMs, 300)});
  const History three_days = history(0, kMaxTimeMs, 7);
  EXPECT_EQ(three_days.readings, 301u);
  std::uint32_t count = 0;
  double expected = 0;
  for (const HistoryPoint& point : three_days.points) {
    EXPECT_EQ(point.lowest, expected);
    EXPECT_EQ(point.number, (point.lowest + point.highest) / 2);
    expected = point.highest + 1;
    count += point.count;
  }
  EXPECT_LE(three_days.points.size(), 7u);
  EXPECT_EQ(count, 301u);
}

/// What was stored, to compare with.
class Model {
 public:
  void add(const Reading& reading) {
    // Within one millisecond the order is that of arrival.
    readings_[{reading.device.value, reading.slot}].emplace(reading.taken_at.ms, reading.number);
    ++count_;
  }
  std::uint64_t count() const { return count_; }
  const auto& series() const { return readings_; }

 private:
  std::map<std::pair<std::uint32_t, std::uint8_t>, std::multimap<std::int64_t, double>> readings_;
  std::uint64_t count_ = 0;
};

TEST_P(StoreSorting, HasEverythingOnceWhateverHappens) {
  std::minstd_rand random{7};
  const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  Model model;
  put({device_record(1), device_record(2), device_record(3)});
  for (int round = 0; round < 120; ++round) {
    Changes changes;
    for (unsigned i = below(40); i > 0; --i) {
      const std::int64_t at_ms = kMidnightMs + round * kDayMs / 50 + below(1'000);
      const std::int64_t late_ms = below(5) == 0 ? below(3) * kDayMs : 0;
      changes.push_back(number_reading(1 + below(3), at_ms - late_ms,
                                       static_cast<double>(model.count() + i),
                                       static_cast<std::uint8_t>(below(2))));
    }
    for (const Change& change : changes) model.add(std::get<Reading>(change));
    put(changes);
    if (GetParam().pieces_after_put > 0) tidy(below(4));
    if (below(10) == 0) reopen();
    if (round % 8 != 0) continue;
    EXPECT_EQ(store_->open_reader()->counts().readings, model.count());
    std::map<std::pair<std::uint32_t, std::uint8_t>, std::int64_t> latest;
    for (const Reading& reading : load().latest) {
      latest[{reading.device.value, reading.slot}] = reading.taken_at.ms;
    }
    EXPECT_EQ(latest.size(), model.series().size());
    for (const auto& [series, readings] : model.series()) {
      const History all = history(0, kMaxTimeMs, kMaxHistoryPoints, series.second, series.first);
      std::multimap<std::int64_t, double> read;
      for (const HistoryPoint& point : all.points) read.emplace(point.at.ms, point.number);
      ASSERT_EQ(read, readings) << "round " << round;
      EXPECT_EQ(latest[series], readings.rbegin()->first);
    }
  }
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Engines, StoreSorting, engines(), name_of);

}  // namespace espial::store
