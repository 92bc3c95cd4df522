#include "core/coordinator/coordinator_fixture_test.hpp"

namespace espial::coordinator {
namespace {

class Commands : public CoordinatorTest {
 protected:
  void SetUp() override { join(node); }

  CommandTicket command(std::uint32_t expiry_s = 0) {
    return coordinator->command(now, node.mac, 3, 7, view(value), expiry_s);
  }
  static wire::CommandEnd end(std::uint32_t id, wire::Outcome outcome = wire::Outcome::kExecuted) {
    return {id, outcome};
  }
  std::uint32_t unix_s() const {
    return static_cast<std::uint32_t>((kTime.ms + (now - at_ms(1000)).ms()) / 1000);
  }

  const Bytes value{1};
  FakeNode node = make_node();
};

TEST_F(Commands, AreDurableBeforeTheyAreSent) {
  const CommandTicket ticket = command(unix_s() + 60);
  ASSERT_EQ(ticket.status, CommandStatus::kOk);
  EXPECT_EQ(ticket.id, 1U);
  pass(Duration::seconds(1));
  EXPECT_TRUE(downlink.sent.empty());
  commit();
  ASSERT_EQ(ledger.commands.size(), 1U);
  EXPECT_EQ(ledger.commands[0].record.state, CommandState::kQueued);
  EXPECT_EQ(ledger.commands[0].value, value);
  const auto sent = downlink.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].down_class, DownClass::kCommand);
  EXPECT_EQ(sent[0].command, 1U);
  EXPECT_EQ(sent[0].expires_s, 59U);
  const FakeNode::Received received = node.open(sent[0].body);
  ASSERT_TRUE(received.command);
  EXPECT_EQ(received.command->id, 1U);
  EXPECT_EQ(received.command->reading.slot, 3);
  EXPECT_EQ(received.command->reading.kind, 7);
  EXPECT_EQ(received.command_value, value);
  EXPECT_TRUE(received.time);
}

TEST_F(Commands, EndOnceTheirEndIsDurable) {
  command();
  commit();
  downlink.take();
  const Token token = hear(node, node.frame(end(1, wire::Outcome::kRefused)));
  EXPECT_FALSE(finished(token));
  EXPECT_EQ(events.take(), Words{});
  EXPECT_TRUE(downlink.sent.empty());
  commit();
  EXPECT_TRUE(finished(token));
  EXPECT_EQ(ledger.commands.back().record.state, CommandState::kRefused);
  EXPECT_EQ(events.take(), Words{"ended 1 2"});
  const auto sent = downlink.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].down_class, DownClass::kClear);
  EXPECT_EQ(sent[0].command, 1U);
  pass(Duration::seconds(200));
  EXPECT_TRUE(downlink.sent.empty());
}

TEST_F(Commands, TheEndSaidTwiceIsCommittedOnce) {
  command();
  commit();
  downlink.take();
  hear(node, node.frame(end(1)));
  hear(node, node.frame(end(1)));
  EXPECT_EQ(ledger.waiting_names(), Words{"command"});
  commit();
  downlink.take();
  hear(node, node.frame(end(1)));
  EXPECT_TRUE(ledger.waiting.empty());
  EXPECT_EQ(count(Count::kUnknownCommand), 1U);
  // Someone still brings it to the node: clear it there.
  EXPECT_EQ(downlink.take().at(0).down_class, DownClass::kClear);
}

TEST_F(Commands, AListenerHearsThemAgainWithGrowingPauses) {
  command();
  commit();
  EXPECT_EQ(downlink.take().size(), 1U);
  pass(Duration::milliseconds(1999));
  EXPECT_TRUE(downlink.sent.empty());
  pass(Duration::milliseconds(1));
  const auto again = downlink.take();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(node.open(again[0].body).command->id, 1U);  // a counter of its own
  pass(Duration::milliseconds(3999));
  EXPECT_TRUE(downlink.sent.empty());
  pass(Duration::milliseconds(1));
  EXPECT_EQ(downlink.take().size(), 1U);
  pass(Duration::seconds(1000));
  EXPECT_LE(downlink.take().size(), 20U);
}

/// Its gateway has few places, and had none for it when the command came.
TEST_F(Commands, AListenerThatIsHeardNeedNotWaitForALongPauseToEnd) {
  command();
  commit();
  pass(Duration::seconds(200));
  downlink.take();
  const auto sent_within = [this](Duration span) {
    pass(span);
    int sent = 0;
    for (const auto& down : downlink.take()) sent += down.down_class == DownClass::kCommand;
    return sent;
  };
  for (int i = 0; i < 3; ++i) {
    hear(node, node.frame(wire::PingRequest{}));
    settle();
    EXPECT_EQ(sent_within(kCommandAgainHeard), 1);
  }
}

TEST_F(Commands, ASleepersCommandIsSentAgainOnlyWhenItWasHeardAndDidNotEndIt) {
  node.always_listening = false;
  hear(node, node.frame(wire::PingRequest{}));
  settle();
  downlink.take();
  command();
  commit();
  EXPECT_EQ(downlink.take().size(), 1U);
  pass(Duration::seconds(170));
  EXPECT_TRUE(downlink.sent.empty());
  wire::Report report = FakeNode::report(0);
  report.acknowledged = false;
  hear(node, node.frame(report));
  commit();
  pass(kCommandSettle - Duration::milliseconds(1));
  EXPECT_TRUE(downlink.sent.empty());
  pass(Duration::milliseconds(1));
  EXPECT_EQ(downlink.take().at(0).down_class, DownClass::kCommand);
}

TEST_F(Commands, MoveToTheGatewayThatHearsTheNode) {
  command();
  commit();
  downlink.take();
  wire::Report report = FakeNode::report(0);
  report.acknowledged = false;
  hear(node, node.frame(report), kGatewayB);
  pass(Duration::milliseconds(1));
  const auto sent = downlink.take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].down_class, DownClass::kClear);
  EXPECT_EQ(sent[0].gateway, kGatewayA);
  EXPECT_EQ(sent[1].down_class, DownClass::kCommand);
  EXPECT_EQ(sent[1].gateway, kGatewayB);
}

TEST_F(Commands, GoOnInANewSession) {
  command();
  commit();
  downlink.take();
  hear(node, node.resume());
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  hear(node, node.frame(wire::PingRequest{}));
  settle();
  bool heard = false;
  for (const FakeNode::Received& received : received(node)) {
    EXPECT_TRUE(received.opened);
    heard = heard || received.command;
  }
  EXPECT_TRUE(heard);
}

TEST_F(Commands, ASleepersCommandExpiresWithoutBeingSentAgain) {
  node.always_listening = false;
  hear(node, node.frame(wire::PingRequest{}));
  settle();
  command(unix_s() + 5);
  commit();
  EXPECT_EQ(count(Count::kCommandsSent), 1U);
  pass(Duration::seconds(7) + kCommandEndGrace);
  commit();
  EXPECT_EQ(events.take(), Words{"ended 1 3"});
  EXPECT_EQ(count(Count::kCommandsSent), 1U);
  EXPECT_EQ(ledger.commands.back().record.state, CommandState::kExpired);
  EXPECT_EQ(downlink.take().back().down_class, DownClass::kClear);
}

/// Its gateway held the word back.
TEST_F(Commands, AnEndThatComesAfterTheExpiryStillCounts) {
  command(unix_s() + 5);
  commit();
  pass(Duration::seconds(4));
  const Bytes executed = node.frame(end(1));
  downlink.take();
  pass(Duration::seconds(6));
  EXPECT_TRUE(ledger.waiting.empty());
  EXPECT_TRUE(downlink.take().empty()) << "nor is it sent any more";
  hear(node, executed);
  commit();
  EXPECT_EQ(events.take(), Words{"ended 1 1"});
}

TEST_F(Commands, WhatWasSentOnceMayHaveRunAlsoWhenItIsToGoElsewhere) {
  command(unix_s() + 60);
  commit();
  coordinator->on_gateway_lost(now, kGatewayA);
  pass(Duration::seconds(61));
  EXPECT_TRUE(ledger.waiting.empty());
  pass(kCommandEndGrace);
  commit();
  EXPECT_EQ(ledger.commands.back().record.state, CommandState::kExpired);
}

TEST_F(Commands, WhatWasNeverSentExpiresAtOnce) {
  coordinator->on_gateway_lost(now, kGatewayA);
  command(unix_s() + 5);
  commit();
  pass(Duration::seconds(6));
  commit();
  EXPECT_EQ(count(Count::kCommandsSent), 0U);
  EXPECT_EQ(ledger.commands.back().record.state, CommandState::kExpired);
}

/// The node has said so once and is not asked to again.
TEST_F(Commands, AnEndThatCouldNotBeStoredCountsAfterTheExpiry) {
  command(unix_s() + 5);
  commit();
  hear(node, node.frame(end(1)));
  commit(false);
  pass(Duration::seconds(7) + kCommandEndGrace);
  commit();
  EXPECT_EQ(events.take(), Words{"ended 1 1"});
  EXPECT_EQ(ledger.commands.back().record.state, CommandState::kExecuted);
}

/// Its record would be one of a node that nobody knows.
TEST_F(Commands, WhatExpiresWhileItsNodeIsForgottenEndsWithIt) {
  command(unix_s() + 5);
  commit();
  ASSERT_TRUE(coordinator->forget(now, node.mac));
  pass(Duration::seconds(7) + kCommandEndGrace);
  EXPECT_EQ(ledger.waiting_names(), Words{"forgotten"});
  commit(false);
  pass(Duration::seconds(7));
  commit();
  EXPECT_EQ(ledger.commands.back().record.state, CommandState::kExpired);
}

/// Nobody remembers whether it was sent.
TEST_F(Commands, AnEndThatComesAfterTheExpiryAndARestartStillCounts) {
  command(unix_s() + 5);
  commit();
  const CommandRecord record{node.mac, 1, 3, 7, view(value), unix_s() + 5, CommandState::kQueued};
  const NodeRecord known = ledger.nodes.back();
  const SessionRecord session = ledger.sessions.back();
  build();
  ASSERT_TRUE(coordinator->restore_node(known));
  ASSERT_TRUE(coordinator->restore_session(session));
  ASSERT_TRUE(coordinator->restore_command(now, record));
  pass(Duration::seconds(7));
  hear(node, node.frame(end(1)));
  settle();
  EXPECT_EQ(events.take(), (Words{"online", "ended 1 1"}));
}

TEST_F(Commands, ThatExpireBeforeTheyAreDurableAreNeverSent) {
  command(unix_s() + 2);
  pass(Duration::seconds(5));
  commit();
  EXPECT_EQ(count(Count::kCommandsSent), 0U);
  commit();
  EXPECT_EQ(events.take(), Words{"ended 1 3"});
}

TEST_F(Commands, AnEndThatCouldNotBeStoredIsAskedForAgain) {
  command();
  commit();
  hear(node, node.frame(end(1)));
  commit(false);
  EXPECT_EQ(events.take(), Words{});
  downlink.take();
  pass(Duration::seconds(10));
  EXPECT_EQ(downlink.take().at(0).down_class, DownClass::kCommand);
  hear(node, node.frame(end(1)));
  commit();
  EXPECT_EQ(events.take(), Words{"ended 1 1"});
}

TEST_F(Commands, ThatCouldNotBeStoredEndRefusedAndUnsent) {
  command();
  commit(false);
  EXPECT_EQ(events.take(), Words{"ended 1 2"});
  EXPECT_TRUE(downlink.sent.empty());
  EXPECT_EQ(command().id, 2U);
}

TEST_F(Commands, AreRefusedForAReason) {
  EXPECT_EQ(coordinator->command(now, mac_of(9), 0, 1, view(value), 0).status,
            CommandStatus::kUnknownNode);
  EXPECT_EQ(coordinator->command(now, node.mac, 12, 1, view(value), 0).status,
            CommandStatus::kBadValue);
  EXPECT_EQ(coordinator->command(now, node.mac, 0, 0, view(value), 0).status,
            CommandStatus::kBadValue);
  EXPECT_EQ(coordinator->command(now, node.mac, 0, 1, view(Bytes(201)), 0).status,
            CommandStatus::kBadValue);
  EXPECT_EQ(command(unix_s()).status, CommandStatus::kAlreadyOver);
  for (std::size_t i = 0; i < kMaxCommandsPerNode; ++i) {
    EXPECT_EQ(command().status, CommandStatus::kOk);
  }
  EXPECT_EQ(command().status, CommandStatus::kTooMany);
  commit();
  downlink.take();
  FakeNode other = make_node(2);
  join(other);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(coordinator->command(now, other.mac, 0, 1, view(value), 0).status,
              CommandStatus::kOk);
  }
  EXPECT_EQ(coordinator->command(now, other.mac, 0, 1, view(value), 0).status,
            CommandStatus::kBusy);
}

TEST_F(Commands, TheLongestValueFitsAFrameOfVersion1) {
  const Bytes longest(kMaxCommandValue, 'x');
  ASSERT_EQ(coordinator->command(now, node.mac, 0, 12, view(longest), UINT32_MAX).status,
            CommandStatus::kOk);
  commit();
  const auto sent = downlink.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_LE(sent[0].body.size(), kMaxBodyV1);
  EXPECT_EQ(node.open(sent[0].body).command_value, longest);
}

}  // namespace
}  // namespace espial::coordinator
