#include "sim/air/airtime.hpp"

#include <gtest/gtest.h>

namespace espial::sim {
namespace {

TEST(Airtime, FollowsTheLengthOfTheWholeFrame) {
  EXPECT_EQ(airtime(250), Duration{192 + 8 * (24 + 1 + 3 + 4 + 7 + 250 + 4)});
  EXPECT_EQ(airtime(251), Duration{192 + 8 * (24 + 1 + 3 + 4 + 2 * 7 + 251 + 4)});
  EXPECT_EQ(airtime(0), Duration{192 + 8 * (24 + 1 + 3 + 4 + 7 + 4)});
}

// 100 bytes are 800 bits; OFDM adds 22 bits and fills up a symbol.
TEST(Airtime, FollowsTheRate) {
  EXPECT_EQ(frame_airtime(100, Rate::k1), Duration{192 + 800});
  EXPECT_EQ(frame_airtime(100, Rate::k2), Duration{192 + 400});
  EXPECT_EQ(frame_airtime(100, Rate::k5_5), Duration{192 + 146});
  EXPECT_EQ(frame_airtime(100, Rate::k11), Duration{192 + 73});
  EXPECT_EQ(frame_airtime(100, Rate::k6), Duration{20 + 4 * 35 + 6});
  EXPECT_EQ(frame_airtime(100, Rate::k9), Duration{20 + 4 * 23 + 6});
  EXPECT_EQ(frame_airtime(100, Rate::k12), Duration{20 + 4 * 18 + 6});
  EXPECT_EQ(frame_airtime(100, Rate::k54), Duration{20 + 4 * 4 + 6});
}

TEST(Airtime, TheAcknowledgementHasABasicRate) {
  EXPECT_EQ(ack_rate(Rate::k1), Rate::k1);
  EXPECT_EQ(ack_rate(Rate::k11), Rate::k11);
  EXPECT_EQ(ack_rate(Rate::k9), Rate::k6);
  EXPECT_EQ(ack_rate(Rate::k18), Rate::k12);
  EXPECT_EQ(ack_rate(Rate::k54), Rate::k24);
  EXPECT_EQ(ack_time(Rate::k1), Duration{10 + 192 + 8 * 14});
  EXPECT_EQ(ack_time(Rate::k54), Duration{10 + 20 + 4 * 2 + 6});
}

// Frames a second of one busy sender, with half of the first window as its back-off, beside the
// measured ones: within 1 %.
TEST(Airtime, AChannelCarriesWhatARealOneCarries) {
  struct Measured {
    Rate rate;
    std::size_t body_size;
    double frames_per_s;
  };
  constexpr Measured kMeasured[] = {
      {Rate::k1, 16, 747},   {Rate::k1, 64, 581},   {Rate::k1, 250, 312},   {Rate::k1, 1470, 75},
      {Rate::k54, 16, 5600}, {Rate::k54, 64, 5400}, {Rate::k54, 250, 4800}, {Rate::k54, 1470, 2500},
  };
  for (const Measured& measured : kMeasured) {
    const AccessTiming timing = access_timing(measured.rate);
    const Duration fixed =
        timing.difs + airtime(measured.body_size, measured.rate) + ack_time(measured.rate);
    const double back_off_us = static_cast<double>(timing.slot.us * (timing.first_window - 1)) / 2;
    const double frames_per_s = 1e6 / (static_cast<double>(fixed.us) + back_off_us);
    EXPECT_NEAR(frames_per_s, measured.frames_per_s, measured.frames_per_s / 100);
  }
}

TEST(Airtime, LaddersNameARateForEveryAttempt) {
  EXPECT_EQ(kEsp32Rates.front(), Rate::k1);
  EXPECT_EQ(kEsp32Rates.back(), Rate::k1);
  EXPECT_EQ(kEsp8266Rates.front(), Rate::k6);
  EXPECT_EQ(kEsp8266Rates.back(), Rate::k1);
  EXPECT_EQ(half_megabits(Rate::k5_5), 11);
  EXPECT_EQ(half_megabits(Rate::k54), 108);
}

}  // namespace
}  // namespace espial::sim
