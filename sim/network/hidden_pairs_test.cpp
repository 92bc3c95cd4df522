#include "sim/network/hidden_pairs.hpp"

#include <gtest/gtest.h>

#include "sim/network/simulation.hpp"

namespace espial::sim {
namespace {

HiddenPairs of_squares(std::uint32_t side_m, std::uint32_t gateways) {
  PlainNetwork plain;
  plain.boards = 60;
  plain.gateways = gateways;
  plain.square_m = side_m;
  return hidden_pairs(plain_scenario(plain).network);
}

TEST(HiddenPairs, InOneRoomAllHearEachOther) {
  const HiddenPairs room = of_squares(0, 1);
  EXPECT_EQ(room.pairs, 60U * 59 / 2);
  EXPECT_EQ(room.hidden, 0U);
}

TEST(HiddenPairs, AreMoreTheLargerTheSquare) {
  EXPECT_LT(of_squares(50, 1).percent(), 3);
  const double usual = of_squares(PlainNetwork{}.square_m, 1).percent();
  EXPECT_GT(usual, 10);
  EXPECT_LT(usual, 20);
  EXPECT_GT(of_squares(100, 1).percent(), 30);
}

TEST(HiddenPairs, AreThoseThatShareAGateway) {
  // Fifteen boards a square, but for those at its edge to whom the neighbour's is as near.
  EXPECT_NEAR(static_cast<double>(of_squares(100, 4).pairs), 4 * 15 * 14 / 2, 20);
}

TEST(HiddenPairs, OfAloneAreNone) {
  NetworkSettings network;
  EXPECT_EQ(hidden_pairs(network).percent(), 0);
  network.boards.resize(1);
  EXPECT_EQ(hidden_pairs(network).percent(), 0);
}

}  // namespace
}  // namespace espial::sim
