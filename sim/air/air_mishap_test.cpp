// What may befall a frame beside collisions, and what a tap sees of it.

#include <gtest/gtest.h>

#include <bit>

#include "sim/air/air_log_test.hpp"

namespace espial::sim {
namespace {

constexpr int kFrames = 500;

/// A node that sends kFrames to a gateway with a softAP, one each 100 ms.
struct Pair {
  explicit Pair(const AirSettings& settings) : air(settings) {
    node = *air.add_radio({}, test_radio(1));
    RadioSettings ap = test_radio(2);
    ap.second_address = test_mac(3);
    gateway = *air.add_radio({}, ap);
  }
  void send_to(const MacAddress& destination) {
    for (int i = 0; i < kFrames; ++i) {
      EXPECT_EQ(air.transmit(now, node, destination, test_bytes(20)), Air::SendResult::kOk);
      now = now + Duration::milliseconds(100);
      air.advance(now, log);
    }
    run_all(air, log);
  }

  Air air;
  AirLog log;
  RadioId node;
  RadioId gateway;
  Instant now;
};

int changed_bits(const std::vector<std::uint8_t>& body) {
  int bits = 0;
  for (const std::uint8_t byte : body) bits += std::popcount(byte);
  return bits;
}

TEST(AirMishap, CorruptMeansBitsChangedAfterTheRadio) {
  AirSettings settings;
  settings.corrupt_permille = 300;
  Pair pair(settings);
  pair.send_to(test_mac(2));
  ASSERT_EQ(pair.log.heard.size(), std::size_t{kFrames});
  std::uint64_t changed = 0;
  for (const auto& heard : pair.log.heard) {
    EXPECT_EQ(heard.body.size(), 20U);
    EXPECT_LE(changed_bits(heard.body), 3);
    changed += changed_bits(heard.body) != 0 ? 1U : 0U;
  }
  EXPECT_GT(changed, 100U);
  EXPECT_LE(changed, pair.air.counters().corrupted);
  EXPECT_EQ(pair.air.counters().retries, 0U) << "the radio acknowledged it";
}

TEST(AirMishap, NothingIsCorruptUnlessAskedFor) {
  Pair pair(AirSettings{});
  pair.send_to(test_mac(2));
  for (const auto& heard : pair.log.heard) EXPECT_EQ(changed_bits(heard.body), 0);
  EXPECT_EQ(pair.air.counters().corrupted, 0U);
}

TEST(AirMishap, ALateFrameIsOvertaken) {
  AirSettings settings;
  settings.late_permille = 300;
  Pair pair(settings);
  for (std::uint8_t number = 0; number < 200; ++number) {
    const std::array<std::uint8_t, 1> body{number};
    EXPECT_EQ(pair.air.transmit(pair.now, pair.node, test_mac(2), body), Air::SendResult::kOk);
    pair.now = pair.now + Duration::milliseconds(5);
    pair.air.advance(pair.now, pair.log);
  }
  run_all(pair.air, pair.log);
  ASSERT_EQ(pair.log.heard.size(), 200U);
  int overtaken = 0;
  for (std::size_t i = 1; i < 200; ++i) {
    overtaken += pair.log.heard[i].body < pair.log.heard[i - 1].body ? 1 : 0;
    EXPECT_GE(pair.log.heard[i].at, pair.log.heard[i - 1].at);
  }
  EXPECT_GT(pair.air.counters().late, 30U);
  EXPECT_GT(overtaken, 10);
}

TEST(AirMishap, NothingIsLateUnlessAskedFor) {
  Pair pair(AirSettings{});
  pair.send_to(test_mac(2));
  EXPECT_EQ(pair.air.counters().late, 0U);
  for (std::size_t i = 0; i < pair.log.heard.size(); ++i) {
    EXPECT_LT(pair.log.heard[i].at, pair.log.sent[i].at) << "before the acknowledgement is over";
  }
}

TEST(AirMishap, MoreThanTheLimitAreNotLate) {
  AirSettings settings;
  settings.late_permille = 1000;
  settings.late_most = Duration::seconds(1000);
  Pair pair(settings);
  pair.send_to(test_mac(2));
  EXPECT_EQ(pair.log.heard.size(), std::size_t{kFrames});
  EXPECT_LT(pair.air.counters().late, kMaxLate + 20);
}

TEST(AirMishap, WhoIsGoneGetsNothingLate) {
  AirSettings settings;
  settings.late_permille = 1000;
  Pair pair(settings);
  ASSERT_EQ(pair.air.transmit({}, pair.node, test_mac(2), test_bytes(5)), Air::SendResult::kOk);
  while (pair.log.sent.empty()) pair.air.advance(pair.air.next_event(), pair.log);
  pair.air.remove_radio(pair.log.sent[0].at, pair.gateway);
  run_all(pair.air, pair.log);
  EXPECT_TRUE(pair.log.heard.empty());
}

TEST(AirMishap, ASleepingStationIsReachedAtItsSoftApOnly) {
  AirSettings settings;
  settings.asleep_permille = 1000;
  Pair pair(settings);
  pair.air.set_station_asleep(pair.gateway, true);
  pair.send_to(test_mac(2));
  EXPECT_TRUE(pair.log.heard.empty());
  EXPECT_EQ(pair.air.counters().asleep, std::uint64_t{kFrames} * kMaxAttempts);
  EXPECT_EQ(pair.air.counters().past_sleep, 0U);
  pair.send_to(test_mac(3));
  EXPECT_EQ(pair.log.heard.size(), std::size_t{kFrames});
  EXPECT_EQ(pair.air.counters().past_sleep, std::uint64_t{kFrames});
}

TEST(AirMishap, AStationThatIsAwakeIsReached) {
  AirSettings settings;
  settings.asleep_permille = 1000;
  Pair pair(settings);
  pair.send_to(test_mac(2));
  EXPECT_EQ(pair.log.heard.size(), std::size_t{kFrames});
  Pair unset(AirSettings{});
  unset.air.set_station_asleep(unset.gateway, true);
  unset.send_to(test_mac(2));
  EXPECT_EQ(unset.log.heard.size(), std::size_t{kFrames});
}

TEST(AirMishap, FramesComeFromTheStationUnlessSaid) {
  Pair pair(AirSettings{});
  ASSERT_EQ(pair.air.transmit({}, pair.gateway, test_mac(1), test_bytes(5)), Air::SendResult::kOk);
  const Instant now = run_all(pair.air, pair.log);
  SendOptions options;
  options.from_second_address = true;
  ASSERT_EQ(pair.air.transmit(now, pair.gateway, test_mac(1), test_bytes(5), options),
            Air::SendResult::kOk);
  run_all(pair.air, pair.log);
  ASSERT_EQ(pair.log.heard.size(), 2U);
  EXPECT_EQ(pair.log.heard[0].source, test_mac(2));
  EXPECT_EQ(pair.log.heard[1].source, test_mac(3));
}

TEST(AirMishap, OneChannelOffIsHeardOnlyWhenAskedFor) {
  for (const std::uint32_t permille : {0U, 1000U}) {
    AirSettings settings;
    settings.off_channel_permille = permille;
    Air air(settings);
    AirLog log;
    const RadioId node = *air.add_radio({}, test_radio(1, 6));
    (void)air.add_radio({}, test_radio(2, 7));
    (void)air.add_radio({}, test_radio(3, 8));
    ASSERT_EQ(air.transmit({}, node, kBroadcast, test_bytes(5)), Air::SendResult::kOk);
    run_all(air, log);
    ASSERT_EQ(log.heard.size(), permille / 1000U);
    EXPECT_EQ(air.counters().off_channel, permille / 1000U);
    for (const auto& heard : log.heard) EXPECT_EQ(heard.channel, Channel{7}) << "as chips say it";
  }
}

struct Tap : AirTap {
  void on_transmission(const Transmission& transmission) override {
    seen.push_back(transmission);
    seen.back().body = {};
    body_sizes.push_back(transmission.body.size());
  }
  std::vector<Transmission> seen;
  std::vector<std::size_t> body_sizes;
};

TEST(AirMishap, ATapSeesFrameAndAcknowledgement) {
  Pair pair(AirSettings{});
  Tap tap;
  pair.air.set_tap(&tap);
  ASSERT_EQ(pair.air.transmit({}, pair.node, test_mac(3), test_bytes(20)), Air::SendResult::kOk);
  run_all(pair.air, pair.log);
  ASSERT_EQ(tap.seen.size(), 2U);
  const Transmission& frame = tap.seen[0];
  const Transmission& ack = tap.seen[1];
  EXPECT_EQ(frame.source, test_mac(1));
  EXPECT_EQ(frame.destination, test_mac(3));
  EXPECT_EQ(frame.channel, Channel{6});
  EXPECT_EQ(tap.body_sizes[0], 20U);
  EXPECT_FALSE(frame.acknowledgement);
  EXPECT_EQ(frame.end - frame.start, airtime(20));
  EXPECT_TRUE(ack.acknowledgement);
  EXPECT_EQ(ack.destination, test_mac(1));
  EXPECT_EQ(ack.start, frame.end + kSifs);
  EXPECT_EQ(pair.log.heard[0].at, frame.end);
  EXPECT_EQ(pair.log.sent[0].at, ack.end);
}

TEST(AirMishap, ARepeatHasTheSameSequenceAndRandomBytes) {
  Air air(AirSettings{});
  AirLog log;
  Tap tap;
  air.set_tap(&tap);
  const RadioId node = *air.add_radio({}, test_radio(1));
  Instant now;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(air.transmit(now, node, test_mac(9), test_bytes(1)), Air::SendResult::kOk);
    now = run_all(air, log);
  }
  ASSERT_EQ(tap.seen.size(), 2U * kMaxAttempts);
  for (std::size_t i = 1; i < kMaxAttempts; ++i) {
    EXPECT_EQ(tap.seen[i].sequence, tap.seen[0].sequence);
    EXPECT_EQ(tap.seen[i].random, tap.seen[0].random);
    EXPECT_TRUE(tap.seen[i].retry);
  }
  EXPECT_FALSE(tap.seen[0].retry);
  EXPECT_EQ(tap.seen[kMaxAttempts].sequence, (tap.seen[0].sequence + 1) & 0xfff);
  EXPECT_NE(tap.seen[kMaxAttempts].random, tap.seen[0].random);
}

TEST(AirMishap, WhoTunesAwayMissesTheAcknowledgementAndRepeatsElsewhere) {
  Pair pair(AirSettings{});
  Tap tap;
  pair.air.set_tap(&tap);
  ASSERT_EQ(pair.air.transmit({}, pair.node, test_mac(2), test_bytes(20)), Air::SendResult::kOk);
  const Instant start = pair.air.next_event();
  pair.air.advance(start, pair.log);
  pair.air.tune(start + Duration{1}, pair.node, Channel{13});
  run_all(pair.air, pair.log);
  EXPECT_EQ(pair.log.heard.size(), 1U);
  EXPECT_FALSE(pair.log.sent.at(0).acknowledged);
  EXPECT_EQ(pair.air.counters().acks_lost, 1U);
  EXPECT_EQ(tap.seen.back().channel, Channel{13});
}

TEST(AirMishap, WhoGoesDuringItsFrameTakesItAlong) {
  Pair pair(AirSettings{});
  ASSERT_EQ(pair.air.transmit({}, pair.node, test_mac(2), test_bytes(250)), Air::SendResult::kOk);
  const Instant start = pair.air.next_event();
  pair.air.advance(start, pair.log);
  const RadioId waiting = *pair.air.add_radio(start, test_radio(9));
  ASSERT_EQ(pair.air.transmit(start, waiting, test_mac(8), test_bytes(0)), Air::SendResult::kOk);
  EXPECT_EQ(pair.air.next_event(), start + airtime(250));
  pair.air.set_powered(start + Duration{1}, pair.node, false);
  EXPECT_LT(pair.air.next_event(), start + Duration{50 + 31 * 20 + 2})
      << "who waits goes on at once";
  pair.air.remove_radio(start + Duration{1}, waiting);
  run_all(pair.air, pair.log);
  EXPECT_TRUE(pair.log.heard.empty());
  EXPECT_TRUE(pair.log.sent.empty());
  const Instant now = start + Duration{2};
  pair.air.set_powered(now, pair.node, true);
  ASSERT_EQ(pair.air.transmit(now, pair.node, test_mac(2), test_bytes(20)), Air::SendResult::kOk);
  run_all(pair.air, pair.log);
  EXPECT_EQ(pair.log.heard.size(), 1U);
}

/// A sink that answers by switching the sender off and on and letting it send something else.
struct Wrecker : AirLog {
  void on_delivery(Instant at, RadioId receiver, const ReceivedFrame& frame) override {
    AirLog::on_delivery(at, receiver, frame);
    if (wrecked) return;
    wrecked = true;
    air->set_powered(at, sender, false);
    air->set_powered(at, sender, true);
    std::array<std::uint8_t, 30> other{};
    other.fill(0xff);
    ASSERT_EQ(air->transmit(at, sender, kBroadcast, other), Air::SendResult::kOk);
  }
  Air* air = nullptr;
  RadioId sender;
  bool wrecked = false;
};

TEST(AirMishap, ASinkMayPullTheRugFromUnderAFrame) {
  Air air(AirSettings{});
  Wrecker wrecker;
  wrecker.air = &air;
  wrecker.sender = *air.add_radio({}, test_radio(1));
  (void)air.add_radio({}, test_radio(2));
  (void)air.add_radio({}, test_radio(3));
  ASSERT_EQ(air.transmit({}, wrecker.sender, kBroadcast, test_bytes(10)), Air::SendResult::kOk);
  run_all(air, wrecker);
  ASSERT_EQ(wrecker.heard.size(), 4U);
  EXPECT_EQ(wrecker.heard[1].body, std::vector<std::uint8_t>(10)) << "the others heard it whole";
  EXPECT_EQ(wrecker.heard[2].body.size(), 30U);
  EXPECT_EQ(wrecker.sent.size(), 1U) << "of the second frame only";
}

}  // namespace
}  // namespace espial::sim
