// A node over sleep and resets, with retained memory.

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <vector>

#include "core/node/long_reports.hpp"
#include "core/node/node_retained_fixture_test.hpp"

namespace espial::node {
namespace {

using testing::ElementsAre;
using wire::PacketType;

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

/// Sixteen bits would say of what is held then that it is stored.
TEST_F(NodeRetainedTest, NoSequenceMeansAStoredOneHoweverManyWakesAreWithoutAnAcknowledgement) {
  constexpr std::uint16_t kStored = 0x50cc;
  constexpr std::uint16_t kMostBehind = 66;
  for (std::uint32_t i = 0; i < kStored; ++i) report(1);
  go_online();
  hear(peer_.seal(stored(kStored)));
  ASSERT_TRUE(node_->ring().empty());
  for (std::uint32_t i = 0; i < 0x14000; ++i) {
    wake(Duration::seconds(1));
    report(1);
    const std::uint32_t sequence = node_->ring().keep(now_, 0)->sequence;
    ASSERT_GE(static_cast<std::uint16_t>(kStored - 1 - sequence), kMostBehind) << i;
  }
  node_->start(now_);
  EXPECT_EQ(node_->state(), NodeState::kOnline);
}

TEST_F(NodeRetainedTest, AnEventOfLongAgoIsStillTheSame) {
  go_online();
  const std::uint32_t stream_id = peer_.hello.stream_id;
  report(1, true);
  node_->start(now_);
  ASSERT_EQ(packets().size(), 1U) << "and its acknowledgement is lost";
  for (std::uint32_t i = 0; i < 0x8000; ++i) {
    wake(Duration::seconds(1));
    report(1);
  }
  wake(Duration::seconds(1));
  node_->start(now_);
  ASSERT_EQ(node_->state(), NodeState::kOnline);
  EXPECT_EQ(peer_.hello.stream_id, stream_id);
  const auto frame = packets();
  ASSERT_EQ(frame.size(), 4U);
  EXPECT_EQ(wire::parse_report(frame[0])->stream, wire::Stream::kEvents);
  EXPECT_EQ(wire::parse_report(frame[0])->sequence, 0);
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
  miss_whoever_is_asked(NodeState::kConfirming);
  ASSERT_EQ(node_->state(), NodeState::kSearching);
  const Instant began = now_;
  find_gateway();
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  EXPECT_LT(now_ - began, Duration::seconds(2)) << "a round of all channels takes half a second";
}

TEST_F(NodeRetainedTest, NorByWhoHasLostItsClock) {
  go_online();
  boot(wire::ResetReason::kBrownOut, std::nullopt);
  peer_.channel = Channel{11};
  node_->start(now_);
  miss_whoever_is_asked(NodeState::kResuming);
  ASSERT_EQ(node_->state(), NodeState::kSearching);
  find_gateway();
  EXPECT_EQ(node_->state(), NodeState::kResuming);
  EXPECT_EQ(node_->search_counters().avoided_answers, 0U);
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
  int torn = 0;
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
    if (const auto sealed = wire::parse_sealed(view(radio_.last))) {
      EXPECT_GT(sealed->header.counter, last.value_or(1));
      EXPECT_FALSE(packets().empty()) << "the session goes on";
      EXPECT_TRUE(node_->utc(now_).known());
    } else {
      EXPECT_FALSE(whole);
      expect_new_session_for_the_time();
      ++torn;
    }
    if (whole) break;
    ASSERT_LT(byte, 10'000U);
  }
  EXPECT_GT(torn, 1);
}

}  // namespace
}  // namespace espial::node
