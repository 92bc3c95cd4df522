#include "sim/air/foreign_traffic.hpp"

#include <gtest/gtest.h>

namespace espial::sim {
namespace {

ForeignChannels on_channel(std::uint8_t channel, std::uint32_t share_permille, int dbm,
                           std::uint32_t deaf_permille = 0) {
  ForeignChannels channels;
  channels[channel] = {share_permille, dbm, deaf_permille};
  return channels;
}

/// The share of `span` that is sensed on `listening`, in permille.
std::int64_t sensed_permille(const ForeignAir& air, Channel listening, Duration span) {
  std::int64_t busy_us = 0;
  Instant t;
  for (;;) {
    const Burst burst = air.next_sensed(listening, t);
    if (burst.end > Instant{} + span) return busy_us * 1000 / span.us;
    busy_us += (burst.end - burst.start).us;
    t = burst.end;
  }
}

TEST(ForeignTrafficTest, TakesTheShareAskedFor) {
  for (const std::uint32_t share : {50U, 300U, 800U, 900U}) {
    const ForeignAir air(1, on_channel(6, share, -60), {});
    EXPECT_NEAR(static_cast<double>(sensed_permille(air, Channel{6}, Duration::seconds(30))), share,
                share / 20.0);
  }
}

TEST(ForeignTrafficTest, NeverTakesEverything) {
  const ForeignAir air(1, on_channel(6, 5000, -60), {});
  EXPECT_LT(sensed_permille(air, Channel{6}, Duration::seconds(30)), 950);
}

TEST(ForeignTrafficTest, SilenceIsSilent) {
  const ForeignAir air(1, {}, {});
  EXPECT_EQ(air.next_sensed(Channel{6}, Instant{}).start, kNever);
  EXPECT_EQ(air.interference(Channel{6}, Instant{}, Instant{}, Instant{1'000'000}), 0U);
}

TEST(ForeignTrafficTest, TheChannelBesideSensesItWhenItIsStrong) {
  const ForeignAir strong(1, on_channel(6, 300, -40), {});
  const ForeignAir usual(1, on_channel(6, 300, -70), {});
  EXPECT_LT(strong.next_sensed(Channel{7}, Instant{}).start, kNever);
  EXPECT_EQ(usual.next_sensed(Channel{7}, Instant{}).start, kNever);
  EXPECT_LT(usual.next_sensed(Channel{6}, Instant{}).start, kNever);
  EXPECT_EQ(strong.next_sensed(Channel{13}, Instant{}).start, kNever);
}

TEST(ForeignTrafficTest, WhoHasHeardOurFrameWaitsAndTheDeafDoNot) {
  const ForeignAir polite(1, on_channel(6, 300, -60, 0), {});
  const ForeignAir deaf(1, on_channel(6, 300, -60, 1000), {});
  const Burst burst = polite.next_sensed(Channel{6}, Instant{});
  const Instant before = burst.start - Duration{100};
  const Instant during = burst.start + Duration{100};
  EXPECT_EQ(polite.interference(Channel{6}, before, before, during), 0U);
  EXPECT_EQ(deaf.interference(Channel{6}, before, before, during), power_of(-60));
  EXPECT_EQ(polite.interference(Channel{6}, during, during, burst.end), power_of(-60));
  EXPECT_EQ(polite.interference(Channel{6}, before, during, burst.end), 0U) << "an ACK";
  EXPECT_EQ(polite.interference(Channel{9}, during, during, burst.end), power_of(-74));
  EXPECT_EQ(polite.interference(Channel{13}, during, during, burst.end), 0U);
}

TEST(ForeignTrafficTest, TheSameSeedSendsTheSame) {
  const ForeignAir one(1, on_channel(6, 300, -60), {});
  const ForeignAir same(1, on_channel(6, 300, -60), {});
  const ForeignAir other(2, on_channel(6, 300, -60), {});
  EXPECT_EQ(one.next_sensed(Channel{6}, Instant{77'777}).start,
            same.next_sensed(Channel{6}, Instant{77'777}).start);
  EXPECT_NE(one.next_sensed(Channel{6}, Instant{77'777}).start,
            other.next_sensed(Channel{6}, Instant{77'777}).start);
}

}  // namespace
}  // namespace espial::sim
