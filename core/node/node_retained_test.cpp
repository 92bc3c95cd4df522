// A node over sleep and resets, with retained memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "core/node/long_reports.hpp"
#include "core/node/scripted_coordinator_test.hpp"
#include "sim/memory_retained.hpp"

namespace espial::node {
namespace {

using testing::ElementsAre;
using wire::PacketType;

constexpr Duration kPeriod = Duration::seconds(600);

class NodeRetainedTest : public testing::Test {
 protected:
  NodeRetainedTest() {
    config_.server = ScriptedCoordinator::kServer;
    config_.firmware = "1.0";
    config_.join_key.key = peer_.network_key;
    config_.always_listening = false;
    config_.keepalive = {};
    (void)config_.functions.push_back({1, 4, true, true});
    application_.settings = &settings_;
    boot(wire::ResetReason::kPower, std::nullopt);
  }

  /// The board starts: its clock begins anew, its memory is as it was.
  void boot(wire::ResetReason reason, std::optional<Duration> since_last_write) {
    node_.reset();
    storage_ = {};
    config_.reset_reason = reason;
    radio_.busy = false;
    radio_.set_channel(Channel{1});
    memory_.release(since_last_write);
    now_ = Instant{200'000};
    node_ = std::make_unique<Node>(config_, ports_with(memory_), storage_.memory(), now_);
  }
  /// For a node of the next life.
  Ports ports_with(sim::MemoryRetained& memory) {
    retention_.emplace(memory);
    Ports ports{radio_, peer_.crypto, random_, settings_, application_};
    ports.retention = &*retention_;
    return ports;
  }
  void wake(Duration slept = kPeriod) { boot(wire::ResetReason::kDeepSleep, slept); }

  void hear(const Bytes& body) {
    ReceivedFrame frame;
    frame.source = ScriptedCoordinator::kGatewayStation;
    frame.channel = radio_.channel();
    frame.body = view(body);
    node_->on_frame(now_, frame);
  }
  Bytes sent(bool acknowledged = true) {
    EXPECT_TRUE(radio_.busy);
    const Bytes body = radio_.last;
    radio_.busy = false;
    node_->on_sent(now_, acknowledged);
    return body;
  }
  void tick() {
    ASSERT_NE(node_->next_timer(), kNever);
    now_ = std::max(now_, node_->next_timer());
    node_->on_timer(now_);
  }
  void find_gateway() {
    for (int i = 0; i < 200; ++i) {
      if (!radio_.busy) tick();
      if (!radio_.busy) continue;
      const bool probe = radio_.destination == kBroadcast;
      const Bytes body = sent();
      if (!probe || radio_.channel() != peer_.channel) continue;
      hear(peer_.connack(body));
      tick();
      if (node_->state() != NodeState::kSearching) return;
    }
    FAIL() << "the gateway's channel was never asked";
  }
  /// Joins, says what it is, and has nothing more to do.
  void go_online() {
    node_->start(now_);
    find_gateway();
    hear(peer_.accept(sent()));
    (void)peer_.open(sent());
    hear(peer_.seal(wire::PingResponse{UnixTime{1'700'000'000'000}, 60}, wire::Assignment{}));
    ASSERT_EQ(node_->state(), NodeState::kOnline);
    ASSERT_LE(node_->awake_until(), now_);
  }
  ReportStatus report(std::uint8_t value, bool event = false) {
    const std::array<std::uint8_t, 3> reading{0x11, 4, value};
    return node_->report(now_, event ? wire::Stream::kEvents : wire::Stream::kReadings, true,
                         reading);
  }
  /// What the frame in flight carries; it ends well.
  std::vector<wire::Packet> packets() { return peer_.open(sent()); }
  static std::vector<PacketType> types(const std::vector<wire::Packet>& packets) {
    std::vector<PacketType> result;
    for (const auto& packet : packets) result.push_back(packet.type);
    return result;
  }
  static wire::Stored stored(std::uint16_t floor) { return {wire::Stream::kReadings, floor, 0}; }
  std::uint32_t count(Count what) const { return node_->counters()[what]; }

  ScriptedCoordinator peer_;
  CountingRandom random_;
  ScriptedRadio radio_;
  ScriptedSettings settings_;
  ScriptedApplication application_;
  sim::MemoryRetained memory_{retained_size(4, 20)};
  std::optional<Retention> retention_;
  Storage<4, 20> storage_;
  Config config_;
  std::unique_ptr<Node> node_;
  Instant now_;
};

TEST_F(NodeRetainedTest, AWarmWakeIsOneFrameUpAndOneDown) {
  go_online();
  for (std::uint8_t i = 1; i <= 5; ++i) {
    wake();
    EXPECT_EQ(report(i), ReportStatus::kTaken);
    const std::uint32_t sent_before = radio_.sent;
    node_->start(now_);
    EXPECT_EQ(radio_.channel(), peer_.channel);
    EXPECT_EQ(radio_.destination, ScriptedCoordinator::kGateway);
    const auto frame = packets();
    ASSERT_THAT(types(frame), ElementsAre(PacketType::kPublish)) << int{i};
    EXPECT_EQ(wire::parse_report(frame[0])->sequence, i - 1);
    EXPECT_EQ(node_->awake_until(), now_ + kListenAfterSend);
    // The acknowledgement of the wake before.
    hear(peer_.seal(stored(static_cast<std::uint16_t>(i - 1))));
    EXPECT_EQ(node_->awake_until(), now_);
    EXPECT_EQ(node_->ring().held(), 1U);
    EXPECT_EQ(radio_.sent, sent_before + 1);
  }
  EXPECT_EQ(count(Count::kSearches) + count(Count::kJoins) + count(Count::kResumes), 0U);
}

TEST_F(NodeRetainedTest, MoreKeepsItAwakeNoLongerThanItsFramesTakeAndFiftyMilliseconds) {
  go_online();
  wake();
  report(1);
  node_->start(now_);
  (void)packets();
  for (int i = 0; i < 8; ++i) {
    now_ = now_ + Duration::milliseconds(5);
    Bytes frame = peer_.seal(wire::PingResponse{});
    ASSERT_TRUE(wire::set_more({frame.data(), frame.size()}, true));
    hear(frame);
    EXPECT_EQ(node_->awake_until(), now_ + kMaxAwakeForMore);
    // Who repeats it, with the mark or without, keeps nobody awake.
    const Instant until = node_->awake_until();
    now_ = now_ + Duration::milliseconds(1);
    hear(frame);
    EXPECT_EQ(node_->awake_until(), until);
  }
  hear(peer_.seal(stored(1)));
  EXPECT_EQ(node_->awake_until(), now_);
}

TEST_F(NodeRetainedTest, WhatWasNotAcknowledgedByTheNextWakeTravelsAgain) {
  go_online();
  wake();
  report(1);
  node_->start(now_);
  sent();
  wake();
  report(2);
  node_->start(now_);
  EXPECT_EQ(packets().size(), 1U);
  hear(peer_.seal(wire::PingResponse{}));
  wake();
  report(3);
  node_->start(now_);
  const auto frame = packets();
  ASSERT_EQ(frame.size(), 2U);
  EXPECT_EQ(wire::parse_report(frame[0])->sequence, 0);
  EXPECT_EQ(wire::parse_report(frame[0])->age_ms, 1'200'000U);
  EXPECT_EQ(wire::parse_report(frame[1])->held, 2);
}

TEST_F(NodeRetainedTest, TheCounterIsOnRecordBeforeItsFrameLeaves) {
  go_online();
  wake();
  report(1);
  // A radio that never takes the frame: at the reset its counter is used up all the same.
  radio_.refuse = true;
  node_->start(now_);
  EXPECT_EQ(count(Count::kSendsRefused), 1U);
  const std::uint64_t used = 2;  // what I am, and this one
  boot(wire::ResetReason::kWatchdog, Duration::milliseconds(300));
  radio_.refuse = false;
  node_->start(now_);
  EXPECT_EQ(wire::parse_sealed(view(radio_.last))->header.counter, used);
  EXPECT_FALSE(packets().empty());
}

TEST_F(NodeRetainedTest, AReportAtQos0OfAFrameThatTheRadioRefusedIsOnRecordAgain) {
  go_online();
  wake();
  const std::array<std::uint8_t, 3> reading{0x11, 4, 1};
  ASSERT_EQ(node_->report(now_, wire::Stream::kReadings, false, reading), ReportStatus::kTaken);
  radio_.refuse = true;
  node_->start(now_);
  EXPECT_EQ(count(Count::kSendsRefused), 1U);
  boot(wire::ResetReason::kWatchdog, Duration::milliseconds(300));
  EXPECT_EQ(node_->ring().held(), 1U);
}

TEST_F(NodeRetainedTest, AResetTellsItsReasonAndKeepsTheReports) {
  go_online();
  wake();
  report(1);
  report(2, true);
  boot(wire::ResetReason::kWatchdog, Duration::seconds(3));
  EXPECT_EQ(node_->ring().held(), 2U);
  node_->start(now_);
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  const Bytes first = sent();
  EXPECT_TRUE(wire::parse_sealed(view(first))->header.listening) << "it stays on for the answer";
  const auto frame = peer_.open(first);
  ASSERT_THAT(types(frame),
              ElementsAre(PacketType::kConnect, PacketType::kPublish, PacketType::kPublish));
  EXPECT_EQ(wire::parse_description(frame[0])->properties.reset_reason,
            wire::ResetReason::kWatchdog);
  EXPECT_EQ(wire::parse_report(frame[1])->age_ms, 3'000U);
  hear(peer_.seal(wire::Assignment{}));
  EXPECT_EQ(node_->state(), NodeState::kOnline);
  EXPECT_EQ(count(Count::kRoamed) + count(Count::kSearches), 0U);
}

TEST_F(NodeRetainedTest, SeveralSilentWakesEndInAResumeWithNothingLost) {
  go_online();
  const std::uint32_t stream_id = peer_.hello.stream_id;
  for (std::uint8_t i = 1; i <= kMaxSilentWakes; ++i) {
    wake();
    report(i);
    node_->start(now_);
    EXPECT_EQ(node_->state(), NodeState::kOnline);
    sent();
  }
  wake();
  report(4);
  node_->start(now_);
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  EXPECT_EQ(node_->awake_until(), kNever);
  while (node_->state() == NodeState::kConfirming) {
    if (radio_.busy) {
      sent();
    } else {
      tick();
    }
  }
  EXPECT_EQ(node_->state(), NodeState::kResuming);
  EXPECT_EQ(count(Count::kSearches), 0U);
  hear(peer_.accept(sent()));
  const auto frame = packets();
  ASSERT_EQ(frame.size(), 5U) << "what I am, and all four";
  EXPECT_EQ(peer_.hello.stream_id, stream_id);
  EXPECT_EQ(wire::parse_report(frame[4])->sequence, 3);
}

TEST_F(NodeRetainedTest, ADailySessionTellsASleeperWhatItsClockDoesWhileItSleeps) {
  constexpr Duration kSixHours = Duration::seconds(6 * 3600);
  go_online();
  for (std::uint8_t i = 1; i <= 3; ++i) {
    wake(kSixHours);
    report(i);
    node_->start(now_);
    ASSERT_EQ(node_->state(), NodeState::kOnline);
    sent();
    hear(peer_.seal(stored(i)));
  }
  wake(kSixHours);
  report(4);
  node_->start(now_);
  ASSERT_EQ(node_->state(), NodeState::kResuming);
  // It has slept for a hundredth longer than it thinks.
  peer_.time.ms += 4 * kSixHours.ms() / 100 * 101;
  hear(peer_.accept(sent()));
  EXPECT_EQ(packets().size(), 2U) << "what I am, and the report";
  hear(peer_.seal(wire::Assignment{}, stored(4)));
  const std::int64_t left_at_ms = node_->utc(now_).ms;
  wake(Duration::seconds(3600));
  EXPECT_EQ(node_->utc(now_).ms - left_at_ms, 3'636'000) << "it was awake for no time";
  report(5);
  node_->start(now_);
  ASSERT_EQ(node_->state(), NodeState::kOnline);
  sent();
  wake(Duration::seconds(3600));
  const Instant woken_at = now_;
  node_->start(now_);
  while (!radio_.busy) tick();
  const auto frame = packets();
  ASSERT_EQ(frame.size(), 1U);
  EXPECT_EQ(wire::parse_report(frame[0])->age_ms, 3'636'000U + (now_ - woken_at).ms());
}

TEST_F(NodeRetainedTest, AGatewayThatIsGoneIsSearchedInTheSameWake) {
  go_online();
  wake();
  report(1);
  node_->start(now_);
  while (node_->state() == NodeState::kOnline) {
    if (radio_.busy) {
      sent(false);
    } else {
      tick();
    }
    EXPECT_EQ(node_->awake_until(), kNever);
  }
  EXPECT_EQ(node_->state(), NodeState::kSearching);
  peer_.channel = Channel{11};
  find_gateway();
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  EXPECT_THAT(types(packets()), ElementsAre(PacketType::kPingreq, PacketType::kPublish));
  hear(peer_.seal(stored(1)));
  EXPECT_EQ(count(Count::kRoamed), 1U);
  // The next wake goes straight there.
  wake();
  report(2);
  node_->start(now_);
  EXPECT_EQ(radio_.channel(), Channel{11});
  EXPECT_EQ(packets().size(), 1U);
}

/// The same gateway, somewhere else: it is absent where it was, and not one that leads nowhere.
TEST_F(NodeRetainedTest, AGatewayThatMovedDuringAResetIsNotPassedOver) {
  go_online();
  boot(wire::ResetReason::kWatchdog, Duration::seconds(1));
  peer_.channel = Channel{11};
  node_->start(now_);
  for (int i = 0; i < 50 && node_->state() == NodeState::kConfirming; ++i) {
    if (radio_.busy) {
      (void)sent(false);
    } else {
      tick();
    }
  }
  ASSERT_EQ(node_->state(), NodeState::kSearching);
  const Instant began = now_;
  find_gateway();
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  EXPECT_LT(now_ - began, Duration::seconds(2)) << "a round of all channels takes half a second";
}

/// Nobody keeps such a report, so there is nothing to stay awake for.
TEST_F(NodeRetainedTest, AReportAtQosZeroThatFailedKeepsItAwakeNoLonger) {
  go_online();
  wake();
  const std::array<std::uint8_t, 3> reading{0x11, 4, 1};
  (void)node_->report(now_, wire::Stream::kReadings, false, reading);
  node_->start(now_);
  (void)sent(false);
  EXPECT_LE(node_->awake_until(), now_ + kListenAfterSend);
}

TEST_F(NodeRetainedTest, AKeptSessionWhoseGatewayLeadsNowhereIsSearchedElsewhere) {
  go_online();
  boot(wire::ResetReason::kWatchdog, Duration::seconds(1));
  node_->start(now_);
  while (node_->state() == NodeState::kConfirming) {
    if (radio_.busy) {
      sent(false);
    } else {
      tick();
    }
  }
  EXPECT_EQ(node_->state(), NodeState::kSearching);
  for (int i = 0; i < 60 && !radio_.busy; ++i) tick();
  EXPECT_TRUE(radio_.channel().valid());
}

TEST_F(NodeRetainedTest, TimeGoesOnOverASleepAndIsNotTurnedBackByAnOldAnswer) {
  go_online();
  const UnixTime before = node_->utc(now_);
  wake(Duration::seconds(600));
  EXPECT_EQ(node_->utc(now_).ms, before.ms + 600'000);
  EXPECT_EQ(node_->zone_minutes(), 60);
  report(1);
  node_->start(now_);
  (void)packets();
  hear(peer_.seal(wire::PingResponse{UnixTime{before.ms + 1}, 60}));
  EXPECT_EQ(node_->utc(now_).ms, before.ms + 600'000);
  wake(Duration::seconds(600));
  report(2);
  node_->start(now_);
  (void)packets();
  hear(peer_.seal(wire::PingResponse{UnixTime{before.ms + 1'300'000}, 60}));
  EXPECT_EQ(node_->utc(now_).ms, before.ms + 1'300'000) << "no answer is from the future";
}

TEST_F(NodeRetainedTest, AfterASleepOfUnknownLengthAgesFollowFromTheTimeOfDay) {
  go_online();
  wake();
  report(1);
  boot(wire::ResetReason::kOther, std::nullopt);
  report(2);
  node_->start(now_);
  // The description asks; the old report waits for the answer, the new one does not.
  auto frame = packets();
  ASSERT_THAT(types(frame), ElementsAre(PacketType::kConnect, PacketType::kPublish));
  EXPECT_EQ(wire::parse_report(frame[1])->sequence, 1);
  now_ = now_ + Duration::seconds(1);
  // 600 s to the wake, 50 s in the dark, 1 s since.
  hear(peer_.seal(wire::PingResponse{UnixTime{1'700'000'651'000}, 60}, wire::Assignment{}));
  frame = packets();
  ASSERT_FALSE(frame.empty());
  EXPECT_EQ(wire::parse_report(frame[0])->sequence, 0);
  EXPECT_EQ(wire::parse_report(frame[0])->age_ms, 51'000U);
}

TEST_F(NodeRetainedTest, WhereNobodyKnowsTheTimeAgesCountFromTheRestart) {
  go_online();
  wake();
  report(1);
  boot(wire::ResetReason::kOther, std::nullopt);
  node_->start(now_);
  EXPECT_THAT(types(packets()), ElementsAre(PacketType::kConnect));
  hear(peer_.seal(wire::PingResponse{}, wire::Assignment{}));
  const auto frame = packets();
  ASSERT_EQ(frame.size(), 1U);
  EXPECT_EQ(wire::parse_report(frame[0])->age_ms, 0U);
}

TEST_F(NodeRetainedTest, ReadingsFromBeforeTheFirstTimeKeepTheirAge) {
  report(1);
  boot(wire::ResetReason::kSoftware, Duration::seconds(90));
  report(2);
  EXPECT_FALSE(node_->utc(now_).known());
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  const auto frame = packets();
  ASSERT_EQ(frame.size(), 3U);
  const Duration since_boot = now_ - Instant{200'000};
  EXPECT_EQ(wire::parse_report(frame[1])->age_ms, 90'000U + since_boot.ms());
  EXPECT_EQ(wire::parse_report(frame[2])->age_ms, since_boot.ms());
}

TEST_F(NodeRetainedTest, WhenTheMemoryIsLostTheStreamIsAnotherOne) {
  go_online();
  const std::uint32_t stream_id = peer_.hello.stream_id;
  wake();
  report(1);
  memory_.lose_power(0x5a);
  boot(wire::ResetReason::kPower, std::nullopt);
  EXPECT_TRUE(node_->ring().empty());
  node_->start(now_);
  find_gateway();
  EXPECT_EQ(node_->state(), NodeState::kResuming);
  hear(peer_.accept(sent()));
  EXPECT_NE(peer_.hello.stream_id, stream_id);
}

TEST_F(NodeRetainedTest, AnEndedSessionLeavesNoKeysBehind) {
  go_online();
  const auto& key = peer_.session;
  session::Session::State state = key.save(peer_.crypto);
  const ByteView uplink = ByteView(state).subview(12, kKeySize);
  const auto holds_key = [&] {
    const auto& bytes = memory_.bytes();
    return std::search(bytes.begin(), bytes.end(), uplink.begin(), uplink.end()) != bytes.end();
  };
  ASSERT_TRUE(holds_key());
  hear(peer_.seal(wire::SessionEnd{wire::EndReason::kSessionOver}));
  EXPECT_FALSE(holds_key());
}

TEST_F(NodeRetainedTest, AnotherNetworksRecordIsNotTaken) {
  go_online();
  wake();
  report(1);
  config_.server = ServerId{9};
  wake();
  EXPECT_TRUE(node_->ring().empty());
  node_->start(now_);
  EXPECT_EQ(node_->state(), NodeState::kSearching);
}

TEST_F(NodeRetainedTest, AnEsp8266KeepsFourReportsOfTwentyBytesAndCountsTheFifth) {
  go_online();
  wake();
  std::array<std::uint8_t, 20> reading{0x1f, 17, 12};
  for (int i = 0; i < 5; ++i) (void)node_->report(now_, wire::Stream::kReadings, true, reading);
  wake();
  EXPECT_EQ(node_->ring().held(), 4U);
  EXPECT_EQ(node_->ring().dropped(), 1U);
}

TEST_F(NodeRetainedTest, AReportThatGoesAsALongPacketIsNotKeptAndCounted) {
  go_online();
  sim::MemoryRetained memory(retained_size(4, 100));
  LongReports long_reports;
  Part* const part = &long_reports;
  Storage<4, 20, 240> storage;
  const auto boot_again = [&] {
    node_.reset();
    Ports ports = ports_with(memory);
    ports.parts = {&part, 1};
    node_ = std::make_unique<Node>(config_, ports, storage.memory(), now_);
  };
  boot_again();
  report(1);
  Bytes readings;
  while (readings.size() <= kMaxReport) readings.insert(readings.end(), {0x11, 4, 2});
  EXPECT_EQ(node_->report(now_, wire::Stream::kReadings, true, view(readings)),
            ReportStatus::kTaken);
  report(3);
  boot_again();
  EXPECT_EQ(node_->ring().held(), 2U);
  EXPECT_EQ(node_->ring().dropped(), 1U);
  node_.reset();
}

TEST_F(NodeRetainedTest, ShortMemoryKeepsEventsFirstAndCountsWhatItCouldNot) {
  go_online();
  sim::MemoryRetained small(retained_size(2, 3));
  node_ = std::make_unique<Node>(config_, ports_with(small), storage_.memory(), now_);
  for (std::uint8_t i = 1; i <= 3; ++i) report(i);
  report(4, true);
  node_ = std::make_unique<Node>(config_, ports_with(small), storage_.memory(), now_);
  EXPECT_EQ(node_->ring().held(), 2U);
  EXPECT_EQ(node_->ring().dropped(), 2U);
  EXPECT_EQ(node_->ring().keep(now_, 0)->report_class, transfer::ReportClass::kEvent);
}

TEST_F(NodeRetainedTest, AResetAtAnyByteOfAWakeUsesNoCounterTwiceAndLosesNoReport) {
  for (std::size_t byte = 1;; byte += 7) {
    SCOPED_TRACE(byte);
    memory_.lose_power(0);
    settings_.records.clear();
    boot(wire::ResetReason::kPower, std::nullopt);
    go_online();
    wake();
    report(1);
    node_->start(now_);
    (void)packets();
    wake();
    memory_.reset_at_byte(byte);
    if (report(2); !memory_.stopped()) node_->start(now_);
    std::optional<std::uint64_t> last;
    if (!memory_.stopped()) {
      last = wire::parse_sealed(view(radio_.last))->header.counter;
      EXPECT_EQ(packets().size(), 1U);
      hear(peer_.seal(stored(1)));
    }
    const bool whole = !memory_.stopped();
    boot(wire::ResetReason::kBrownOut, Duration::milliseconds(100));
    // Every report that start() saw was in the record before.
    EXPECT_GE(node_->ring().held(), 1U);
    node_->start(now_);
    const std::uint64_t next = wire::parse_sealed(view(radio_.last))->header.counter;
    EXPECT_GT(next, last.value_or(1));
    EXPECT_FALSE(packets().empty()) << "the session goes on";
    if (whole) return;
    ASSERT_LT(byte, 10'000U);
  }
}

}  // namespace
}  // namespace espial::node
