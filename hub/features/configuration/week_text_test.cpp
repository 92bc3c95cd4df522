#include "hub/features/configuration/week_text.hpp"

#include <gtest/gtest.h>

namespace espial::configuration {
namespace {

using Points = std::vector<wire::SwitchingPoint>;

TEST(WeekText, ALineSaysDaysTimeAndSetPoint) {
  EXPECT_EQ(parse_week_line("Mon 00:00 21.5"), (Points{{0, 2150}}));
  EXPECT_EQ(parse_week_line("Tue-Wed 06:30 17"), (Points{{1830, 1700}, {3270, 1700}}));
  EXPECT_EQ(parse_week_line("sun-MON 23:59 off"),
            (Points{{1439, wire::kNoSetPoint}, {10079, wire::kNoSetPoint}}))
      << "over the end of the week, in its order";
  EXPECT_EQ(parse_week_line("Mon-Sun 12:00 -0.05")->size(), 7U);
  EXPECT_EQ(parse_week_line("Sat-Fri 12:00 5")->size(), 7U);
}

TEST(WeekText, EverythingElseIsRefused) {
  for (const char* line :
       {"", "Mon", "Mon 06:30", "Mon 6:30 21", "Mon 24:00 21", "Mon 12:60 21", "Mon 0x:00 21",
        "Mond 06:30 21", "Mon- 06:30 21", "-Mon 06:30 21", "Mon-Tue-Wed 06:30 21", "Mon 06:30 21 ",
        "Mon 06:30  21", "Mon 06:30 warm", "Mon 06:30 nan", "Mon 06:30 1000", "Mon 06:30 Off",
        "\xff\xfe 06:30 21"}) {
    EXPECT_FALSE(parse_week_line(line)) << line;
  }
}

TEST(WeekText, AWeekIsInOrderAndHasAPlaceForEachPoint) {
  const auto week = make_week(2, {{3270, 1700}, {0, 2150}});
  ASSERT_TRUE(week);
  EXPECT_EQ(week->slot, 2);
  ASSERT_EQ(week->points.size(), 2U);
  EXPECT_EQ(week->points[0].minute, 0);
  EXPECT_FALSE(make_week(0, {{5, 1700}, {5, 2100}})) << "two at one minute";
  Points most;
  for (std::uint16_t i = 0; i < wire::kMaxSwitchingPoints; ++i) most.push_back({i, 2000});
  EXPECT_TRUE(make_week(0, most));
  most.push_back({9000, 2000});
  EXPECT_FALSE(make_week(0, most));
}

}  // namespace
}  // namespace espial::configuration
