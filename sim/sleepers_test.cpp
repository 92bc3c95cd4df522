// Sleepers: what a warm wake costs, and what a reset in the middle of one may not do.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "core/wire/sealed.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/world.hpp"

namespace espial::sim {
namespace {

constexpr Duration kPeriod = Duration::seconds(60);
constexpr Duration kLongestWake = Duration::seconds(20);

WorldSettings sleepers(std::uint64_t seed, bool rough = false) {
  WorldSettings settings;
  settings.seed = seed;
  settings.sleepers = true;
  if (rough) settings.air.loss_permille = settings.air.drop_permille = 100;
  return settings;
}

bool sleepy(World& world, std::size_t index) {
  return world.node(index).awake_until() <= world.now();
}

/// Joins node 0 and lets it sleep a while.
void settle(World& world) {
  world.start_node(0);
  ASSERT_TRUE(
      world.run_until(Duration::seconds(120), [&] { return world.online(0) && sleepy(world, 0); }));
  world.sleep_node(0);
  world.run_for(kPeriod);
}

/// One wake of node 0 with one report, from boot to sleep.
void wake(World& world) {
  world.wake_node(0);
  world.run_until(kLongestWake, [&] { return sleepy(world, 0); });
  // A board needs a moment to fall asleep; its radio acknowledges what it has just received.
  world.run_for(Duration::milliseconds(1));
  world.sleep_node(0);
  world.run_for(kPeriod);
}

/// Every sealed frame has a counter of its own in its session and direction; only the very same
/// frame may be in the air again.
void expect_no_counter_twice(const World& world) {
  std::map<std::tuple<MacAddress, int, bool, int>, std::vector<std::uint8_t>> seen;
  for (const auto& frame : world.overheard()) {
    std::vector<std::uint8_t> body = frame.body;
    (void)wire::set_more({body.data(), body.size()}, false);
    const auto sealed = wire::parse_sealed({body.data(), body.size()});
    if (!sealed) continue;
    const wire::SealedHeader& header = sealed->header;
    const MacAddress node = header.down ? frame.destination : frame.source;
    const auto [place, is_new] =
        seen.try_emplace({node, header.session, header.down, header.counter}, body);
    EXPECT_TRUE(is_new || place->second == body) << "counter " << header.counter;
  }
}

void expect_each_stored_once(World& world) {
  const auto stored = world.stored(0);
  EXPECT_EQ(stored.size(), world.reported(0));
  for (const auto& [number, count] : stored) EXPECT_EQ(count, 1) << "number " << number;
}

TEST(SleepersTest, AWarmWakeIsOneFrameUpAndOneDownAndItsAcknowledgementLagsOneWakeAtMost) {
  CryptoSodium crypto;
  World world(sleepers(1), crypto);
  settle(world);
  wake(world);
  for (int i = 0; i < 20; ++i) {
    const std::size_t before = world.overheard().size();
    wake(world);
    const auto& overheard = world.overheard();
    ASSERT_EQ(overheard.size(), before + 2);
    EXPECT_FALSE(wire::parse_sealed({overheard[before].body.data(), overheard[before].body.size()})
                     ->header.down);
    EXPECT_TRUE(
        wire::parse_sealed({overheard[before + 1].body.data(), overheard[before + 1].body.size()})
            ->header.down);
    EXPECT_EQ(world.node(0).ring().held(), 1U) << "all but the newest are acknowledged";
  }
  expect_no_counter_twice(world);
  expect_each_stored_once(world);
  EXPECT_THAT(world.violations(), testing::IsEmpty());
}

TEST(SleepersTest, AgesAreRightOverSleepAndReset) {
  CryptoSodium crypto;
  World world(sleepers(2), crypto);
  settle(world);
  // Nobody holds the reports but the node itself.
  world.restart_gateway(kPeriod * 3 + Duration::seconds(30));
  std::vector<std::int64_t> taken_ms;
  for (int i = 0; i < 3; ++i) {
    taken_ms.push_back(1'700'000'000'000 + world.now().us / 1000);
    wake(world);
  }
  world.crash_node(0);
  world.sleep_node(0);
  world.run_for(kPeriod);
  for (int i = 0; i < 4; ++i) wake(world);
  expect_each_stored_once(world);
  std::vector<std::int64_t> stored_ms;
  for (const auto& row : world.ledger().rows()) stored_ms.push_back(row.taken_at.ms);
  std::sort(stored_ms.begin(), stored_ms.end());
  ASSERT_GE(stored_ms.size(), taken_ms.size());
  for (std::size_t i = 0; i < taken_ms.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(stored_ms[i]), static_cast<double>(taken_ms[i]), 100) << i;
  }
}

TEST(SleepersTest, APoorAirLosesNothingOverManyWakes) {
  CryptoSodium crypto;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(sleepers(seed, true), crypto);
    settle(world);
    for (int i = 0; i < 40; ++i) wake(world);
    if (seed % 2 == 0) world.move_gateway_silently(Channel{11});
    for (int i = 0; i < 20; ++i) wake(world);
    for (int i = 0; i < 20 && world.node(0).ring().held() > 2; ++i) wake(world);
    EXPECT_LE(world.node(0).ring().held(), 2U);
    EXPECT_GE(world.stored(0).size() + 2, world.reported(0));
    for (const auto& [number, count] : world.stored(0)) EXPECT_EQ(count, 1) << number;
    expect_no_counter_twice(world);
    EXPECT_THAT(world.violations(), testing::IsEmpty());
    if (testing::Test::HasFailure()) return;
  }
}

TEST(SleepersTest, AResetAtAnyEventOfAWakeReusesNoCounterAndLosesNothing) {
  CryptoSodium crypto;
  for (std::uint64_t events = 0;; ++events) {
    SCOPED_TRACE("event " + std::to_string(events));
    World world(sleepers(3), crypto);
    settle(world);
    for (int i = 0; i < 2; ++i) wake(world);
    world.wake_node(0);
    const std::uint64_t end = world.events() + events;
    const bool over =
        world.run_until(kLongestWake, [&] { return world.events() >= end || sleepy(world, 0); });
    ASSERT_TRUE(over);
    const bool whole = sleepy(world, 0);
    world.crash_node(0);
    EXPECT_GE(world.node(0).ring().held(), 1U) << "what was in the record";
    ASSERT_TRUE(world.run_until(kLongestWake, [&] { return sleepy(world, 0); }));
    world.sleep_node(0);
    world.run_for(kPeriod);
    for (int i = 0; i < 3; ++i) wake(world);
    expect_no_counter_twice(world);
    EXPECT_GE(world.stored(0).size() + 1, world.reported(0));
    for (const auto& [number, count] : world.stored(0)) EXPECT_EQ(count, 1) << number;
    EXPECT_THAT(world.violations(), testing::IsEmpty());
    if (whole || testing::Test::HasFailure()) return;
    ASSERT_LT(events, 1000U);
  }
}

TEST(SleepersTest, AResetAtAnyByteOfRetainedMemoryReusesNoCounterAndLosesNothing) {
  CryptoSodium crypto;
  for (std::size_t byte = 1; byte < 1000; byte += 13) {
    SCOPED_TRACE("byte " + std::to_string(byte));
    World world(sleepers(4), crypto);
    settle(world);
    for (int i = 0; i < 2; ++i) wake(world);
    const std::uint32_t before = world.reported(0);
    world.crash_node_at_byte(0, byte);
    world.wake_node(0, false);
    world.run_for(kLongestWake);
    world.sleep_node(0);
    world.run_for(kPeriod);
    for (int i = 0; i < 3; ++i) wake(world);
    expect_no_counter_twice(world);
    // The one that was being written may be lost with the reset, nothing before and nothing after.
    const auto stored = world.stored(0);
    for (std::uint32_t number = 1; number < world.reported(0); ++number) {
      EXPECT_TRUE(stored.count(number) == 1 || number == before + 1) << number;
    }
    for (const auto& [number, count] : stored) EXPECT_EQ(count, 1) << number;
    EXPECT_THAT(world.violations(), testing::IsEmpty());
    if (testing::Test::HasFailure()) return;
  }
}

TEST(SleepersTest, ASilentCoordinatorCostsNoReport) {
  CryptoSodium crypto;
  World world(sleepers(5), crypto);
  settle(world);
  wake(world);
  world.cut_hub_power(Duration::seconds(600));
  for (int i = 0; i < 12; ++i) wake(world);
  for (int i = 0; i < 4; ++i) wake(world);
  EXPECT_LE(world.node(0).ring().held(), 1U);
  expect_each_stored_once(world);
  expect_no_counter_twice(world);
}

TEST(SleepersTest, CommandsReachASleeperOnceEach) {
  CryptoSodium crypto;
  World world(sleepers(6), crypto);
  settle(world);
  wake(world);
  for (std::uint32_t number = 1; number <= 8; ++number) ASSERT_NE(world.command(0, number), 0U);
  world.run_for(Duration::seconds(5));
  for (int i = 0; i < 4; ++i) wake(world);
  EXPECT_THAT(world.executed(0), testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

}  // namespace
}  // namespace espial::sim
