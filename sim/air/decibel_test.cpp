#include "sim/air/decibel.hpp"

#include <gtest/gtest.h>

namespace espial::sim {
namespace {

TEST(Decibel, GoesThereAndBack) {
  for (int dbm = kWeakestDbm; dbm <= kStrongestDbm; ++dbm) {
    EXPECT_EQ(dbm_of(power_of(dbm)), dbm);
    EXPECT_EQ(dbm_of(power_of(dbm) - 1), std::max(dbm - 1, kWeakestDbm));
  }
}

TEST(Decibel, TenMoreIsTenTimes) {
  for (int dbm = kWeakestDbm; dbm + 10 <= kStrongestDbm; ++dbm) {
    EXPECT_EQ(power_of(dbm + 10), 10 * power_of(dbm));
  }
}

TEST(Decibel, TwoEqualSignalsAreThreeStronger) {
  EXPECT_EQ(dbm_of(2 * power_of(-70) + power_of(-100)), -67);
  EXPECT_EQ(dbm_of(power_of(-70) + power_of(-95)), -70);
}

TEST(Decibel, StaysInRange) {
  EXPECT_EQ(power_of(-300), power_of(kWeakestDbm));
  EXPECT_EQ(power_of(20), power_of(kStrongestDbm));
  EXPECT_EQ(dbm_of(0), kWeakestDbm);
  EXPECT_LT(power_of(kStrongestDbm), UINT64_MAX / 4096);
}

}  // namespace
}  // namespace espial::sim
