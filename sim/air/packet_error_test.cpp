#include "sim/air/packet_error.hpp"

#include <gtest/gtest.h>

namespace espial::sim {
namespace {

TEST(PacketError, ATenthIsLostAtTheSensitivity) {
  for (std::size_t i = 0; i < kRateCount; ++i) {
    const Rate rate = static_cast<Rate>(i);
    EXPECT_EQ(packet_error_permille(rate, sensitivity_dbm(rate), 250), 100U);
    EXPECT_EQ(packet_error_permille(rate, sensitivity_dbm(rate) - kHopelessDb, 250), 1000U);
    EXPECT_EQ(packet_error_permille(rate, sensitivity_dbm(rate) + 10, 250), 0U);
  }
}

TEST(PacketError, StrongerIsNeverWorse) {
  for (int dbm = -110; dbm < -60; ++dbm) {
    EXPECT_GE(packet_error_permille(Rate::k11, dbm, 250),
              packet_error_permille(Rate::k11, dbm + 1, 250));
  }
}

TEST(PacketError, LongFramesAreLostMoreOften) {
  const int dbm = sensitivity_dbm(Rate::k1);
  EXPECT_LT(packet_error_permille(Rate::k1, dbm, kAckBytes),
            packet_error_permille(Rate::k1, dbm, 250));
  EXPECT_LT(packet_error_permille(Rate::k1, dbm, 250), packet_error_permille(Rate::k1, dbm, 1500));
}

TEST(PacketError, FastRatesNeedACleanerChannel) {
  EXPECT_EQ(needed_ratio_db(Rate::k1, 10), 10);
  EXPECT_EQ(needed_ratio_db(Rate::k54, 10), 20);
  EXPECT_EQ(needed_ratio_db(Rate::k54, 25), 25);
}

}  // namespace
}  // namespace espial::sim
