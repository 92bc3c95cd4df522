#include "hub/features/dispobox/calendar.hpp"

#include <gtest/gtest.h>

namespace espial::dispobox {
namespace {

constexpr std::uint32_t kHour = 3600;

Calendar read(std::string_view text) {
  const auto result = read_calendar(text);
  EXPECT_TRUE(std::holds_alternative<Calendar>(result))
      << (std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "");
  return std::holds_alternative<Calendar>(result) ? std::get<Calendar>(result) : Calendar{};
}

std::string refused(std::string_view text) {
  const auto result = read_calendar(text);
  EXPECT_TRUE(std::holds_alternative<std::string>(result)) << text;
  return std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "";
}

Calendar paris() { return read(R"({"zone": "Europe/Paris"})"); }

/// Seconds since 1970 of moments that the tests name by Paris' clocks.
constexpr UnixTime kFriday0859{1'774'598'340'000};   // 2026-03-27 08:59, UTC+1
constexpr UnixTime kFriday0900{1'774'598'400'000};   // 09:00
constexpr UnixTime kFriday2100{1'774'641'600'000};   // 21:00
constexpr UnixTime kOctober2100{1'792'782'000'000};  // Friday 2026-10-23 21:00, UTC+2

TEST(DispoBoxCalendar, IsOpenFromNineToTwentyOneOnWorkdays) {
  const Calendar calendar = paris();
  EXPECT_EQ(seconds_closed(calendar, kFriday0859), 60u);
  EXPECT_EQ(seconds_closed(calendar, {kFriday0859.ms + 1}), 60u);
  EXPECT_EQ(seconds_closed(calendar, kFriday0900), 0u);
  EXPECT_EQ(seconds_closed(calendar, {kFriday2100.ms - 1}), 0u);
  EXPECT_GT(seconds_closed(calendar, kFriday2100), 0u);
}

TEST(DispoBoxCalendar, AWeekendWithOneHourLessOrMoreIsAsLongAsItIs) {
  // From Friday 21:00 to Monday 9:00 are 60 hours by the clocks on the wall.
  EXPECT_EQ(seconds_closed(paris(), kFriday2100), 59 * kHour);
  EXPECT_EQ(seconds_closed(paris(), kOctober2100), 61 * kHour);
}

TEST(DispoBoxCalendar, AnOpeningInTheHourThatIsLeftOutBeginsWhenItWouldHaveEnded) {
  const Calendar calendar =
      read(R"({"zone": "Europe/Paris", "week": {"fri": [], "sun": ["02:30-05:00"]}})");
  // Saturday 2026-03-28 is closed; on Sunday clocks jump from 2 to 3.
  EXPECT_EQ(seconds_closed(calendar, kFriday2100), (3 + 24 + 2) * kHour);
}

TEST(DispoBoxCalendar, ExceptionsHaveHoursOfTheirOwn) {
  const Calendar calendar = read(
      R"({"zone": "Europe/Paris", "exceptions": {"2026-03-27": ["10:00-11:00"], "2026-03-30": []}})");
  EXPECT_EQ(seconds_closed(calendar, kFriday0900), kHour);
  EXPECT_EQ(seconds_closed(calendar, {kFriday0900.ms + 90 * 60'000}), 0u);
  // Monday is closed: the next opening is Tuesday's.
  EXPECT_EQ(seconds_closed(calendar, kFriday2100), (59 + 24) * kHour);
}

TEST(DispoBoxCalendar, OneThatNeverOpensSleepsForTheLongestTime) {
  const Calendar never = read(R"({"week": {"mon":[],"tue":[],"wed":[],"thu":[],"fri":[]}})");
  EXPECT_EQ(seconds_closed(never, kFriday0900), kMaxClosedDays * 24 * kHour);
}

TEST(DispoBoxCalendar, LocalTimeFollowsTheSite) {
  EXPECT_EQ(local_time(paris(), kFriday0900), "2026-03-27 09:00:00");
  EXPECT_EQ(local_time(paris(), kOctober2100), "2026-10-23 21:00:00");
}

TEST(DispoBoxCalendar, IsReadBackAsItWasWritten) {
  const std::string text = write_calendar(read(
      R"({"zone":"Asia/Tokyo","week":{"sat":["00:00-24:00"]},"exceptions":{"2026-12-24":["09:00-13:00"]}})"));
  EXPECT_EQ(write_calendar(read(text)), text);
  EXPECT_NE(text.find(R"("sat":["00:00-24:00"])"), std::string::npos);
}

TEST(DispoBoxCalendar, ErrorsNameThePlaceAndSayWhatToWrite) {
  EXPECT_NE(refused("nine to five").find("JSON object"), std::string::npos);
  EXPECT_NE(refused(R"({"zone": "Mars/Olympus"})").find("Europe/Paris"), std::string::npos);
  EXPECT_NE(refused(R"({"zone": "../../etc/passwd"})").find("Europe/Paris"), std::string::npos);
  EXPECT_NE(refused(R"({"week": {"mon": ["9-21"]}})").find("week.mon"), std::string::npos);
  EXPECT_NE(refused(R"({"week": {"mon": ["12:00-11:00"]}})").find("week.mon"), std::string::npos);
  EXPECT_NE(refused(R"({"week": {"mon": ["09:00-12:00", "11:00-13:00"]}})").find("overlap"),
            std::string::npos);
  EXPECT_NE(refused(R"({"week": {"lundi": []}})").find("tue"), std::string::npos);
  EXPECT_NE(refused(R"({"exceptions": {"2026-02-30": []}})").find("no date"), std::string::npos);
  EXPECT_NE(refused(R"({"weeks": {}})").find("unknown"), std::string::npos);
}

}  // namespace
}  // namespace espial::dispobox
