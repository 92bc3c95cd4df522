#include "sim/network/duty_audit.hpp"

#include <gtest/gtest.h>

namespace espial::sim {
namespace {

constexpr Duration kFrame = Duration::milliseconds(10);
constexpr Instant kStart{1'000'000'000};

/// Sends as often as its limit lets it; @returns how many frames until the audit said no.
int frames_until_broken(DutyAudit& audit, Duration apart, int most) {
  for (int i = 0; i < most; ++i) {
    if (!audit.on_sent(kStart + Duration{apart.us * i}, kFrame, true)) return i;
  }
  return most;
}

TEST(DutyAudit, LetsAWindowBeUsedAtOnceAndNoMore) {
  DutyAudit audit;
  audit.set_limit(kStart, 20);
  // 20 permille of ten seconds are twenty frames; the next one passes the limit, and is the last.
  EXPECT_EQ(frames_until_broken(audit, Duration{}, 100), 21);
  EXPECT_GT(audit.near_limit(), 0U);
}

TEST(DutyAudit, LetsAShareBeUsedForEver) {
  DutyAudit audit;
  audit.set_limit(kStart, 20);
  EXPECT_EQ(frames_until_broken(audit, Duration::milliseconds(500), 10'000), 10'000);
}

TEST(DutyAudit, FindsALittleTooMuchInTheLongRun) {
  DutyAudit audit;
  audit.set_limit(kStart, 20);
  EXPECT_LT(frames_until_broken(audit, Duration::milliseconds(490), 10'000), 2'000);
}

TEST(DutyAudit, AsksNothingOfABoardWithoutALimitOrAfterAReset) {
  DutyAudit audit;
  EXPECT_EQ(frames_until_broken(audit, Duration{}, 2'000), 2'000);
  audit.set_limit(kStart, 20);
  audit.begin();
  EXPECT_TRUE(audit.on_sent(kStart, kFrame, true));
}

TEST(DutyAudit, TakesWhatWasUsedOverToALowerLimit) {
  DutyAudit audit;
  audit.set_limit(kStart, 20);
  EXPECT_EQ(frames_until_broken(audit, Duration{}, 10), 10) << "half of it";
  audit.set_limit(kStart, 10);
  EXPECT_EQ(frames_until_broken(audit, Duration{}, 100), 6) << "the other half";
}

TEST(DutyAudit, CountsASearchAndLetsItPass) {
  DutyAudit audit;
  audit.set_limit(kStart, 20);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(audit.on_sent(kStart, kFrame, false));
  EXPECT_FALSE(audit.on_sent(kStart + Duration::seconds(10), kFrame, true));
  EXPECT_TRUE(audit.on_sent(kStart + Duration::seconds(20), kFrame, true));
}

}  // namespace
}  // namespace espial::sim
