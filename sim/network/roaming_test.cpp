// Several gateways, gateways that go, move or have few places, and crowds behind them.

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/network/watched_network_test.hpp"

namespace espial::sim {
namespace {

constexpr std::uint64_t kSeeds = 4;

std::uint32_t boards_of(const Network& network, std::uint32_t gateway) {
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    if (network.board(i).node()->gateway() == gateway_address(gateway)) ++count;
  }
  return count;
}

class Roaming : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Roaming, testing::Range(std::uint64_t{1}, kSeeds + 1));

TEST_P(Roaming, BoardsGoOnThroughAnotherGatewayWhenTheirOwnDies) {
  Watched watched(small_network(GetParam(), 8, 3));
  Network& network = *watched.network;
  network.run_for(Duration::seconds(60));
  for (const std::uint32_t dead : {0U, 1U}) {
    network.switch_gateway(dead, false);
    network.run_for(Duration::seconds(30));
    EXPECT_EQ(boards_of(network, dead), 0U);
    EXPECT_TRUE(network.all_online());
  }
  watched.settle();
  EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
}

TEST_P(Roaming, ARouterThatMovesToAnyChannelTakesItsBoardsAlong) {
  Watched watched(small_network(GetParam()));
  Network& network = *watched.network;
  network.run_for(Duration::seconds(20));
  SplitMix random(GetParam());
  for (std::uint8_t n = 1; n <= kChannelCount; ++n) {
    const auto number = static_cast<std::uint8_t>((5 * n + random.below(2)) % kChannelCount + 1);
    network.move_gateway(0, Channel{number}, false);
    network.run_for(Duration::seconds(45));
    EXPECT_TRUE(network.all_online()) << "on channel " << int{number};
  }
  watched.settle();
  EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
}

/// The first gateway holds what it hears while its link is cut, its boards roam and say all of it
/// again through the second, and then the first delivers what it held.
TEST_P(Roaming, HeldFramesThatArriveLateAreStoredOnce) {
  NetworkSettings settings = small_network(GetParam(), 8, 2);
  for (BoardSettings& board : settings.boards) board.report_interval = Duration::seconds(1);
  Watched watched(settings);
  Network& network = *watched.network;
  network.run_for(Duration::seconds(30));
  const std::uint32_t cut = boards_of(network, 0) > boards_of(network, 1) ? 0 : 1;
  network.set_link(cut, false);
  network.run_for(Duration::seconds(30));
  EXPECT_GT(network.gateway(cut).role()->held_count(), 0U);
  EXPECT_EQ(boards_of(network, cut), 0U);
  EXPECT_TRUE(network.all_online());
  const auto late = [&] {
    const coordinator::Counters& hub = network.hub().role()->counters();
    return hub[coordinator::Count::kDuplicateReports] + hub[coordinator::Count::kDuplicateFrame] +
           hub[coordinator::Count::kTooOld];
  };
  const std::uint32_t before = late();
  network.set_link(cut, true);
  network.run_for(Duration::seconds(5));
  EXPECT_EQ(network.gateway(cut).role()->held_count(), 0U);
  EXPECT_GT(late(), before) << "what arrived late was there already";
  watched.settle();
  EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
}

TEST_P(Roaming, ManyModulesShareAChipsFewPeers) {
  NetworkSettings settings = small_network(GetParam(), 60);
  Watched watched(settings);
  Network& network = *watched.network;
  network.run_for(Duration::seconds(90));
  EXPECT_TRUE(network.all_online());
  EXPECT_GT(network.gateway(0).role()->counters()[gateway::Count::kPeersEvicted], 100U);
  watched.settle();
  EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
}

TEST(Crowd, AsManyModulesAsHaveNumbersShareOneSmallGateway) {
  NetworkSettings settings = small_network(1, 255);
  settings.hub.nodes = 255;
  settings.gateways[0].modules = 255;
  settings.gateways[0].down_frames = 64;
  Watched watched(settings);
  watched.network->run_for(Duration::seconds(90));
  EXPECT_TRUE(watched.network->all_online());
  watched.settle();
  EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
}

TEST(Crowd, ThreeThousandModulesShareOneGatewayOnLinux) {
  constexpr std::size_t kModules = 3000;
  NetworkSettings settings = small_network(1, kModules);
  settings.hub.nodes = kModules;
  settings.gateways[0].modules = kModules;
  settings.gateways[0].down_frames = 2 * kModules;
  settings.gateways[0].peer_slots = 0;
  settings.switch_on_over = Duration::seconds(90);
  for (BoardSettings& board : settings.boards) board.report_interval = Duration::seconds(90);
  Watched watched(settings);
  watched.network->run_for(Duration::seconds(240));
  EXPECT_TRUE(watched.network->all_online());
  EXPECT_EQ(watched.network->gateway(0).role()->counters()[gateway::Count::kPeersEvicted], 0U)
      << "a radio that needs no peers has none to evict";
  watched.settle();
  EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
}

/// Everybody has power again at the same moment: searches, joins and reports are more than the
/// channel carries for a while, and nobody may be in the way for longer than that.
TEST(Crowd, ComesUpByItselfAfterAPowerFailureOfAll) {
  NetworkSettings settings = small_network(1, 250, 2);
  settings.hub.nodes = 250;
  for (GatewaySettings& gateway : settings.gateways) {
    gateway.channel = Channel{6};
    gateway.modules = 250;
  }
  settings.switch_on_over = Duration::milliseconds(500);
  Watched watched(settings);
  Network& network = *watched.network;
  EXPECT_TRUE(network.run_until(Duration::seconds(40), [&] { return network.all_online(); }));
  network.run_for(Duration::seconds(20));
  EXPECT_TRUE(network.all_online()) << "and it stays up";
  watched.settle();
}

}  // namespace
}  // namespace espial::sim
