#include "core/wire/week_schedule.hpp"

#include <gtest/gtest.h>

namespace espial::wire {
namespace {

WeekSchedule schedule(std::initializer_list<SwitchingPoint> points) {
  WeekSchedule result;
  for (const SwitchingPoint& point : points) (void)result.points.push_back(point);
  return result;
}

TEST(WeekScheduleTest, TheLastPointHoldsAlsoOverSundaysEnd) {
  const WeekSchedule week = schedule({{360, 2100}, {1320, 1700}, {1800, 2050}});
  EXPECT_EQ(week.at(0)->set_point_cC, 2050);
  EXPECT_EQ(week.at(359)->set_point_cC, 2050);
  EXPECT_EQ(week.at(360)->set_point_cC, 2100);
  EXPECT_EQ(week.at(1799)->set_point_cC, 1700);
  EXPECT_EQ(week.at(kMinutesPerWeek - 1)->set_point_cC, 2050);
  EXPECT_FALSE(WeekSchedule{}.at(0).has_value());
}

TEST(WeekScheduleTest, TheWeekBeginsOnMondayInLocalTime) {
  // 2023-11-20 was a Monday.
  constexpr std::int64_t kMonday_ms = 1'700'438'400'000;
  EXPECT_EQ(minute_of_week(kMonday_ms, 0), 0);
  EXPECT_EQ(minute_of_week(kMonday_ms, 60), 60);
  EXPECT_EQ(minute_of_week(kMonday_ms, -1), kMinutesPerWeek - 1);
  EXPECT_EQ(minute_of_week(kMonday_ms + 59'999, 0), 0);
  EXPECT_EQ(minute_of_week(kMonday_ms - 1, 0), kMinutesPerWeek - 1);
  EXPECT_EQ(minute_of_week(0, -7 * 24 * 60), 3 * 24 * 60);
}

}  // namespace
}  // namespace espial::wire
