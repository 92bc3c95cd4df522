#include "core/node/sleep_clock.hpp"

#include <gtest/gtest.h>

#include <array>

namespace espial::node {
namespace {

constexpr Duration kHour = Duration::seconds(3600);

/// What a clock learns from a day's sleep after which the true time is `error` ahead.
SleepClock after_a_day(Duration error) {
  SleepClock clock;
  clock.on_slept(kHour * 24);
  clock.on_fresh_time(error);
  return clock;
}

TEST(SleepClockTest, LearnsFromAFreshTimeHowLongSleepsAre) {
  const SleepClock slow = after_a_day(Duration::seconds(864));
  EXPECT_EQ(slow.corrected(kHour), Duration::seconds(3636));
  const SleepClock fast = after_a_day(Duration::seconds(-864));
  EXPECT_EQ(fast.corrected(kHour), Duration::seconds(3564));
  EXPECT_EQ(SleepClock{}.corrected(kHour), kHour);
}

TEST(SleepClockTest, WhatItCorrectsWithIsPartOfTheNextLesson) {
  SleepClock clock = after_a_day(Duration::seconds(864));
  clock.on_slept(kHour * 24);
  clock.on_fresh_time(Duration::seconds(864));
  EXPECT_EQ(clock.corrected(kHour), Duration::seconds(3672));
}

TEST(SleepClockTest, CountsWhatWasCorrectedOnTheWay) {
  SleepClock clock;
  clock.on_slept(kHour * 12);
  clock.on_corrected(Duration::seconds(400));
  clock.on_slept(kHour * 12);
  clock.on_fresh_time(Duration::seconds(464));
  EXPECT_EQ(clock.corrected(kHour), Duration::seconds(3636));
}

TEST(SleepClockTest, LearnsNothingFromLittleSleepOrAClockThatSomebodySet) {
  SleepClock clock;
  clock.on_slept(Duration::seconds(3599));
  clock.on_fresh_time(Duration::seconds(36));
  EXPECT_EQ(clock.corrected(kHour), kHour);
  EXPECT_EQ(after_a_day(kHour * 10).corrected(kHour), kHour);
  EXPECT_EQ(after_a_day(kHour * -10).corrected(kHour), kHour);
}

TEST(SleepClockTest, WantsAFreshTimeOnceADay) {
  SleepClock clock;
  clock.on_slept(kHour * 24 - Duration::milliseconds(1));
  EXPECT_FALSE(clock.fresh_time_due());
  clock.on_slept(Duration::milliseconds(1));
  EXPECT_TRUE(clock.fresh_time_due());
  clock.begin();
  EXPECT_FALSE(clock.fresh_time_due());
}

TEST(SleepClockTest, NoSleepIsTooLong) {
  SleepClock clock = after_a_day(Duration::seconds(8640));
  for (int i = 0; i < 3; ++i) clock.on_slept(Duration::seconds(1'000'000'000));
  EXPECT_TRUE(clock.fresh_time_due());
  EXPECT_EQ(clock.corrected(Duration::seconds(1'000'000'000)), Duration::seconds(1'100'000'000));
  clock.on_corrected(Duration::seconds(1'000'000'000));
  clock.on_fresh_time(Duration::seconds(1'000'000'000));
  EXPECT_EQ(clock.corrected(kHour), Duration::seconds(3960)) << "nothing was learned from that";
}

TEST(SleepClockTest, IsRetained) {
  SleepClock clock = after_a_day(Duration::seconds(-864));
  clock.on_slept(kHour * 25);
  clock.on_corrected(Duration::seconds(-5));
  std::array<std::uint8_t, SleepClock::kRetainedSize> bytes{};
  ByteWriter out(bytes);
  clock.retain(out);
  ByteReader in(bytes);
  SleepClock again(in);
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(again.fresh_time_due());
  EXPECT_EQ(again.corrected(kHour), Duration::seconds(3564));
  clock.on_fresh_time(Duration::seconds(-895));
  again.on_fresh_time(Duration::seconds(-895));
  EXPECT_EQ(again.corrected(kHour), clock.corrected(kHour));
  EXPECT_EQ(again.corrected(kHour), Duration::seconds(3528));
}

}  // namespace
}  // namespace espial::node
