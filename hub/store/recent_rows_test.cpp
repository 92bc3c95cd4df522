#include "hub/store/recent_rows.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace espial::store {
namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

RecentRows::Entry entry(std::uint64_t arrival, std::uint32_t device, std::int64_t at_ms) {
  return {Series::of(DeviceId{device}, 1, 2),
          {arrival, at_ms, static_cast<double>(arrival), ValueType::number}};
}

std::vector<std::uint64_t> arrivals(const std::vector<RecentRow>& rows) {
  std::vector<std::uint64_t> numbers;
  for (const RecentRow& row : rows) numbers.push_back(row.arrival);
  return numbers;
}

using Numbers = std::vector<std::uint64_t>;

TEST(Series, IsOrderedByDeviceSlotAndField) {
  const auto at = [](std::uint32_t device, std::uint8_t slot, std::uint8_t field) {
    return Series::of(DeviceId{device}, slot, field);
  };
  EXPECT_LT(at(1, 255, 255), at(2, 0, 0));
  EXPECT_LT(at(1, 1, 255), at(1, 2, 0));
  EXPECT_EQ(at(0xffffffff, 11, 255).device(), DeviceId{0xffffffff});
  EXPECT_EQ(at(0xffffffff, 11, 255).slot(), 11);
  EXPECT_EQ(at(0xffffffff, 11, 254).field(), 254);
}

TEST(RecentRows, CopiesOneSeriesInOrderOfTime) {
  RecentRows rows;
  const std::vector<RecentRows::Entry> entries{entry(5, 1, 30), entry(6, 2, 1), entry(7, 1, 10),
                                               entry(8, 1, 30)};
  rows.append(entries);
  EXPECT_EQ(arrivals(rows.copy(entries[0].series, 0, kForever)), (Numbers{7, 5, 8}));
  EXPECT_EQ(arrivals(rows.copy(entries[0].series, 10, 30)), Numbers{7});
  EXPECT_TRUE(rows.copy(Series::of(DeviceId{3}, 1, 2), 0, kForever).empty());
}

TEST(RecentRows, KeepsTheLargestOfEverything) {
  RecentRows rows;
  constexpr std::uint64_t kArrival = std::uint64_t{7} << 40;
  std::vector<RecentRows::Entry> entries{entry(kArrival - 1, 1, kMaxTimeMs),
                                         entry(kArrival + 0xfffffff0, 1, 0)};
  entries[1].row.type = ValueType::text;
  rows.append(entries);
  const auto copied = rows.copy(entries[0].series, 0, kForever);
  EXPECT_EQ(arrivals(copied), (Numbers{kArrival + 0xfffffff0, kArrival - 1}));
  EXPECT_EQ(copied[1].taken_at_ms, kMaxTimeMs);
  EXPECT_EQ(copied[1].type, ValueType::number);
  EXPECT_EQ(copied[0].type, ValueType::text);
}

TEST(RecentRows, TakesWhatIsNoNumberForNone) {
  Reading reading;
  reading.type = ValueType::number;
  reading.number = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(RecentRows::Entry::of(reading, 1).row.type, ValueType::none);
  reading.number = 1;
  EXPECT_EQ(RecentRows::Entry::of(reading, 1).row.type, ValueType::number);
}

TEST(RecentRows, FindsTheNewestByTimeThenArrival) {
  RecentRows rows;
  const std::vector<RecentRows::Entry> entries{entry(1, 1, 5), entry(2, 1, 5), entry(3, 1, 4)};
  rows.append(entries);
  const auto newest = rows.newest();
  ASSERT_EQ(newest.size(), 1u);
  EXPECT_EQ(newest[0].row.arrival, 2u);
}

TEST(RecentRows, GivesUpTheOldestOfASeries) {
  RecentRows rows;
  const std::vector<RecentRows::Entry> entries{entry(1, 2, 0), entry(2, 1, 0), entry(3, 2, 0),
                                               entry(4, 2, 0), entry(5, 3, 0)};
  rows.append(entries);
  const Series second = entries[0].series;
  EXPECT_EQ(rows.series_before(5), (std::vector{entries[1].series, second}));
  std::vector<RecentRows::Entry> front;
  rows.front(second, 4, 9, front);
  rows.front(second, 9, 1, front);
  ASSERT_EQ(front.size(), 3u);
  EXPECT_EQ(front[1].row.arrival, 3u);
  EXPECT_EQ(front[2].row.arrival, 1u);
  EXPECT_TRUE(rows.holds(second, 3));
  rows.drop(std::vector<RecentRows::Drop>{{second, 2}});
  EXPECT_FALSE(rows.holds(second, 3));
  EXPECT_TRUE(rows.holds(second, 4));
  EXPECT_EQ(rows.size(), 3u);
  EXPECT_EQ(arrivals(rows.copy(second, 0, kForever)), Numbers{4});
  rows.drop(std::vector<RecentRows::Drop>{{second, 1}});
  EXPECT_TRUE(rows.copy(second, 0, kForever).empty());
  const std::vector<RecentRows::Entry> more{entry(6, 2, 0)};
  rows.append(more);
  EXPECT_EQ(arrivals(rows.copy(second, 0, kForever)), Numbers{6});
}

TEST(RecentRows, GoesOnOverManyReleases) {
  RecentRows rows;
  constexpr std::uint64_t kRounds = 30;
  constexpr std::uint64_t kPerRound = 1'000;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    std::vector<RecentRows::Entry> entries;
    const std::uint64_t first = 1 + round * kPerRound;
    for (std::uint64_t i = 0; i < kPerRound; ++i) entries.push_back(entry(first + i, 1 + i % 2, 0));
    rows.append(entries);
    EXPECT_EQ(rows.copy(entries[0].series, 0, kForever).front().arrival, first);
    rows.drop(std::vector<RecentRows::Drop>{{entries[0].series, kPerRound / 2},
                                            {entries[1].series, kPerRound / 2}});
    rows.release(first + kPerRound);
    EXPECT_EQ(rows.size(), 0u);
  }
}

}  // namespace
}  // namespace espial::store
