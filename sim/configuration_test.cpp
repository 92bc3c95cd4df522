// A configuration on its way to a node that may sleep, in an air that loses frames, from a
// coordinator that may lose power.

#include <gtest/gtest.h>

#include <string>

#include "ports/linux/crypto_sodium.hpp"
#include "sim/world.hpp"

namespace espial::sim {
namespace {

WorldSettings rough(std::uint64_t seed) {
  WorldSettings settings;
  settings.seed = seed;
  settings.air.loss_permille = settings.air.drop_permille = 300;
  return settings;
}

coordinator::Configuration configuration(std::uint16_t permille) {
  coordinator::Configuration result;
  result.max_airtime_permille = permille;
  result.schedule.emplace();
  result.schedule->slot = 1;
  for (std::uint16_t i = 0; i < wire::kMaxSwitchingPoints; ++i) {
    (void)result.schedule->points.push_back({static_cast<std::uint16_t>(360 * i), 2000});
  }
  return result;
}

TEST(ConfigurationTest, ReachesANodeWithoutAResetAndIsConfirmed) {
  CryptoSodium crypto;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(rough(seed), crypto);
    world.start_node(0);
    ASSERT_TRUE(world.run_until(Duration::seconds(600), [&] { return world.online(0); }));
    const MacAddress mac = world.mac_of(0);
    for (const std::uint16_t permille : {std::uint16_t{100}, std::uint16_t{200}}) {
      ASSERT_TRUE(world.coordinator().configure(world.now(), mac, configuration(permille)));
      EXPECT_FALSE(world.coordinator().configured(mac));
      ASSERT_TRUE(world.run_until(Duration::seconds(300),
                                  [&] { return world.coordinator().configured(mac); }));
      EXPECT_EQ(world.configuration(0).max_airtime_permille, permille);
      EXPECT_EQ(world.configuration(0).schedule, *configuration(permille).schedule);
    }
    EXPECT_EQ(world.node(0).counters()[node::Count::kConfigured], 2U);
  }
}

TEST(ConfigurationTest, ACoordinatorThatComesBackLearnsWhatIsKept) {
  CryptoSodium crypto;
  World world(rough(31), crypto);
  world.start_node(0);
  ASSERT_TRUE(world.run_until(Duration::seconds(120), [&] { return world.online(0); }));
  const MacAddress mac = world.mac_of(0);
  ASSERT_TRUE(world.coordinator().configure(world.now(), mac, configuration(100)));
  ASSERT_TRUE(
      world.run_until(Duration::seconds(300), [&] { return world.coordinator().configured(mac); }));
  world.cut_hub_power(Duration::seconds(1));
  ASSERT_TRUE(world.run_until(Duration::seconds(60), [&] { return world.hub_alive(); }));
  ASSERT_TRUE(world.coordinator().restore_configuration(mac, configuration(100)));
  EXPECT_FALSE(world.coordinator().configured(mac));
  ASSERT_TRUE(
      world.run_until(Duration::seconds(300), [&] { return world.coordinator().configured(mac); }));
  EXPECT_EQ(world.node(0).counters()[node::Count::kConfigured], 1U);
}

TEST(ConfigurationTest, WhatIsOutOfItsRangeIsNotTaken) {
  CryptoSodium crypto;
  World world(rough(32), crypto);
  world.start_node(0);
  ASSERT_TRUE(world.run_until(Duration::seconds(120), [&] { return world.online(0); }));
  const MacAddress mac = world.mac_of(0);
  EXPECT_FALSE(world.coordinator().configure(world.now(), mac, configuration(1001)));
  coordinator::Configuration slot_12 = configuration(100);
  slot_12.schedule->slot = 12;
  EXPECT_FALSE(world.coordinator().configure(world.now(), mac, slot_12));
  EXPECT_FALSE(world.coordinator().configure(world.now(), MacAddress{}, configuration(100)));
  EXPECT_TRUE(world.coordinator().configured(mac)) << "there is nothing to keep to";
}

TEST(ConfigurationTest, ReachesASleeperInItsNextWakes) {
  CryptoSodium crypto;
  WorldSettings settings;
  settings.seed = 33;
  settings.sleepers = true;
  World world(settings, crypto);
  world.start_node(0);
  const auto sleepy = [&] { return world.node(0).awake_until() <= world.now(); };
  ASSERT_TRUE(world.run_until(Duration::seconds(120), [&] { return world.online(0) && sleepy(); }));
  const MacAddress mac = world.mac_of(0);
  world.sleep_node(0);
  world.run_for(Duration::seconds(60));
  ASSERT_TRUE(world.coordinator().configure(world.now(), mac, configuration(100)));
  world.run_for(Duration::seconds(60));
  const std::size_t before = world.overheard().size();
  world.wake_node(0);
  ASSERT_TRUE(world.run_until(Duration::seconds(20), sleepy));
  EXPECT_EQ(world.overheard().size(), before + 4) << "said, and answered, each once";
  EXPECT_TRUE(world.coordinator().configured(mac)) << "it stayed awake until it had said so";
}

}  // namespace
}  // namespace espial::sim
