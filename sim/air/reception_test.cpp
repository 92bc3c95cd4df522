#include "sim/air/reception.hpp"

#include <gtest/gtest.h>

#include "sim/air/packet_error.hpp"

namespace espial::sim {
namespace {

using What = Verdict::What;

Arrival at(int dbm, Power disturbance = 0) {
  Arrival arrival;
  arrival.dbm = dbm;
  arrival.disturbance = disturbance;
  return arrival;
}

class ReceptionTest : public testing::Test {
 protected:
  Verdict judge(const Arrival& arrival, Rate rate = Rate::k1, Power foreign = 0) {
    return sim::judge(arrival, rate, 300, foreign, settings_, random_);
  }
  /// In how many of a thousand cases it ends so.
  int permille(const Arrival& arrival, What what) {
    int count = 0;
    for (int i = 0; i < 1000; ++i) count += judge(arrival).what == what ? 1 : 0;
    return count;
  }
  AirSettings settings_;
  SplitMix random_{1};
};

TEST_F(ReceptionTest, AClearFrameIsHeard) {
  const Verdict verdict = judge(at(-60));
  EXPECT_EQ(verdict.what, What::kHeard);
  EXPECT_EQ(verdict.dbm, -60);
  EXPECT_FALSE(verdict.captured);
}

TEST_F(ReceptionTest, TheMarginDecidesACollision) {
  EXPECT_EQ(judge(at(-60, power_of(-69))).what, What::kCollided);
  EXPECT_EQ(judge(at(-60, power_of(-70))).what, What::kHeard);
  EXPECT_TRUE(judge(at(-60, power_of(-70))).captured);
  EXPECT_EQ(judge(at(-60, power_of(-70)), Rate::k54).what, What::kCollided);
  EXPECT_EQ(judge(at(-60, power_of(-80)), Rate::k54).what, What::kHeard);
  settings_.capture_db = 5;
  EXPECT_EQ(judge(at(-60, power_of(-65))).what, What::kHeard);
}

TEST_F(ReceptionTest, ForeignTrafficIsToldFromOurOwn) {
  EXPECT_EQ(judge(at(-60), Rate::k1, power_of(-65)).what, What::kForeignHit);
  EXPECT_EQ(judge(at(-60), Rate::k1, power_of(-71)).what, What::kHeard);
  EXPECT_EQ(judge(at(-60, power_of(-71))).what, What::kHeard);
  EXPECT_EQ(judge(at(-60, power_of(-71)), Rate::k1, power_of(-71)).what, What::kForeignHit)
      << "both together";
}

TEST_F(ReceptionTest, AWeakFrameIsSometimesLost) {
  EXPECT_NEAR(permille(at(sensitivity_dbm(Rate::k1)), What::kWeak), 100, 30);
  EXPECT_EQ(permille(at(sensitivity_dbm(Rate::k1) + 10), What::kWeak), 0);
}

TEST_F(ReceptionTest, FadingLosesWhatWasStrongEnough) {
  const Arrival arrival = at(sensitivity_dbm(Rate::k1) + 8);
  EXPECT_EQ(permille(arrival, What::kFaded), 0);
  settings_.propagation.fading_percent = 100;
  EXPECT_NEAR(permille(arrival, What::kFaded), 150, 60);
  EXPECT_EQ(permille(arrival, What::kWeak), 0);
}

TEST_F(ReceptionTest, LossIsDrawn) {
  settings_.loss_permille = 200;
  EXPECT_NEAR(permille(at(-60), What::kLost), 200, 40);
}

/// Else a frame that nobody could follow would shift the chances of all others.
TEST_F(ReceptionTest, EveryArrivalTakesAsManyDraws) {
  Arrival drowned = at(-60);
  drowned.how = Arrival::How::kDrowned;
  SplitMix after_whole(7);
  SplitMix after_drowned(7);
  (void)sim::judge(at(-60), Rate::k1, 300, 0, settings_, after_whole);
  (void)sim::judge(drowned, Rate::k1, 300, 0, settings_, after_drowned);
  EXPECT_EQ(after_whole.next(), after_drowned.next());
}

TEST_F(ReceptionTest, WhatDidNotArriveWholeIsNotHeard) {
  Arrival arrival = at(-60);
  arrival.how = Arrival::How::kMissed;
  EXPECT_EQ(judge(arrival).what, What::kMissed);
  arrival.how = Arrival::How::kDrowned;
  EXPECT_EQ(judge(arrival).what, What::kCollided);
  arrival.how = Arrival::How::kTooWeak;
  EXPECT_EQ(judge(arrival).what, What::kWeak);
}

}  // namespace
}  // namespace espial::sim
