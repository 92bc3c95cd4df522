#include "hub/features/gateway_watch.hpp"

#include <gtest/gtest.h>

namespace espial::features {
namespace {

constexpr MacAddress kGateway{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kOther{{2, 0, 0, 0, 0, 2}};
constexpr int kPatience_s = static_cast<int>(GatewayWatch::kPatience.ms() / 1000);

class GatewayWatchTest : public testing::Test {
 protected:
  /// A look every second.
  std::vector<MacAddress> watch(int seconds, bool listening = true) {
    std::vector<MacAddress> missed;
    for (int i = 0; i < seconds; ++i) {
      now_ = now_ + Duration::seconds(1);
      for (const MacAddress& gateway : watch_.look(now_, listening)) missed.push_back(gateway);
    }
    return missed;
  }

  Instant now_;
  GatewayWatch watch_;
};

TEST_F(GatewayWatchTest, MissesOnceWhoeverHasFallenSilent) {
  watch(1);
  watch_.hear(kGateway);
  watch_.hear(kOther);
  EXPECT_TRUE(watch(kPatience_s - 1).empty());
  watch_.hear(kOther);
  EXPECT_EQ(watch(1), std::vector<MacAddress>{kGateway});
  EXPECT_TRUE(watch(10).empty());
  watch_.hear(kGateway);
  watch_.hear(kOther);
  EXPECT_EQ(watch(kPatience_s), (std::vector<MacAddress>{kGateway, kOther}));
}

TEST_F(GatewayWatchTest, WhatTheBrokerHasKeptCountsForAWhileAndOnce) {
  watch(1);
  EXPECT_TRUE(watch_.expect(kGateway));
  watch(kPatience_s - 1);
  EXPECT_TRUE(watch_.expect(kGateway))
      << "the connection was made anew: that is no word of its own";
  EXPECT_EQ(watch(1).size(), 1U);
  EXPECT_FALSE(watch_.expect(kGateway));
  watch_.hear(kGateway);
  EXPECT_TRUE(watch_.expect(kGateway));
}

TEST_F(GatewayWatchTest, WhileTheBrokerIsAwayNobodyIsMissed) {
  watch(1);
  watch_.hear(kGateway);
  EXPECT_TRUE(watch(10 * kPatience_s, false).empty());
  EXPECT_TRUE(watch(kPatience_s - 1).empty());
  EXPECT_EQ(watch(1).size(), 1U);
}

TEST_F(GatewayWatchTest, AStandstillOfThisProcessIsNobodysSilence) {
  watch(1);
  watch_.hear(kGateway);
  now_ = now_ + Duration::seconds(86'400);
  EXPECT_TRUE(watch(10).empty());
  EXPECT_EQ(watch(kPatience_s).size(), 1U);
}

TEST_F(GatewayWatchTest, WhoeverHasLeftIsNotMissed) {
  watch(1);
  watch_.hear(kGateway);
  watch_.forget(kGateway);
  EXPECT_TRUE(watch(2 * kPatience_s).empty());
}

}  // namespace
}  // namespace espial::features
