#include "core/node/node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/node/node_fixture_test.hpp"

namespace espial::node {
namespace {

using testing::ElementsAre;

using NodeTest = NodeFixture;

TEST_F(NodeTest, JoinsStoresItsKeyAndComesOnlineWithTheFirstOpenedFrame) {
  node_->start(now_);
  EXPECT_EQ(node_->state(), NodeState::kSearching);
  find_gateway();
  EXPECT_EQ(node_->state(), NodeState::kJoining);
  EXPECT_EQ(radio_.destination, ScriptedCoordinator::kGateway);
  hear(peer_.accept(sent()));
  EXPECT_EQ(peer_.hello.wanted_module, ModuleId{9});
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  EXPECT_EQ(settings_.records.count(SettingKey::kNodeKey), 1U);
  EXPECT_FALSE(GatewayRecord::load(settings_, ScriptedCoordinator::kServer).channel.valid());
  EXPECT_THAT(sent_types(), ElementsAre(wire::PacketType::kConnect));
  hear(peer_.seal(wire::Assignment{}));
  EXPECT_EQ(node_->state(), NodeState::kOnline);
  EXPECT_EQ(GatewayRecord::load(settings_, ScriptedCoordinator::kServer).channel, peer_.channel);
  EXPECT_EQ(node_->module(), ModuleId{9});
  EXPECT_EQ(node_->utc(now_).ms / 1000, 1'700'000'000);
  EXPECT_EQ(application_.module, ModuleId{9});
  EXPECT_THAT(application_.states, ElementsAre(NodeState::kSearching, NodeState::kJoining,
                                               NodeState::kConfirming, NodeState::kOnline));
}

TEST_F(NodeTest, AKeyThatCantBeStoredIsNotUsed) {
  node_->start(now_);
  find_gateway();
  settings_.broken = true;
  hear(peer_.accept(sent()));
  EXPECT_EQ(node_->state(), NodeState::kJoining);
  EXPECT_EQ(count(Count::kSessions), 0U);
  EXPECT_EQ(count(Count::kSettingsFailed), 1U);
}

TEST_F(NodeTest, ResumesWithItsOwnKeyAfterAReset) {
  go_online();
  make_node();
  node_->start(now_);
  EXPECT_EQ(radio_.channel(), peer_.channel) << "the last good channel comes first";
  find_gateway();
  EXPECT_EQ(node_->state(), NodeState::kResuming);
  hear(peer_.accept(sent()));
  sent();
  hear(peer_.seal(wire::Assignment{}));
  EXPECT_EQ(node_->state(), NodeState::kOnline);
  EXPECT_EQ(count(Count::kJoins), 0U);
}

TEST_F(NodeTest, AWrongTagIsCountedAndFollowedOnlyWhenThereIsNoRightOne) {
  node_->start(now_);
  find_gateway(true, false);
  EXPECT_EQ(count(Count::kWrongTag), 2U);
  EXPECT_EQ(node_->search_counters().untrusted_answers, 1U);
  EXPECT_EQ(node_->state(), NodeState::kJoining);
}

/// A radio hears the channels beside its own, too.
TEST_F(NodeTest, TheChannelIsTheOneThatTheAnswerStates) {
  const Channel beside{static_cast<std::uint8_t>(peer_.channel.number - 1)};
  node_->start(now_);
  while (!radio_.busy || radio_.channel() != beside) {
    if (radio_.busy) (void)sent();
    tick();
  }
  hear(peer_.connack(sent()));
  tick();
  ASSERT_EQ(node_->state(), NodeState::kJoining);
  EXPECT_EQ(radio_.channel(), peer_.channel);
}

TEST_F(NodeTest, AnAnswerToAnotherSearchIsNotTaken) {
  node_->start(now_);
  Bytes connect = sent();
  connect[6] ^= 1U;
  hear(peer_.connack(connect));
  EXPECT_EQ(count(Count::kWrongNonce), 1U);
}

TEST_F(NodeTest, AnUnansweredJoinIsRepeatedThenTheGatewayAvoided) {
  node_->start(now_);
  find_gateway();
  for (std::uint32_t i = 0; i < kAuthTries; ++i) {
    EXPECT_EQ(node_->state(), NodeState::kJoining);
    sent();
    tick();
  }
  EXPECT_EQ(node_->state(), NodeState::kSearching);
  EXPECT_EQ(count(Count::kJoins), kAuthTries);
  // The same gateway answers again and is passed over.
  const std::uint32_t answers = node_->search_counters().avoided_answers;
  for (int i = 0; i < 40 && node_->search_counters().avoided_answers == answers; ++i) {
    if (!radio_.busy) tick();
    if (!radio_.busy) continue;
    const Bytes body = sent();
    if (radio_.channel() == peer_.channel) hear(peer_.connack(body));
  }
  EXPECT_GT(node_->search_counters().avoided_answers, answers);
}

TEST_F(NodeTest, ALateAnswerToAnEarlierJoinIsNotTaken) {
  node_->start(now_);
  find_gateway();
  const Bytes first = sent();
  tick();
  sent();
  hear(peer_.accept(first));
  EXPECT_EQ(node_->state(), NodeState::kJoining);
  EXPECT_EQ(count(Count::kNotAuthentic), 1U);
}

TEST_F(NodeTest, AProvenRefusalPausesAnUnprovenOneDoesNot) {
  node_->start(now_);
  find_gateway();
  const Bytes join = sent();
  hear(peer_.refuse(join, wire::RefusedReason::kPairingClosed, {}));
  EXPECT_EQ(node_->state(), NodeState::kJoining);
  EXPECT_EQ(count(Count::kRefusedHints), 1U);
  hear(peer_.refuse(join, wire::RefusedReason::kPairingClosed, peer_.network_key));
  EXPECT_EQ(node_->state(), NodeState::kPaused);
  EXPECT_EQ(node_->refused(), wire::RefusedReason::kPairingClosed);
  const Duration pause = node_->next_timer() - now_;
  EXPECT_GE(pause, kFirstRefusalPause - Duration::milliseconds(500));
  EXPECT_LE(pause, kFirstRefusalPause + Duration::milliseconds(500));
  tick();
  EXPECT_EQ(node_->state(), NodeState::kSearching);
}

/// It may come through another gateway than the one that acknowledges what is sent, and drops it.
TEST_F(NodeTest, WhatComesUnaskedSaysNothingOfTheWayUp) {
  go_online();
  peer_.answers = false;
  for (std::uint32_t id = 1; id < 200 && node_->state() == NodeState::kOnline; ++id) {
    hear(peer_.seal(wire::PingResponse{}, command(id, {5})));
    if (radio_.busy) sent();
    wait(Duration::seconds(1));
    if (radio_.busy) sent();
  }
  EXPECT_EQ(node_->state(), NodeState::kSearching);
  EXPECT_EQ(count(Count::kLinksLost), 1U);
}

TEST_F(NodeTest, WhatComesUnaskedBringsNobodyOnline) {
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  sent();
  peer_.answers = false;
  hear(peer_.seal(wire::PingResponse{}, command(1, {5})));
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  EXPECT_THAT(application_.executed, ElementsAre(5));
  peer_.answers = true;
  hear(peer_.seal(wire::Assignment{}));
  EXPECT_EQ(node_->state(), NodeState::kOnline);
}

TEST_F(NodeTest, ReportsAreBatchedUnderOneSealAndFreedByTheirAcknowledgement) {
  go_online();
  EXPECT_EQ(report(1), ReportStatus::kTaken);
  report(2);
  report(3);
  report(4, true);
  EXPECT_EQ(sent_types().size(), 1U);
  // What came while the radio was busy travels together, the event first.
  const auto packets = peer_.open(sent());
  ASSERT_EQ(packets.size(), 3U);
  EXPECT_EQ(wire::parse_report(packets[0])->stream, wire::Stream::kEvents);
  EXPECT_EQ(wire::parse_report(packets[2])->sequence, 2);
  EXPECT_EQ(wire::parse_report(packets[2])->held, 2);
  hear(peer_.seal(wire::Stored{wire::Stream::kReadings, 3, 0},
                  wire::Stored{wire::Stream::kEvents, 1, 0}));
  EXPECT_TRUE(node_->ring().empty());
}

TEST_F(NodeTest, AnUnacknowledgedReportIsRepeatedUnderANewCounterWithItsAge) {
  go_online();
  report(1);
  const Bytes first = sent();
  EXPECT_EQ(peer_.open(first).size(), 1U);
  tick();
  ASSERT_TRUE(radio_.busy);
  const Bytes second = sent();
  EXPECT_NE(first[4], second[4]) << "the counter";
  const auto packets = peer_.open(second);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_GE(wire::parse_report(packets[0])->age_ms, 375U);
  EXPECT_EQ(wire::parse_report(packets[0])->sequence, 0);
}

TEST_F(NodeTest, AReportAtQos0IsSentOnceWithoutASequence) {
  go_online();
  report(1, false, false);
  const auto packets = peer_.open(sent());
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_FALSE(wire::parse_report(packets[0])->acknowledged);
  EXPECT_TRUE(node_->ring().empty());
}

TEST_F(NodeTest, AReportAtQos0OutlivesARadioThatTakesNoFrame) {
  go_online();
  radio_.refuse = true;
  report(1, false, false);
  EXPECT_EQ(node_->ring().held(), 1U);
  radio_.refuse = false;
  tick();
  const auto packets = peer_.open(sent(false));
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_FALSE(wire::parse_report(packets[0])->acknowledged);
  EXPECT_TRUE(node_->ring().empty()) << "sent once, heard or not";
}

TEST_F(NodeTest, WhatIsNoReportIsRefused) {
  const std::array<std::uint8_t, 2> cut{0x15, 4};
  EXPECT_EQ(node_->report(now_, wire::Stream::kReadings, true, cut), ReportStatus::kMalformed);
  EXPECT_EQ(node_->report(now_, wire::Stream::kReadings, true, {}), ReportStatus::kMalformed);
  std::array<std::uint8_t, 3 + 200> text{0x1f, 200, 12};
  Bytes two;
  for (int i = 0; i < 2; ++i) two.insert(two.end(), text.begin(), text.end());
  EXPECT_EQ(node_->report(now_, wire::Stream::kReadings, true, view(two)), ReportStatus::kTooLong);
  EXPECT_EQ(count(Count::kReportsRefused), 3U);
}

TEST_F(NodeTest, FailedSendsAreRepeatedAndThenTheSessionSearchesAnotherWay) {
  go_online();
  report(1);
  for (std::uint32_t i = 0; i < link::kMaxFailedSends; ++i) {
    sent(false);
    EXPECT_EQ(node_->state(), NodeState::kOnline);
    tick();
    ASSERT_TRUE(radio_.busy);
  }
  sent(false);
  EXPECT_EQ(node_->state(), NodeState::kSearching);
  EXPECT_EQ(count(Count::kLinksLost), 1U);
  find_gateway();
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  const auto packets = peer_.open(sent());
  EXPECT_EQ(packets.size(), 2U) << "PINGREQ and the report, in the session it kept";
  hear(peer_.seal(wire::PingResponse{UnixTime{1'700'000'100'000}, 0}));
  EXPECT_EQ(node_->state(), NodeState::kOnline);
  EXPECT_EQ(count(Count::kRoamed), 1U);
  EXPECT_EQ(count(Count::kSessions), 1U);
}

TEST_F(NodeTest, AKeptSessionNobodyAnswersIsResumedAtTheSameGateway) {
  go_online();
  report(1);
  while (node_->state() == NodeState::kOnline) {
    if (radio_.busy) {
      sent(false);
    } else {
      tick();
    }
  }
  find_gateway();
  while (node_->state() == NodeState::kConfirming) {
    if (radio_.busy) {
      sent();
    } else {
      tick();
    }
  }
  EXPECT_EQ(node_->state(), NodeState::kResuming);
}

TEST_F(NodeTest, ASilentNodeAsksWhetherAnybodyIsThere) {
  go_online();
  wait(config_.keepalive + Duration::seconds(1));
  ASSERT_TRUE(radio_.busy);
  EXPECT_THAT(sent_types(), ElementsAre(wire::PacketType::kPingreq));
  hear(peer_.seal(wire::PingResponse{UnixTime{1'700'000'031'000}, 120}));
  EXPECT_EQ(node_->zone_minutes(), 120);
  EXPECT_EQ(node_->next_timer(), now_ + config_.keepalive) << "answered: not asked again at once";
  EXPECT_EQ(node_->utc(now_).ms, 1'700'000'031'000);
}

TEST_F(NodeTest, UnansweredPingsLoseTheLink) {
  go_online();
  std::uint32_t pings = 0;
  while (node_->state() == NodeState::kOnline) {
    if (radio_.busy) {
      sent();
      ++pings;
    } else {
      tick();
    }
  }
  EXPECT_EQ(node_->state(), NodeState::kSearching);
  EXPECT_EQ(pings, link::kMaxUnanswered);
  EXPECT_EQ(count(Count::kPingsUnanswered), link::kMaxUnanswered);
}

TEST_F(NodeTest, ACommandIsOnRecordBeforeItRunsAndItsEndIsSent) {
  go_online();
  settings_.records.erase(SettingKey::kCommandWindow);
  hear(peer_.seal(command(1, {{5}})));
  EXPECT_THAT(application_.executed, ElementsAre(5));
  EXPECT_TRUE(application_.record_at_execution);
  const auto packets = peer_.open(sent());
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(wire::parse_command_end(packets[0])->id, 1U);
  EXPECT_EQ(wire::parse_command_end(packets[0])->outcome, wire::Outcome::kExecuted);
}

TEST_F(NodeTest, ACommandHeardAgainIsAnsweredAndNotRun) {
  go_online();
  application_.answer = wire::Outcome::kRefused;
  hear(peer_.seal(command(1, {{5}})));
  sent();
  hear(peer_.seal(command(1, {{5}})));
  EXPECT_EQ(application_.executed.size(), 1U);
  const auto packets = peer_.open(sent());
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(wire::parse_command_end(packets[0])->outcome, wire::Outcome::kRefused);
  EXPECT_EQ(count(Count::kCommandsRepeated), 1U);
}

TEST_F(NodeTest, ACommandDoesNotRunTwiceOverAReset) {
  go_online();
  hear(peer_.seal(command(1, {{5}})));
  sent();
  make_node();
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  sent();
  hear(peer_.seal(command(1, {{5}}), command(2, {{6}})));
  EXPECT_THAT(application_.executed, ElementsAre(6));
}

TEST_F(NodeTest, ACommandThatCantBeRecordedDoesNotRun) {
  go_online();
  settings_.broken = true;
  hear(peer_.seal(command(1, {{5}})));
  EXPECT_TRUE(application_.executed.empty());
  EXPECT_FALSE(radio_.busy);
  settings_.broken = false;
  hear(peer_.seal(command(1, {{5}})));
  EXPECT_EQ(application_.executed.size(), 1U);
}

TEST_F(NodeTest, AnExpiredCommandIsAnsweredAndNotRun) {
  go_online();
  hear(peer_.seal(command(1, {{5}}, 1'699'999'999)));
  EXPECT_TRUE(application_.executed.empty());
  const auto packets = peer_.open(sent());
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(wire::parse_command_end(packets[0])->outcome, wire::Outcome::kExpired);
  hear(peer_.seal(command(2, {{6}}, 1'700'000'900)));
  EXPECT_EQ(application_.executed.size(), 1U);
}

TEST_F(NodeTest, AnApplicationMayReportFromInsideACommand) {
  go_online();
  application_.node = node_.get();
  hear(peer_.seal(command(1, {{5}})));
  EXPECT_THAT(sent_types(), ElementsAre(wire::PacketType::kPuback, wire::PacketType::kPublish));
}

TEST_F(NodeTest, ForgedReplayedAndForeignFramesChangeNothingAndAreCounted) {
  go_online();
  const Bytes good = peer_.seal(wire::PingResponse{UnixTime{1'700'000'050'000}, 0});
  Bytes forged = good;
  forged.back() ^= 1U;
  hear(forged);
  EXPECT_EQ(count(Count::kNotAuthentic), 1U);
  hear(good);
  hear(good);
  EXPECT_EQ(count(Count::kReplayed), 1U);
  Bytes foreign = good;
  foreign[3] ^= 1U;
  hear(foreign);
  EXPECT_EQ(count(Count::kWrongSession), 1U);
  hear({});
  EXPECT_EQ(count(Count::kTooShort), 1U);
  hear({0x00, 0x01});
  EXPECT_EQ(count(Count::kUnknownType), 1U);
  hear({0x5f, 0x01, 0x07});
  EXPECT_EQ(node_->state(), NodeState::kOnline);
}

TEST_F(NodeTest, AnEndedSessionIsResumedARevokedNodePauses) {
  go_online();
  hear(peer_.seal(wire::SessionEnd{wire::EndReason::kSessionOver}));
  EXPECT_EQ(node_->state(), NodeState::kResuming);
  hear(peer_.accept(sent()));
  sent();
  hear(peer_.seal(wire::SessionEnd{wire::EndReason::kRevoked}));
  EXPECT_EQ(node_->state(), NodeState::kPaused);
  EXPECT_EQ(node_->refused(), wire::RefusedReason::kRevoked);
}

TEST_F(NodeTest, TheCoordinatorNamesItAndTheNameIsKept) {
  go_online();
  wire::Assignment assignment;
  assignment.properties.name = "kitchen";
  assignment.properties.report_interval_s = 30;
  hear(peer_.seal(assignment));
  EXPECT_EQ(application_.name, "kitchen");
  EXPECT_EQ(application_.interval, Duration::seconds(30));
  make_node();
  EXPECT_EQ(node_->name(), "kitchen");
  EXPECT_EQ(node_->report_interval(), Duration::seconds(30));
  EXPECT_EQ(node_->module(), ModuleId{9});
}

TEST_F(NodeTest, DescribesItselfUntilThatIsStored) {
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  EXPECT_THAT(sent_types(), ElementsAre(wire::PacketType::kConnect));
  wire::Assignment not_stored;
  not_stored.described = false;
  not_stored.properties.report_interval_s = 30;
  hear(peer_.seal(not_stored));
  EXPECT_EQ(node_->report_interval(), Duration::seconds(30)) << "what it says counts all the same";
  wait(Duration::seconds(5));
  ASSERT_TRUE(radio_.busy);
  EXPECT_THAT(sent_types(), ElementsAre(wire::PacketType::kConnect));
  hear(peer_.seal(wire::Assignment{}));
  wait(Duration::seconds(5));
  EXPECT_FALSE(radio_.busy);
}

/// One with a frame for another node, again and again until it is taken.
class Caller final : public Part {
 public:
  void begin_session() override {}
  void failed(Instant, std::uint32_t) override {}
  Taking on_packet(Instant, const Around&, wire::Packet&) override { return Taking::kNotOurs; }
  void on_timer(Instant, const Around&) override {}
  Instant next_timer() const override { return kNever; }
  Instant send_at() const override { return kNever; }
  Instant frame_at() const override { return due_ ? Instant{} : kNever; }
  PartFrame next_frame(Instant, MutableByteView room) override {
    if (!due_) return {};
    due_ = false;
    room[0] = 0;
    return {MacAddress{{9, 9, 9, 9, 9, 9}}, room.first(1)};
  }
  bool moves() const override { return false; }

 private:
  bool due_ = true;
};

TEST_F(NodeTest, WhoKnowsNoChannelYetCallsOthersWhereItIs) {
  Caller caller;
  Part* part = &caller;
  Ports ports{radio_, peer_.crypto, random_, settings_, application_};
  ports.parts = {&part, 1};
  node_ = std::make_unique<Node>(config_, ports, storage_.memory());
  node_->start(now_);
  EXPECT_EQ(radio_.destination, (MacAddress{{9, 9, 9, 9, 9, 9}}));
  sent();
  EXPECT_GT(node_->next_timer(), now_) << "time goes on";
  node_.reset();
}

TEST_F(NodeTest, LeavingSaysGoodbyeAndStops) {
  go_online();
  node_->leave(now_);
  EXPECT_THAT(sent_types(), ElementsAre(wire::PacketType::kDisconnect));
  EXPECT_EQ(node_->state(), NodeState::kIdle);
  EXPECT_EQ(node_->next_timer(), kNever);
  node_->start(now_);
  EXPECT_EQ(node_->state(), NodeState::kSearching);
}

TEST_F(NodeTest, OneThatLeavesWithAReportInFlightSaysGoodbyeBehindIt) {
  for (const bool acknowledged : {true, false}) {
    go_online();
    report(1);
    node_->leave(now_);
    ASSERT_FALSE(peer_.open(sent(acknowledged)).empty());
    EXPECT_EQ(node_->state(), NodeState::kLeaving);
    if (!acknowledged) tick();
    EXPECT_THAT(sent_types(), ElementsAre(wire::PacketType::kDisconnect));
    EXPECT_EQ(node_->state(), NodeState::kIdle);
  }
}

TEST_F(NodeTest, ARadioThatNeverEndsASendIsGivenUpOn) {
  go_online();
  report(1);
  radio_.busy = false;
  now_ = now_ + kSendGuard;
  node_->on_timer(now_);
  EXPECT_EQ(count(Count::kSendsLost), 1U);
}

TEST_F(NodeTest, ARadioThatRefusesIsAskedAgain) {
  go_online();
  radio_.refuse = true;
  report(1);
  EXPECT_EQ(count(Count::kSendsRefused), 1U);
  // Each refusal doubles the wait: a radio that is away costs no more than two calls a second.
  for (int i = 0; i < 20; ++i) tick();
  EXPECT_EQ(node_->next_timer() - now_, kMaxRadioBusyRetry);
  radio_.refuse = false;
  tick();
  EXPECT_TRUE(radio_.busy);
}

TEST_F(NodeTest, ASleeperStaysAwakeForMoreAndNotForever) {
  config_.always_listening = false;
  make_node();
  go_online();
  report(1);
  EXPECT_EQ(node_->awake_until(), kNever);
  sent();
  const Instant awake = node_->awake_until();
  EXPECT_EQ(awake, now_ + kListenAfterSend);
  now_ = now_ + Duration::milliseconds(30);
  Bytes more = peer_.seal(wire::Stored{wire::Stream::kReadings, 1, 0});
  ASSERT_TRUE(wire::set_more({more.data(), more.size()}, true));
  hear(more);
  EXPECT_EQ(node_->awake_until(), now_ + kMaxAwakeForMore);
}

TEST_F(NodeTest, AConfigurationThatCantBeToldDoesNotSilenceTheNode) {
  (void)config_.functions.push_back({1, 4, true, true});
  node_ = std::make_unique<Node>(
      config_, Ports{radio_, peer_.crypto, random_, settings_, application_}, storage_.memory());
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  EXPECT_THAT(sent_types(), ElementsAre(wire::PacketType::kPingreq));
  EXPECT_EQ(count(Count::kDescriptionsRefused), 1U);
}

}  // namespace
}  // namespace espial::node
