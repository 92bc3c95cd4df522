// One board's way: how it gets in, stays in, and what it keeps when it loses power.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "sim/network/watched_network_test.hpp"

namespace espial::sim {
namespace {

using Count = node::Count;

std::uint32_t count(const Network& network, std::uint32_t board, Count what) {
  return network.board(board).node()->counters()[what];
}

bool all_on(const Network& network) {
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    if (!network.board(i).on()) return false;
  }
  return true;
}

TEST(Boards, JoinOnAChannelTheyDoNotKnowAndLearnWhatTheyNeed) {
  Watched watched(small_network(5));
  Network& network = *watched.network;
  ASSERT_TRUE(network.run_until(Duration::seconds(60), [&] { return network.all_online(); }));
  network.run_for(Duration::seconds(5));
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    const node::Node& node = *network.board(i).node();
    EXPECT_EQ(node.channel(), network.gateway(0).channel());
    EXPECT_NE(node.module().value, 0);
    EXPECT_TRUE(node.utc(network.board(i).local_now()).known());
    EXPECT_TRUE(network.hub().store().description(board_address(i)).has_value());
  }
}

TEST(Boards, ReportAsOftenAsTheyAreToldAlsoAfterALossOfPower) {
  Watched watched(small_network(7, 1));
  Network& network = *watched.network;
  const auto reports_of = [&](Duration span) {
    const std::uint64_t before = watched.reports.totals().submitted;
    network.run_for(span);
    return watched.reports.totals().submitted - before;
  };
  network.run_for(Duration::seconds(60));
  constexpr Duration kSpan = Duration::seconds(400);
  EXPECT_THAT(reports_of(kSpan), testing::AllOf(testing::Gt(30U), testing::Lt(50U)))
      << "every ten seconds, as it is made";
  ASSERT_TRUE(network.configure(0, 1000));
  ASSERT_TRUE(network.run_until(
      Duration::seconds(60), [&] { return network.hub().confirmed_configuration(0) != nullptr; }));
  EXPECT_GT(reports_of(kSpan), 300U) << "every second, as it is told";
  network.switch_board_off(0);
  network.switch_board_on(0);
  EXPECT_GT(reports_of(kSpan), 300U) << "it is in its settings";
  watched.settle();
}

TEST(Boards, ResumeAfterALossOfPowerAndDoNotJoinAgain) {
  Watched watched(small_network(41));
  Network& network = *watched.network;
  network.run_for(Duration::seconds(60));
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    network.switch_board_off(i);
    network.switch_board_on(i);
  }
  network.run_for(Duration::seconds(60));
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    EXPECT_EQ(count(network, i, Count::kJoins), 0U);
    EXPECT_GE(count(network, i, Count::kResumes), 1U);
  }
  watched.settle();
}

TEST(Boards, GetInThoughPowerFailsAtAnyWriteOfTheirFirstJoin) {
  for (const bool whole : {false, true}) {
    for (std::uint32_t write = 1; write <= 2; ++write) {
      SCOPED_TRACE("write " + std::to_string(write) + (whole ? " whole" : " lost"));
      NetworkSettings settings = small_network(50 + write);
      settings.switch_on_over = {};
      Watched watched(settings);
      Network& network = *watched.network;
      network.run_until(Duration::seconds(1), [&] { return all_on(network); });
      for (std::uint32_t i = 0; i < network.board_count(); ++i) {
        network.cut_board_at_write(i, write, whole);
      }
      network.run_for(Duration::seconds(60));
      for (std::uint32_t i = 0; i < network.board_count(); ++i) {
        EXPECT_EQ(network.board(i).flash().cuts(), 1U);
      }
      EXPECT_TRUE(network.all_online());
      watched.settle();
    }
  }
}

/// Counts what a board does.
class Executions final : public Observer {
 public:
  void on_executed(Instant, std::uint32_t, std::uint32_t) override { ++count; }
  int count = 0;
};

TEST(Boards, RunACommandAtMostOnceWhenPowerFailsAtItsRecord) {
  for (const bool whole : {false, true}) {
    Watched watched(small_network(82, 1));
    Executions executions;
    watched.watch.add(executions);
    Network& network = *watched.network;
    network.run_for(Duration::seconds(30));
    network.cut_board_at_write(0, 1, whole);
    ASSERT_TRUE(network.command(0, 5, {}));
    network.run_for(Duration::seconds(60));
    EXPECT_EQ(network.board(0).flash().cuts(), 1U);
    // Written and then dark: it counts as run. Not written: it runs after the restart.
    EXPECT_EQ(executions.count, whole ? 0 : 1);
    watched.settle();
  }
}

TEST(Boards, FollowAnAnnouncedMoveWithoutASearch) {
  NetworkSettings settings = small_network(101);
  settings.air = {};
  Watched watched(settings);
  Network& network = *watched.network;
  network.run_for(Duration::seconds(60));
  std::array<std::uint32_t, 8> searches{};
  for (std::uint32_t i = 0; i < 8; ++i) searches[i] = count(network, i, Count::kSearches);
  network.move_gateway(0, Channel{13}, true);
  network.run_for(Duration::seconds(60));
  for (std::uint32_t i = 0; i < 8; ++i) {
    EXPECT_EQ(network.board(i).node()->channel(), Channel{13});
    EXPECT_EQ(count(network, i, Count::kSearches), searches[i]);
    EXPECT_EQ(count(network, i, Count::kSessions), 1U);
  }
  watched.settle();
}

TEST(Boards, GoOnWithTheirSessionAfterASilentMove) {
  Watched watched(small_network(111));
  Network& network = *watched.network;
  network.run_for(Duration::seconds(60));
  std::array<std::uint32_t, 8> sessions{};
  for (std::uint32_t i = 0; i < 8; ++i) sessions[i] = count(network, i, Count::kSessions);
  network.move_gateway(0, Channel{3}, false);
  network.run_for(Duration::seconds(60));
  for (std::uint32_t i = 0; i < 8; ++i) {
    EXPECT_EQ(network.board(i).node()->channel(), Channel{3});
    EXPECT_EQ(count(network, i, Count::kSessions), sessions[i]);
    EXPECT_GE(count(network, i, Count::kRoamed), 1U);
  }
  watched.settle();
}

TEST(Boards, AreSeenAliveWhenTheySayNothing) {
  NetworkSettings settings = small_network(131);
  for (BoardSettings& board : settings.boards) board.report_interval = {};
  Watched watched(settings);
  Network& network = *watched.network;
  network.run_for(Duration::seconds(600));
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    EXPECT_GE(count(network, i, Count::kPings), 15U);
    EXPECT_LE(count(network, i, Count::kPings), 60U);
    EXPECT_TRUE(network.hub().role()->find(board_address(i))->online);
  }
}

TEST(Boards, AndTheHubRefuseWhatIsReplayedOrForged) {
  Watched watched(small_network(61));
  Network& network = *watched.network;
  watched.reports.expect_delays(node::kMaxReportTimeout);
  network.run_for(Duration::seconds(60));
  network.attack(Attack::kReplay, Duration::seconds(60));
  network.attack(Attack::kForge, Duration::seconds(120));
  network.run_for(Duration::seconds(120));
  const coordinator::Counters& hub = network.hub().role()->counters();
  EXPECT_GT(hub[coordinator::Count::kDuplicateFrame], 20U);
  EXPECT_GT(hub[coordinator::Count::kNotAuthentic], 20U);
  std::uint32_t replayed = 0;
  std::uint32_t forged = 0;
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    replayed += count(network, i, Count::kReplayed);
    forged += count(network, i, Count::kNotAuthentic);
  }
  EXPECT_GT(replayed, 20U);
  EXPECT_GT(forged, 20U);
  watched.settle();
}

}  // namespace
}  // namespace espial::sim
