#include "sim/air/back_off.hpp"

#include <gtest/gtest.h>

namespace espial::sim {
namespace {

constexpr Channel kChannel{6};
constexpr Duration kDifs{50};
constexpr Duration kSlot{20};

const ForeignAir kSilence(1, {}, {});

BackOff back_off(std::uint32_t slots) { return {access_timing(Rate::k1), slots}; }

TEST(BackOffTest, WaitsForDifsAndItsSlots) {
  BackOff wait = back_off(3);
  EXPECT_TRUE(wait.paused());
  EXPECT_FALSE(wait.resume(Instant{1000}, kSilence, kChannel));
  EXPECT_EQ(wait.fire_at(), Instant{1000} + kDifs + kSlot * 3);
  BackOff none = back_off(0);
  none.resume(Instant{1000}, kSilence, kChannel);
  EXPECT_EQ(none.fire_at(), Instant{1000} + kDifs);
}

TEST(BackOffTest, KeepsTheSlotsItHasCounted) {
  BackOff wait = back_off(10);
  wait.resume(Instant{0}, kSilence, kChannel);
  wait.pause(Instant{0} + kDifs + kSlot * 4 + Duration{7}, kSilence, kChannel);
  EXPECT_TRUE(wait.paused());
  EXPECT_EQ(wait.slots(), 6U);
  wait.resume(Instant{10'000}, kSilence, kChannel);
  EXPECT_EQ(wait.fire_at(), Instant{10'000} + kDifs + kSlot * 6);
}

TEST(BackOffTest, CountsNothingDuringDifs) {
  BackOff wait = back_off(10);
  wait.resume(Instant{0}, kSilence, kChannel);
  wait.pause(Instant{0} + kDifs - Duration{1}, kSilence, kChannel);
  EXPECT_EQ(wait.slots(), 10U);
}

TEST(BackOffTest, IsBlindInItsLastSlot) {
  BackOff wait = back_off(2);
  wait.resume(Instant{0}, kSilence, kChannel);
  EXPECT_FALSE(wait.blind_at(wait.fire_at() - kSlot));
  EXPECT_TRUE(wait.blind_at(wait.fire_at() - kSlot + Duration{1}));
}

class BackOffAmongBursts : public testing::Test {
 protected:
  static ForeignAir foreign_air() {
    ForeignChannels channels;
    channels[kChannel.number] = {300, -60, 0};
    return {1, channels, {}};
  }
  const ForeignAir foreign_ = foreign_air();
  const Burst burst_ = foreign_.next_sensed(kChannel, Instant{});
};

TEST_F(BackOffAmongBursts, WaitsUntilTheBurstIsOver) {
  BackOff wait = back_off(1);
  EXPECT_TRUE(wait.resume(burst_.start, foreign_, kChannel));
  EXPECT_EQ(wait.fire_at(), burst_.end + kDifs + kSlot);
}

TEST_F(BackOffAmongBursts, KeepsWhatItCountedBeforeTheBurst) {
  BackOff wait = back_off(10);
  EXPECT_TRUE(wait.resume(burst_.start - kDifs - kSlot * 4, foreign_, kChannel));
  EXPECT_EQ(wait.fire_at(), burst_.end + kDifs + kSlot * 6);
  wait.pause(burst_.end + kDifs + kSlot * 2, foreign_, kChannel);
  EXPECT_EQ(wait.slots(), 4U);
}

TEST_F(BackOffAmongBursts, APauseDuringTheBurstCountsNothingTwice) {
  BackOff wait = back_off(10);
  wait.resume(burst_.start - kDifs - kSlot * 4, foreign_, kChannel);
  wait.pause(burst_.start + Duration{200}, foreign_, kChannel);
  EXPECT_EQ(wait.slots(), 6U);
}

TEST_F(BackOffAmongBursts, DoesNotSeeABurstOfLessThanASlot) {
  BackOff wait = back_off(4);
  EXPECT_FALSE(wait.resume(burst_.start - kDifs - kSlot * 4 + Duration{19}, foreign_, kChannel));
  EXPECT_EQ(wait.fire_at(), burst_.start + Duration{19});
}

}  // namespace
}  // namespace espial::sim
