// What a warm wake costs, and what a sleeper hears of commands and configurations.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sim/network/frame_tap_test.hpp"
#include "sim/network/watched_network_test.hpp"

namespace espial::sim {
namespace {

constexpr Duration kPeriod = Duration::seconds(60);

/// In quiet air.
NetworkSettings one_sleeper() {
  NetworkSettings settings = small_network(1, 1);
  settings.air.loss_permille = 0;
  settings.boards[0].sleeper = true;
  settings.boards[0].report_interval = kPeriod;
  settings.boards[0].event_permille = 0;
  return settings;
}

/// One sleeper that has joined.
class Sleepers : public testing::Test {
 protected:
  Sleepers() : watched_(one_sleeper()), network_(*watched_.network) {
    network_.add_tap(tap_);
    network_.run_until(kPeriod, [this] { return sleeps() == 1; });
  }

  std::uint64_t sleeps() const { return network_.board(0).sleeps(); }
  /// One wake with one report, from boot to sleep, and what was sent in it.
  void wake() {
    tap_.frames.clear();
    const std::uint64_t before = sleeps();
    ASSERT_TRUE(network_.run_until(kPeriod * 2, [&] { return sleeps() > before; }));
    network_.run_for(Duration::seconds(10));
  }

  Watched watched_;
  Network& network_;
  FrameTap tap_;
};

TEST_F(Sleepers, OneThatWasForgottenJoinsAgainByItself) {
  wake();
  ASSERT_TRUE(network_.forget(0));
  ASSERT_TRUE(network_.run_until(kPeriod * 10, [this] {
    const node::Node* const node = network_.board(0).node();
    return node != nullptr && node->counters()[node::Count::kJoins] > 0;
  }));
  network_.run_for(kPeriod * 3);
  watched_.settle();
}

TEST_F(Sleepers, AWarmWakeIsOneFrameUpAndOneDownAndItsAcknowledgementLagsOneWakeAtMost) {
  wake();
  for (int i = 0; i < 20; ++i) {
    wake();
    ASSERT_EQ(tap_.frames.size(), 2U);
    EXPECT_TRUE(tap_.frames[0].sealed && !tap_.frames[0].down);
    EXPECT_TRUE(tap_.frames[1].sealed && tap_.frames[1].down);
    const ReportCheck::Totals totals = watched_.reports.totals();
    EXPECT_EQ(totals.settled, totals.submitted - 1) << "all but the newest are acknowledged";
    EXPECT_EQ(totals.stored, totals.submitted);
  }
  watched_.settle();
}

TEST_F(Sleepers, EightCommandsReachItInFourWakes) {
  wake();
  for (std::uint32_t number = 1; number <= 8; ++number) {
    ASSERT_TRUE(network_.command(0, number, {}));
  }
  for (int i = 0; i < 4; ++i) wake();
  EXPECT_EQ(watched_.commands.totals().executed, 8U);
  EXPECT_EQ(watched_.commands.open_commands(), 0U);
}

TEST_F(Sleepers, AConfigurationReachesItInItsNextWake) {
  wake();
  // With it goes the longest interval that there is: twenty seconds.
  ASSERT_TRUE(network_.configure(0, 119));
  EXPECT_FALSE(network_.hub().all_configured());
  wake();
  const auto said = std::count_if(tap_.frames.begin(), tap_.frames.end(),
                                  [](const auto& frame) { return frame.sealed; });
  EXPECT_EQ(said, 4) << "said, and answered, each once";
  EXPECT_TRUE(network_.hub().all_configured()) << "it stayed awake until it had said so";
  EXPECT_EQ(network_.board(0).configuration().max_airtime_permille, 119);
}

/// Where it is still heard now and then, so that it does not search.
TEST(SleepersChannel, OneThatWakesSeldomLeavesTheChannelBesideItsGateways) {
  for (std::uint64_t seed = 3; seed <= 7; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    NetworkSettings settings = small_network(seed, 4);
    settings.air.loss_permille = 0;
    settings.air.off_channel_permille = 300;
    settings.boards[0].sleeper = true;
    settings.boards[0].report_interval = Duration::seconds(1200);
    settings.boards[0].event_permille = 0;
    Watched watched(settings);
    Network& network = *watched.network;
    network.run_for(Duration::seconds(2500));
    const Channel moved{static_cast<std::uint8_t>(network.gateway(0).channel().number + 1)};
    network.move_gateway(0, moved, false);
    EXPECT_TRUE(network.run_until(Duration::seconds(1200) * 10, [&] {
      const node::Node* const node = network.board(0).node();
      return node != nullptr && network.board(0).online() && node->channel() == moved;
    }));
    EXPECT_TRUE(watched.violations.entries().empty());
  }
}

/// Its reports of a night without a gateway are as old as it says, give or take the checker's 500
/// in a million: the day before has taught it that its sleeps are longer by twenty thousand.
TEST(SleepersClock, ADayTeachesASleeperHowLongItsSleepsAre) {
  NetworkSettings settings = one_sleeper();
  settings.boards[0].report_interval = Duration::seconds(600);
  settings.boards[0].ring_slots = 64;
  settings.boards[0].sleep_drift_ppm = 20'000;
  Watched watched(settings);
  Network& network = *watched.network;
  network.run_for(Duration::seconds(26 * 3600));
  network.switch_gateway(0, false);
  network.run_for(Duration::seconds(6 * 3600));
  network.switch_gateway(0, true);
  network.run_for(Duration::seconds(3600));
  watched.settle();
  EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
}

/// Once a day it begins a session, for a fresh time, with a frame that says that it listens.
TEST(SleepersClock, OneIsNotOfflineForTheFreshTimeOfADay) {
  NetworkSettings settings = one_sleeper();
  settings.boards[0].report_interval = Duration::seconds(600);
  Watched watched(settings);
  Network& network = *watched.network;
  network.run_for(Duration::seconds(2 * 3600));
  const auto shown_online = [&] { return network.hub().role()->find(board_address(0))->online; };
  ASSERT_TRUE(shown_online());
  EXPECT_FALSE(network.run_until(Duration::seconds(26 * 3600), [&] { return !shown_online(); }))
      << "after " << (network.now() - Instant{}).ms() / 1000 << " s";
  watched.settle();
}

TEST(SleepersReset, AResetAtAnyEventOfAWakeReusesNoCounterAndLosesNothing) {
  bool whole = false;
  int events = 0;
  for (; !whole; ++events) {
    SCOPED_TRACE("event " + std::to_string(events));
    ASSERT_LT(events, 1000);
    Watched watched(one_sleeper());
    Network& network = *watched.network;
    const auto asleep = [&] { return network.board(0).power() == BoardPower::kAsleep; };
    network.run_until(kPeriod * 4, [&] { return asleep() && network.board(0).sleeps() == 3; });
    network.run_until(kPeriod * 2, [&] { return !asleep(); });
    for (int i = 0; i < events && !asleep(); ++i) network.step(network.now() + kPeriod);
    whole = asleep();
    network.reset_board(0);
    network.switch_board_on(0);
    network.run_for(kPeriod * 3);
    watched.settle();
    EXPECT_EQ(watched.reports.totals().stored, watched.reports.totals().submitted);
    if (HasFailure()) return;
  }
  EXPECT_GT(events, 4) << "a wake has a beginning, a frame each way and an end";
}

}  // namespace
}  // namespace espial::sim
