#include "sim/air/air.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/air/air_log_test.hpp"

namespace espial::sim {
namespace {

constexpr MacAddress kNode{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kGateway{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress kSoftAp{{2, 0, 0, 0, 0, 3}};
constexpr MacAddress kOther{{2, 0, 0, 0, 0, 4}};

using Log = AirLog;

RadioSettings radio(MacAddress address, std::uint8_t channel,
                    std::size_t max_body_size = kMaxBodyV2) {
  RadioSettings settings;
  settings.address = address;
  settings.channel = Channel{channel};
  settings.max_body_size = max_body_size;
  return settings;
}

ByteView bytes(std::size_t size) { return test_bytes(size); }

void run(Air& air, Log& log) { run_all(air, log); }

TEST(AirTest, UnicastReachesOneAndIsAcknowledged) {
  Air air({});
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  const RadioId gateway = *air.add_radio({}, radio(kGateway, 6));
  (void)air.add_radio({}, radio(kOther, 6));
  ASSERT_EQ(air.transmit(Instant{1000}, node, kGateway, bytes(10)), Air::SendResult::kOk);
  run(air, log);
  ASSERT_EQ(log.heard.size(), 1U);
  EXPECT_EQ(log.heard[0].receiver, gateway);
  EXPECT_EQ(log.heard[0].source, kNode);
  EXPECT_EQ(log.heard[0].destination, kGateway);
  ASSERT_EQ(log.sent.size(), 1U);
  EXPECT_TRUE(log.sent[0].acknowledged);
  EXPECT_GE(log.sent[0].at.us, 1000 + (Duration{50} + airtime(10) + ack_time(Rate::k1)).us);
}

TEST(AirTest, SoftApAddressIsHeardToo) {
  Air air({});
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  RadioSettings settings = radio(kGateway, 6);
  settings.second_address = kSoftAp;
  ASSERT_TRUE(air.add_radio({}, settings).has_value());
  ASSERT_EQ(air.transmit({}, node, kSoftAp, bytes(10)), Air::SendResult::kOk);
  run(air, log);
  ASSERT_EQ(log.heard.size(), 1U);
  EXPECT_EQ(log.heard[0].destination, kSoftAp);
  EXPECT_TRUE(log.sent[0].acknowledged);
}

TEST(AirTest, OnlyTheSameChannelHears) {
  Air air({});
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  const RadioId gateway = *air.add_radio({}, radio(kGateway, 7));
  const RadioId other = *air.add_radio({}, radio(kOther, 6));
  ASSERT_EQ(air.transmit({}, node, kBroadcast, bytes(10)), Air::SendResult::kOk);
  run(air, log);
  ASSERT_EQ(log.heard.size(), 1U);
  EXPECT_EQ(log.heard[0].receiver, other);
  air.tune(Instant{50'000}, gateway, Channel{6});
  ASSERT_EQ(air.transmit(Instant{60'000}, node, kBroadcast, bytes(10)), Air::SendResult::kOk);
  run(air, log);
  EXPECT_EQ(log.heard.size(), 3U);
}

TEST(AirTest, WhoTunesInDuringAFrameDoesNotHearIt) {
  Air air({});
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  const RadioId gateway = *air.add_radio({}, radio(kGateway, 7));
  ASSERT_EQ(air.transmit({}, node, kBroadcast, bytes(250)), Air::SendResult::kOk);
  const Instant start = air.next_event();
  air.advance(start, log);
  air.tune(start + Duration{100}, gateway, Channel{6});
  run(air, log);
  EXPECT_TRUE(log.heard.empty());
}

TEST(AirTest, NobodyThereMeansSevenAttemptsAndNoAcknowledgement) {
  Air air({});
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  ASSERT_EQ(air.transmit({}, node, kGateway, bytes(10)), Air::SendResult::kOk);
  run(air, log);
  ASSERT_EQ(log.sent.size(), 1U);
  EXPECT_FALSE(log.sent[0].acknowledged);
  EXPECT_EQ(air.counters().attempts, 7U);
  EXPECT_EQ(air.counters().unanswered, 1U);
}

TEST(AirTest, BroadcastIsSentOnceAndCountsAsAcknowledged) {
  Air air({});
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  ASSERT_EQ(air.transmit({}, node, kBroadcast, bytes(10)), Air::SendResult::kOk);
  run(air, log);
  ASSERT_EQ(log.sent.size(), 1U);
  EXPECT_TRUE(log.sent[0].acknowledged);
  EXPECT_EQ(air.counters().attempts, 1U);
}

TEST(AirTest, OneFrameInFlightPerRadio) {
  Air air({});
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  ASSERT_EQ(air.transmit({}, node, kBroadcast, bytes(10)), Air::SendResult::kOk);
  EXPECT_EQ(air.transmit({}, node, kBroadcast, bytes(10)), Air::SendResult::kBusy);
  run(air, log);
  EXPECT_EQ(air.transmit(Instant{9'000}, node, kBroadcast, bytes(10)), Air::SendResult::kOk);
  EXPECT_EQ(air.counters().refused, 1U);
}

TEST(AirTest, LengthLimitsBelongToTheVersions) {
  Air air({});
  Log log;
  const RadioId old = *air.add_radio({}, radio(kNode, 6, kMaxBodyV1));
  const RadioId recent = *air.add_radio({}, radio(kGateway, 6, kMaxBodyV2));
  EXPECT_EQ(air.transmit({}, old, kGateway, bytes(251)), Air::SendResult::kTooLong);
  EXPECT_EQ(air.transmit({}, recent, kNode, bytes(1471)), Air::SendResult::kTooLong);
  ASSERT_EQ(air.transmit({}, recent, kNode, bytes(1470)), Air::SendResult::kOk);
  run(air, log);
  EXPECT_TRUE(log.heard.empty());
  EXPECT_TRUE(log.sent[0].acknowledged);
  EXPECT_EQ(air.counters().too_long, 1U);
}

TEST(AirTest, SendersOfOneChannelTakeTurns) {
  Air air({});
  Log log;
  const RadioId a = *air.add_radio({}, radio(kNode, 6));
  const RadioId b = *air.add_radio({}, radio(kOther, 6));
  ASSERT_EQ(air.transmit({}, a, kBroadcast, bytes(250)), Air::SendResult::kOk);
  ASSERT_EQ(air.transmit({}, b, kBroadcast, bytes(250)), Air::SendResult::kOk);
  run(air, log);
  ASSERT_EQ(log.sent.size(), 2U);
  EXPECT_GE(log.sent[1].at - log.sent[0].at, airtime(250) + Duration{50});
}

TEST(AirTest, DistantChannelsDoNotWaitForEachOther) {
  Air air({});
  Log log;
  const RadioId a = *air.add_radio({}, radio(kNode, 1));
  const RadioId b = *air.add_radio({}, radio(kOther, 13));
  ASSERT_EQ(air.transmit({}, a, kBroadcast, bytes(1470)), Air::SendResult::kOk);
  ASSERT_EQ(air.transmit({}, b, kBroadcast, bytes(1470)), Air::SendResult::kOk);
  run(air, log);
  ASSERT_EQ(log.sent.size(), 2U);
  EXPECT_LT(log.sent[1].at - log.sent[0].at, Duration::milliseconds(1));
}

TEST(AirTest, RetriesBridgeLossAndDuplicatesAreSeen) {
  AirSettings settings;
  settings.loss_permille = 200;
  settings.duplicate_permille = 100;
  Air air(settings);
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  (void)air.add_radio({}, radio(kGateway, 6));
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(air.transmit(Instant{i * 100'000}, node, kGateway, bytes(10)), Air::SendResult::kOk);
    run(air, log);
  }
  EXPECT_EQ(log.sent.size(), 1000U);
  EXPECT_GT(log.heard.size(), 1050U);
  EXPECT_GT(air.counters().attempts, 1300U);
  EXPECT_LT(air.counters().unanswered, 10U);
}

TEST(AirTest, ADroppedFrameWasAcknowledged) {
  AirSettings settings;
  settings.drop_permille = 1000;
  Air air(settings);
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  (void)air.add_radio({}, radio(kGateway, 6));
  ASSERT_EQ(air.transmit({}, node, kGateway, bytes(10)), Air::SendResult::kOk);
  run(air, log);
  EXPECT_TRUE(log.heard.empty());
  EXPECT_TRUE(log.sent[0].acknowledged);
  EXPECT_EQ(air.counters().dropped, 1U);
}

TEST(AirTest, StrengthFallsWithDistanceUntilNothingIsHeard) {
  Air air({});
  Log log;
  RadioSettings settings = radio(kNode, 6);
  settings.position = Position{0, 0};
  const RadioId node = *air.add_radio({}, settings);
  settings = radio(kGateway, 6);
  settings.position = Position{100, 0};
  const RadioId gateway = *air.add_radio({}, settings);
  Instant now;
  const auto strength_at = [&](std::int32_t x_cm) {
    log.heard.clear();
    air.move(now, gateway, {x_cm, 0});
    now = now + Duration::seconds(1);
    EXPECT_EQ(air.transmit(now, node, kBroadcast, bytes(10)), Air::SendResult::kOk);
    run(air, log);
    return log.heard.empty() ? -1000 : log.heard[0].rssi_dbm;
  };
  EXPECT_EQ(strength_at(100), -40);
  EXPECT_EQ(strength_at(200), -49);
  EXPECT_EQ(strength_at(1600), -76);
  EXPECT_EQ(strength_at(100'000), -1000);
}

TEST(AirTest, AnUnpoweredRadioNeitherHearsNorSends) {
  Air air({});
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  const RadioId gateway = *air.add_radio({}, radio(kGateway, 6));
  air.set_powered({}, gateway, false);
  ASSERT_EQ(air.transmit({}, node, kBroadcast, bytes(10)), Air::SendResult::kOk);
  EXPECT_EQ(air.transmit({}, gateway, kBroadcast, bytes(10)), Air::SendResult::kUnknown);
  run(air, log);
  EXPECT_TRUE(log.heard.empty());
  EXPECT_EQ(log.sent.size(), 1U);
  // One that loses its power takes its frame along.
  ASSERT_EQ(air.transmit(Instant{50'000}, node, kBroadcast, bytes(10)), Air::SendResult::kOk);
  air.set_powered(Instant{50'100}, node, false);
  run(air, log);
  EXPECT_EQ(log.sent.size(), 1U);
}

TEST(AirTest, RefusesWhatIsNoRadio) {
  Air air({});
  ASSERT_TRUE(air.add_radio({}, radio(kNode, 6)).has_value());
  EXPECT_FALSE(air.add_radio({}, radio(kNode, 6)).has_value());
  RadioSettings both = radio(kNode, 6);
  both.second_address = kSoftAp;
  EXPECT_FALSE(air.add_radio({}, both).has_value());
  both.address = kSoftAp;
  both.second_address = kNode;
  EXPECT_FALSE(air.add_radio({}, both).has_value());
  EXPECT_FALSE(air.add_radio({}, radio(kOther, 0)).has_value());
  EXPECT_FALSE(air.add_radio({}, radio(kOther, 14)).has_value());
  EXPECT_FALSE(air.add_radio({}, radio(kOther, 6, 300)).has_value());
  EXPECT_FALSE(air.add_radio({}, radio(kBroadcast, 6)).has_value());
  EXPECT_EQ(air.transmit({}, RadioId{99}, kNode, bytes(1)), Air::SendResult::kUnknown);
}

TEST(AirTest, ARemovedRadioIsGoneAndItsAddressFree) {
  Air air({});
  Log log;
  const RadioId node = *air.add_radio({}, radio(kNode, 6));
  ASSERT_EQ(air.transmit({}, node, kBroadcast, bytes(1)), Air::SendResult::kOk);
  air.remove_radio({}, node);
  run(air, log);
  EXPECT_TRUE(log.sent.empty());
  EXPECT_EQ(air.channel(node).number, 0);
  EXPECT_TRUE(air.add_radio({}, radio(kNode, 6)).has_value());
}

TEST(AirTest, ARemovedRadiosPlaceIsUsedAgainAndItsHandleMeansNobody) {
  Air air({});
  Log log;
  const RadioId gone = *air.add_radio({}, radio(kNode, 6));
  ASSERT_EQ(air.transmit({}, gone, kBroadcast, bytes(1)), Air::SendResult::kOk);
  air.remove_radio({}, gone);
  const RadioId next = *air.add_radio({}, radio(kOther, 6));
  EXPECT_FALSE(gone == next);
  EXPECT_EQ(air.transmit({}, gone, kBroadcast, bytes(1)), Air::SendResult::kUnknown);
  ASSERT_EQ(air.transmit({}, next, kBroadcast, bytes(250)), Air::SendResult::kOk);
  run(air, log);
  ASSERT_EQ(log.sent.size(), 1U);
  EXPECT_EQ(log.sent[0].sender, next);
  EXPECT_GE(log.sent[0].at.us, airtime(250).us);
}

TEST(AirTest, AFullAirRefusesOneMore) {
  Air air({});
  MacAddress address{{2, 7, 0, 0, 0, 0}};
  for (std::size_t i = 0; i < kMaxRadios; ++i) {
    address.octets[4] = static_cast<std::uint8_t>(i >> 8U);
    address.octets[5] = static_cast<std::uint8_t>(i);
    ASSERT_TRUE(air.add_radio({}, radio(address, 6)).has_value());
  }
  EXPECT_FALSE(air.add_radio({}, radio(kNode, 6)).has_value());
}

TEST(AirTest, SameSeedSameEventsOtherSeedOthers) {
  const auto trace = [](std::uint64_t seed) {
    AirSettings settings;
    settings.seed = seed;
    settings.loss_permille = 300;
    settings.duplicate_permille = 50;
    Air air(settings);
    Log log;
    const RadioId node = *air.add_radio({}, radio(kNode, 6));
    (void)air.add_radio({}, radio(kGateway, 6));
    std::string text;
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(air.transmit(Instant{i * 100'000}, node, kGateway, bytes(30)),
                Air::SendResult::kOk);
      run(air, log);
    }
    for (const Log::Heard& heard : log.heard) text += std::to_string(heard.at.us) + ' ';
    return text;
  };
  EXPECT_EQ(trace(7), trace(7));
  EXPECT_NE(trace(7), trace(8));
}

}  // namespace
}  // namespace espial::sim
