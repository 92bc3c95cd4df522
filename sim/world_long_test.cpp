// Packets that are longer than a frame, through the whole world.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/wire/session_packets.hpp"
#include "ports/linux/crypto_sodium.hpp"
#include "sim/world.hpp"

namespace espial::sim {
namespace {

constexpr std::size_t kReportSize = 1500;

/// A fifth of the frames does not arrive, whatever the radios say, and a tenth comes twice.
WorldSettings poor_world(std::uint64_t seed) {
  WorldSettings settings;
  settings.seed = seed;
  settings.air.loss_permille = 200;
  settings.air.drop_permille = 200;
  settings.air.duplicate_permille = 100;
  return settings;
}

void start_all(World& world) {
  for (std::size_t i = 0; i < kWorldNodes; ++i) world.start_node(i);
}

void report_from_all(World& world) {
  for (std::size_t i = 0; i < kWorldNodes; ++i) world.report_long(i, kReportSize);
}

bool settles(World& world) {
  return world.run_until(Duration::seconds(600), [&] { return world.all_settled(); });
}

void expect_each_once(World& world) {
  for (std::size_t i = 0; i < kWorldNodes; ++i) {
    const auto stored = world.stored(i);
    EXPECT_EQ(stored.size(), world.reported(i)) << "node " << i;
    for (const auto& [number, count] : stored) EXPECT_EQ(count, 1) << "number " << number;
  }
  EXPECT_THAT(world.violations(), testing::IsEmpty());
}

TEST(WorldLongTest, ALongReportIsStoredExactlyOnceOverAPoorAir) {
  CryptoSodium crypto;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(poor_world(seed), crypto);
    start_all(world);
    for (int round = 0; round < 3; ++round) {
      report_from_all(world);
      for (std::size_t i = 0; i < kWorldNodes; ++i) world.report(i);
      ASSERT_TRUE(settles(world));
    }
    expect_each_once(world);
    for (const auto& row : world.ledger().rows()) {
      EXPECT_TRUE(row.readings.size() >= kReportSize || row.readings.size() == 6);
    }
    const auto& counters = world.coordinator().counters();
    EXPECT_GE(counters[coordinator::Count::kLongReceived], 3 * kWorldNodes);
    if (HasFailure()) return;
  }
}

TEST(WorldLongTest, ShortReportsOvertakeALongOne) {
  CryptoSodium crypto;
  WorldSettings settings;
  World world(settings, crypto);
  world.start_node(0);
  ASSERT_TRUE(world.run_until(Duration::seconds(60), [&] { return world.online(0); }));
  world.run_for(Duration::seconds(1));
  const std::uint32_t long_one = world.report_long(0, kReportSize);
  world.run_for(Duration::milliseconds(5));
  const std::uint32_t event = world.report(0, true);
  ASSERT_TRUE(world.run_until(Duration::seconds(60),
                              [&] { return world.ledger().rows_of(world.mac_of(0)) == 1; }));
  EXPECT_EQ(world.stored(0).count(event), 1U);
  EXPECT_EQ(world.stored(0).count(long_one), 0U);
  ASSERT_TRUE(world.run_until(Duration::seconds(60), [&] { return world.node(0).ring().empty(); }));
}

/// The coordinator loses all parts it had, and what it had acknowledged to nobody.
TEST(WorldLongTest, ALongReportSurvivesAHubThatLosesPowerAgainAndAgain) {
  CryptoSodium crypto;
  for (std::uint64_t seed = 31; seed < 41; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(poor_world(seed), crypto);
    start_all(world);
    for (int cut = 0; cut < 4; ++cut) {
      report_from_all(world);
      world.run_for(Duration::milliseconds(150 + 40 * static_cast<std::int64_t>(seed) * cut));
      world.cut_hub_power(Duration::milliseconds(500));
      ASSERT_TRUE(settles(world));
    }
    expect_each_once(world);
  }
}

/// The control: the same with streams that do not survive the power cut, so that a report which
/// comes again as a whole is no duplicate to anybody.
TEST(WorldLongTest, WithoutItsSequenceALongReportIsStoredTwice) {
  CryptoSodium crypto;
  int twice = 0;
  for (std::uint64_t seed = 31; seed < 61 && twice == 0; ++seed) {
    WorldSettings settings = poor_world(seed);
    settings.streams_forgotten = true;
    World world(settings, crypto);
    start_all(world);
    for (int cut = 0; cut < 4; ++cut) {
      report_from_all(world);
      const std::size_t before = world.ledger().rows().size();
      world.run_until(Duration::seconds(60), [&] { return world.ledger().rows().size() > before; });
      world.cut_hub_power(Duration::milliseconds(500));
      world.run_for(Duration::seconds(120));
    }
    for (std::size_t i = 0; i < kWorldNodes; ++i) {
      for (const auto& [number, count] : world.stored(i)) twice += count > 1 ? 1 : 0;
    }
  }
  EXPECT_GT(twice, 0);
}

TEST(WorldLongTest, ANodeThatIsResetInTheMiddleLeavesNothingBehind) {
  CryptoSodium crypto;
  World world(poor_world(51), crypto);
  start_all(world);
  ASSERT_TRUE(world.run_until(Duration::seconds(60), [&] { return world.all_online(); }));
  for (int i = 0; i < 5; ++i) {
    world.report_long(0, kReportSize);
    world.run_for(Duration::milliseconds(20));
    world.reset_node(0);
    ASSERT_TRUE(world.run_until(Duration::seconds(60), [&] { return world.online(0); }));
  }
  report_from_all(world);
  ASSERT_TRUE(world.run_until(Duration::seconds(600), [&] {
    for (std::size_t i = 0; i < kWorldNodes; ++i) {
      if (!world.node(i).ring().empty()) return false;
    }
    return true;
  }));
  EXPECT_EQ(world.stored(0).count(world.reported(0)), 1U);
  for (const auto& [number, count] : world.stored(0)) EXPECT_EQ(count, 1);
  for (const auto& row : world.ledger().rows()) {
    // Every byte of the padding is the number: no row is made of two.
    const auto padding = row.readings.begin() + 6 + 3;
    EXPECT_TRUE(std::all_of(padding, padding + 200,
                            [&](std::uint8_t byte) { return byte == row.readings[2]; }));
  }
}

TEST(WorldLongTest, ReceiversOfLongAndShortFramesMix) {
  CryptoSodium crypto;
  for (const bool gateway : {false, true}) {
    for (const bool nodes : {false, true}) {
      SCOPED_TRACE(std::string(gateway ? "long" : "short") + " gateway, " +
                   (nodes ? "long" : "short") + " nodes");
      WorldSettings settings = poor_world(61);
      settings.long_bodies = nodes;
      settings.long_gateway_bodies = gateway;
      World world(settings, crypto);
      start_all(world);
      report_from_all(world);
      ASSERT_TRUE(settles(world));
      expect_each_once(world);
      const bool any_long =
          std::any_of(world.overheard().begin(), world.overheard().end(),
                      [](const auto& frame) { return frame.body.size() > kMaxBodyV1; });
      EXPECT_EQ(any_long, gateway && nodes);
    }
  }
}

/// An inner CONNACK with a name, and a property of a later day that is as long as it takes.
class LongAssignment final : public transfer::LongSource {
 public:
  LongAssignment(std::string_view name, std::size_t size) {
    bytes_ = {0x21, 255, 0, 0, 3, static_cast<std::uint8_t>(name.size())};
    bytes_.insert(bytes_.end(), name.begin(), name.end());
    for (std::uint8_t number = 100; bytes_.size() < size; ++number) {
      bytes_.insert(bytes_.end(), {number, 200});
      bytes_.insert(bytes_.end(), 200, number);
    }
    bytes_[2] = static_cast<std::uint8_t>(bytes_.size() - 4);
    bytes_[3] = static_cast<std::uint8_t>((bytes_.size() - 4) >> 8U);
  }
  void read(std::uint32_t offset, MutableByteView out) override {
    std::copy_n(bytes_.begin() + offset, out.size(), out.data());
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(bytes_.size()); }

 private:
  std::vector<std::uint8_t> bytes_;
};

TEST(WorldLongTest, ALongConfigurationReachesItsNodeOverAPoorAir) {
  CryptoSodium crypto;
  for (std::uint64_t seed = 71; seed < 81; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(poor_world(seed), crypto);
    start_all(world);
    ASSERT_TRUE(world.run_until(Duration::seconds(60), [&] { return world.all_online(); }));
    LongAssignment source("Conservatory", 1500);
    ASSERT_EQ(world.send_long(1, source, source.size()), coordinator::LongStatus::kOk);
    EXPECT_EQ(world.send_long(1, source, source.size()), coordinator::LongStatus::kBusy);
    if (seed % 2 == 0) {
      world.run_for(Duration::milliseconds(100));
      world.reset_node(1);
    }
    ASSERT_TRUE(world.run_until(Duration::seconds(120),
                                [&] { return world.ended(transfer::LongEnd::kComplete) == 1; }));
    EXPECT_EQ(world.node(1).name(), "Conservatory");
    EXPECT_EQ(world.node(0).name(), "");
    EXPECT_THAT(world.violations(), testing::IsEmpty());
  }
}

TEST(WorldLongTest, WhatANodeCantTakeIsNotSentToIt) {
  CryptoSodium crypto;
  World world(poor_world(81), crypto);
  world.start_node(0);
  LongAssignment source("Attic", 1500);
  EXPECT_EQ(world.send_long(0, source, source.size()), coordinator::LongStatus::kUnknownNode);
  ASSERT_TRUE(world.run_until(Duration::seconds(60), [&] { return world.online(0); }));
  EXPECT_EQ(world.send_long(0, source, kWorldLongPacket + 1), coordinator::LongStatus::kTooLong);
}

}  // namespace
}  // namespace espial::sim
