#include "sim/network/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/network/watched_network_test.hpp"

namespace espial::sim {
namespace {

TEST(Network, EveryReportIsStoredOnce) {
  Watched watched(small_network(1));
  watched.network->run_for(Duration::seconds(300));
  watched.settle();
  EXPECT_GT(watched.reports.totals().stored, 200U);
  EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
}

TEST(Network, EqualSeedsMakeEqualRuns) {
  const auto digest = [](std::uint64_t seed) {
    Watched watched(small_network(seed));
    watched.network->run_for(Duration::seconds(60));
    return watched.network->digest();
  };
  EXPECT_EQ(digest(4), digest(4));
  EXPECT_NE(digest(4), digest(5));
}

/// Of one length, at the same moments: only what it says is another.
TEST(Network, WhatIsSaidCountsInTheDigest) {
  const auto digest_of = [](std::uint32_t number) {
    Watched watched(small_network(4));
    watched.network->run_for(Duration::seconds(30));
    EXPECT_TRUE(watched.network->command(0, number, Duration{}));
    watched.network->run_for(Duration::seconds(30));
    EXPECT_EQ(watched.commands.totals().ended_executed, 1U);
    return watched.network->digest();
  };
  EXPECT_EQ(digest_of(1), digest_of(1));
  EXPECT_NE(digest_of(1), digest_of(2));
}

/// Nobody does anything about it.
TEST(Network, WhatIsOnlyHeardCountsInTheDigest) {
  const auto digest_of = [](std::uint8_t last) {
    Watched watched(small_network(4));
    Network& network = *watched.network;
    network.run_for(Duration::seconds(30));
    const std::array<std::uint8_t, 3> body{0xff, 0xff, last};
    network.adversary_says(board_address(9), board_address(0), network.gateway(0).channel(), body);
    network.run_for(Duration::seconds(1));
    return network.digest();
  };
  EXPECT_EQ(digest_of(1), digest_of(1));
  EXPECT_NE(digest_of(1), digest_of(2));
}

TEST(Network, ABoardGoesOnThroughAnotherGateway) {
  Watched watched(small_network(2, 8, 2));
  Network& network = *watched.network;
  network.run_for(Duration::seconds(60));
  network.switch_gateway(0, false);
  network.run_for(Duration::seconds(120));
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    EXPECT_TRUE(network.board(i).online());
    EXPECT_EQ(network.board(i).node()->gateway(), gateway_address(1));
  }
  watched.settle();
}

TEST(Network, BoardsFindAGatewayThatMovedWithoutAWord) {
  Watched watched(small_network(3));
  Network& network = *watched.network;
  for (std::uint8_t channel = 1; channel <= kChannelCount; channel += 3) {
    network.run_for(Duration::seconds(60));
    network.move_gateway(0, Channel{channel}, false);
  }
  network.run_for(Duration::seconds(60));
  EXPECT_EQ(network.board(0).node()->channel(), network.gateway(0).channel());
  watched.settle();
}

TEST(Network, PowerCutsOfTheHubLoseNothing) {
  Watched watched(small_network(6));
  Network& network = *watched.network;
  for (int cut = 0; cut < 10; ++cut) {
    network.run_for(Duration::seconds(20) + Duration::milliseconds(37 * cut));
    network.switch_hub(false);
    network.run_for(Duration::seconds(2));
    network.switch_hub(true);
  }
  watched.settle();
}

TEST(Network, AnOwnerWhoWasPausedFindsHisSuccessorAtWorkAndSaysNothing) {
  Watched watched(small_network(9));
  Network& network = *watched.network;
  for (int pause = 0; pause < 8; ++pause) {
    network.run_for(Duration::seconds(20) + Duration::milliseconds(53 * pause));
    ASSERT_TRUE(network.pause_owner(Duration::seconds(30)));
    network.run_for(Duration::seconds(12));
    EXPECT_EQ(network.hub().takeovers(), static_cast<std::uint64_t>(pause + 1));
    network.run_for(Duration::seconds(20));
  }
  EXPECT_GT(network.hub().deposed_frames(), 0U);
  EXPECT_EQ(network.hub().deposed_acts(), 0U);
  watched.settle();
}

/// The store is slow, so that a good deal was asked by the owner before and reaches it after.
TEST(Network, WhatAnOwnerAskedBeforeHisSuccessorCameIsNotStoredAfterwards) {
  Watched watched(small_network(11));
  Network& network = *watched.network;
  for (int pause = 0; pause < 4; ++pause) {
    network.run_for(Duration::seconds(20));
    network.stall_store(Duration::seconds(20));
    network.run_for(Duration::seconds(5));
    ASSERT_TRUE(network.pause_owner(Duration::seconds(30)));
    network.run_for(Duration::seconds(40));
  }
  EXPECT_GT(network.hub().store().counters().fenced, 0U);
  watched.settle();
}

TEST(Network, AShortPauseIsNobodysBusiness) {
  constexpr Duration kPause = Duration::seconds(5);
  Watched watched(small_network(10));
  // A message in the socket of an owner who is paused ages, and nobody counts it.
  watched.reports.expect_delays(kPause);
  Network& network = *watched.network;
  for (int pause = 0; pause < 8; ++pause) {
    network.run_for(Duration::seconds(10));
    ASSERT_TRUE(network.pause_owner(kPause));
    network.run_for(Duration::seconds(6));
  }
  EXPECT_EQ(network.hub().takeovers(), 0U);
  EXPECT_EQ(network.hub().deposed_acts(), 0U);
  watched.settle();
}

/// The control: a store that answers before it has committed must be caught.
TEST(Network, AStoreThatAnswersTooEarlyIsCaught) {
  NetworkSettings settings = small_network(6);
  settings.hub.store.answers_early = true;
  Watched watched(settings);
  watched.network->run_for(Duration::seconds(60));
  EXPECT_THAT(watched.violations.entries(),
              testing::Contains(testing::Key("acknowledged, but not stored")));
}

TEST(Network, CommandsRunOnceAndEnd) {
  Watched watched(small_network(8));
  Network& network = *watched.network;
  network.run_for(Duration::seconds(30));
  for (std::uint32_t number = 1; number <= 20; ++number) {
    for (std::uint32_t board = 0; board < network.board_count(); ++board) {
      EXPECT_TRUE(network.command(board, number, Duration::seconds(0)));
    }
    if (number == 7) network.cut_board_at_write(3, 1, true);
    if (number == 9) network.switch_board_off(4);
    if (number == 11) network.switch_board_on(4);
    network.run_for(Duration::seconds(4));
  }
  network.run_for(Duration::seconds(200));
  watched.commands.check_complete(network.now());
  watched.settle();
  EXPECT_EQ(watched.commands.totals().ended_executed, watched.commands.totals().given);
}

}  // namespace
}  // namespace espial::sim
