#include "hub/features/wake_rhythms.hpp"

#include <gtest/gtest.h>

namespace espial::features {
namespace {

constexpr MacAddress kModule{{0x5e, 0x50, 0x1a, 0x10, 0, 7}};
constexpr MacAddress kOther{{0x5e, 0x50, 0x1a, 0x10, 0, 8}};

class WakeRhythmsTest : public testing::Test {
 protected:
  void heard_after(Duration pause) { rhythms_.heard(kModule, now_ = now_ + pause); }

  WakeRhythms rhythms_;
  Instant now_{5};
};

TEST_F(WakeRhythmsTest, APauseIsKnownOnceThereWasOne) {
  EXPECT_EQ(rhythms_.longest_pause_s(kModule), std::nullopt);
  heard_after({});
  EXPECT_EQ(rhythms_.longest_pause_s(kModule), std::nullopt);
  heard_after(Duration::milliseconds(299'100));
  EXPECT_EQ(rhythms_.longest_pause_s(kModule), 300U);
  EXPECT_EQ(rhythms_.longest_pause_s(kOther), std::nullopt);
}

TEST_F(WakeRhythmsTest, FramesOfOneWakeAreNoPause) {
  heard_after({});
  heard_after(WakeRhythms::kWake - Duration::microseconds(1));
  EXPECT_EQ(rhythms_.longest_pause_s(kModule), std::nullopt);
  heard_after(WakeRhythms::kWake);
  EXPECT_EQ(rhythms_.longest_pause_s(kModule), 2U);
}

TEST_F(WakeRhythmsTest, APressInBetweenHidesNoLongSleepAndAnOldOneIsForgotten) {
  heard_after({});
  heard_after(Duration::seconds(600));
  for (std::size_t i = 1; i < WakeRhythms::kKeptPauses; ++i) {
    heard_after(Duration::seconds(10));
    EXPECT_EQ(rhythms_.longest_pause_s(kModule), 600U);
  }
  heard_after(Duration::seconds(10));
  EXPECT_EQ(rhythms_.longest_pause_s(kModule), 10U);
}

TEST_F(WakeRhythmsTest, AModuleThatLeftBeginsAnew) {
  heard_after({});
  heard_after(Duration::seconds(600));
  rhythms_.forget(kModule);
  EXPECT_EQ(rhythms_.longest_pause_s(kModule), std::nullopt);
}

}  // namespace
}  // namespace espial::features
