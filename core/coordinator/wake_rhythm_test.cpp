#include "core/coordinator/wake_rhythm.hpp"

#include <gtest/gtest.h>

namespace espial::coordinator {
namespace {

TEST(WakeRhythm, NothingIsKnownBeforeThereWasAPause) {
  const WakeRhythm rhythm;
  EXPECT_EQ(rhythm.longest_pause_s(), 0U);
  EXPECT_EQ(rhythm.usual_pause_s(), 0U);
}

TEST(WakeRhythm, APauseIsKnownOnceThereWasOneInSecondsRoundedUp) {
  WakeRhythm rhythm;
  rhythm.heard_after(Duration::milliseconds(299'100));
  EXPECT_EQ(rhythm.longest_pause_s(), 300U);
  EXPECT_EQ(rhythm.usual_pause_s(), 300U);
}

TEST(WakeRhythm, FramesOfOneWakeAreNoPause) {
  WakeRhythm rhythm;
  rhythm.heard_after(WakeRhythm::kWake - Duration::microseconds(1));
  EXPECT_EQ(rhythm.longest_pause_s(), 0U);
  rhythm.heard_after(WakeRhythm::kWake);
  EXPECT_EQ(rhythm.longest_pause_s(), 2U);
}

TEST(WakeRhythm, APressInBetweenHidesNoLongSleepAndAnOldOneIsForgotten) {
  WakeRhythm rhythm;
  rhythm.heard_after(Duration::seconds(600));
  for (std::size_t i = 1; i < WakeRhythm::kKeptPauses; ++i) {
    rhythm.heard_after(Duration::seconds(10));
    EXPECT_EQ(rhythm.longest_pause_s(), 600U);
  }
  rhythm.heard_after(Duration::seconds(10));
  EXPECT_EQ(rhythm.longest_pause_s(), 10U);
}

TEST(WakeRhythm, OneAbsenceIsNoRhythmAndTwoAre) {
  WakeRhythm rhythm;
  rhythm.heard_after(Duration::seconds(600));
  rhythm.heard_after(Duration::seconds(40'000));
  EXPECT_EQ(rhythm.usual_pause_s(), 600U);
  EXPECT_EQ(rhythm.longest_pause_s(), 40'000U);
  rhythm.heard_after(Duration::seconds(40'000));
  EXPECT_EQ(rhythm.usual_pause_s(), 40'000U);
}

TEST(WakeRhythm, APauseBeyondAReportIntervalIsTheLongestOne) {
  WakeRhythm rhythm;
  rhythm.heard_after(Duration::seconds(1'000'000));
  EXPECT_EQ(rhythm.longest_pause_s(), 65'535U);
}

}  // namespace
}  // namespace espial::coordinator
