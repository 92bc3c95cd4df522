// How boards come in that are new or were forgotten: by somebody's word, or by the key on a label.

#include <gtest/gtest.h>

#include "sim/network/watched_network_test.hpp"

namespace espial::sim {
namespace {

constexpr Duration kEnough = Duration::seconds(120);

TEST(Joining, WhoIsNewOrForgottenWaitsForSomebodysWord) {
  NetworkSettings settings = small_network(5, 4);
  settings.hub.approves_within = Duration::seconds(5);
  Watched watched(settings);
  Network& network = *watched.network;
  ASSERT_TRUE(network.run_until(kEnough, [&] { return network.all_online(); }));
  EXPECT_EQ(network.hub().approved(), 4U);
  ASSERT_TRUE(network.forget(2));
  ASSERT_TRUE(network.run_until(kEnough, [&] { return network.hub().approved() == 5; }));
  watched.settle();
  EXPECT_EQ(network.hub().joined_by_label(), 0U);
}

TEST(Joining, TheKeyOnALabelLetsItsBoardInAgainAndAgainAndNobodyElse) {
  NetworkSettings settings = small_network(6, 4);
  // Nobody says yes to the others before the test is over.
  settings.hub.approves_within = Duration::seconds(1'000'000);
  settings.boards[0].labelled = settings.boards[1].labelled = true;
  Watched watched(settings);
  Network& network = *watched.network;
  ASSERT_TRUE(network.run_until(
      kEnough, [&] { return network.board(0).online() && network.board(1).online(); }));
  EXPECT_EQ(network.hub().joined_by_label(), 2U);
  ASSERT_TRUE(network.forget(0));
  ASSERT_TRUE(network.run_until(kEnough, [&] { return network.hub().joined_by_label() == 3; }));
  network.run_for(kEnough);
  EXPECT_TRUE(network.board(0).online() && network.board(1).online());
  EXPECT_FALSE(network.board(2).online() || network.board(3).online());
  EXPECT_TRUE(watched.violations.empty());
}

}  // namespace
}  // namespace espial::sim
