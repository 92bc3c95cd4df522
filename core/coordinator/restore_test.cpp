// A coordinator that starts again with what its ledger made durable.

#include "core/coordinator/coordinator_fixture_test.hpp"

namespace espial::coordinator {
namespace {

class Restore : public CoordinatorTest {
 protected:
  void SetUp() override { join(node); }

  /// The process ends without a word, and a new one reads what is durable.
  void restart() {
    ledger.waiting.clear();
    downlink.take();
    events.take();
    now = now + Duration::seconds(10);
    build();
    NodeRecord record = ledger.nodes.back();
    record.next_command = 1;
    SessionRecord session = ledger.sessions.back();
    for (const auto& report : ledger.reports) {
      const std::uint64_t highest = report.record.highest_uplink_counter;
      session.highest_uplink_counter =
          std::max(session.highest_uplink_counter.value_or(0), highest);
    }
    std::optional<CommandRecord> outstanding;
    for (const auto& command : ledger.commands) {
      record.next_command = std::max(record.next_command, command.record.id + 1);
      outstanding = command.record;
      outstanding->value = view(command.value);
      if (outstanding->state != CommandState::kQueued) outstanding.reset();
    }
    ASSERT_TRUE(coordinator->restore_node(record));
    ASSERT_TRUE(coordinator->restore_session(session));
    if (!ledger.reports.empty()) {
      const ReportRecord& last = ledger.reports.back().record;
      ASSERT_TRUE(
          coordinator->restore_stream(last.mac, last.stream_id, last.events, last.progress));
    }
    if (outstanding) {
      ASSERT_TRUE(coordinator->restore_command(now, *outstanding));
    }
  }

  FakeNode node = make_node();
};

TEST_F(Restore, TheSessionGoesOn) {
  restart();
  hear(node, node.frame(FakeNode::report(0)));
  EXPECT_EQ(events.take(), Words{"online"});
  settle();
  const auto sent = received(node);
  ASSERT_FALSE(sent.empty());
  EXPECT_TRUE(sent[0].opened);
  EXPECT_EQ(sent[0].stored.at(0).floor, 1);
}

TEST_F(Restore, NoDownlinkCounterIsUsedTwice) {
  // What the first process sealed after its last commit is not known to the second.
  std::vector<Bytes> first;
  for (int i = 0; i < 5; ++i) {
    hear(node, node.frame(wire::PingRequest{}));
    pass(kAckDelay);
    for (const auto& sent : downlink.take()) first.push_back(sent.body);
  }
  restart();
  hear(node, node.frame(wire::PingRequest{}));
  pass(Duration::seconds(1));
  EXPECT_TRUE(downlink.sent.empty());  // nothing is reserved yet
  settle();
  const auto second = downlink.take();
  ASSERT_FALSE(second.empty());
  for (const Bytes& body : first) EXPECT_TRUE(node.open(body).opened);
  for (const auto& sent : second) EXPECT_TRUE(node.open(sent.body).opened);
}

TEST_F(Restore, AStoredReportIsADuplicateAndALostOneIsNew) {
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  hear(node, node.frame(FakeNode::report(1, 1)));  // handed over, and lost
  restart();
  hear(node, node.frame(FakeNode::report(0), FakeNode::report(1, 1)));
  settle();
  EXPECT_EQ(count(Count::kDuplicateReports), 1U);
  ASSERT_EQ(ledger.reports.size(), 2U);
  EXPECT_EQ(ledger.reports[1].record.sequence, 1U);
  EXPECT_EQ(received(node).at(0).stored.at(0).floor, 2);
}

TEST_F(Restore, AFrameFromBeforeIsAReplay) {
  const Bytes frame = node.frame(FakeNode::report(0));
  hear(node, frame);
  settle();
  restart();
  hear(node, frame);
  EXPECT_EQ(count(Count::kOpened), 0U);
  EXPECT_TRUE(ledger.waiting.empty());
}

TEST_F(Restore, ACommandIsBroughtToItsEnd) {
  coordinator->command(now, node.mac, 3, 7, view(Bytes{1}), 0);
  commit();
  restart();
  hear(node, node.frame(wire::PingRequest{}));
  settle();
  std::optional<wire::Command> heard;
  for (const FakeNode::Received& received : received(node)) {
    if (received.command) heard = received.command;
  }
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->id, 1U);
  hear(node, node.frame(wire::CommandEnd{1, wire::Outcome::kExecuted}));
  commit();
  EXPECT_EQ(ledger.commands.back().record.state, CommandState::kExecuted);
  restart();
  EXPECT_EQ(coordinator->command(now, node.mac, 3, 7, view(Bytes{1}), 0).id, 2U);
}

TEST_F(Restore, TheNodeMayResume) {
  restart();
  hear(node, node.resume());
  ASSERT_TRUE(node.accept(view(downlink.take().at(0).body)));
  hear(node, node.frame(wire::PingRequest{}));
  EXPECT_EQ(events.take(), Words{"online"});
}

TEST_F(Restore, ASessionProvesTheKeyThatWasNotYetConfirmed) {
  ASSERT_GE(ledger.nodes.size(), 2U);
  ledger.nodes.pop_back();
  ASSERT_FALSE(ledger.nodes.back().key) << "this test needs the record from before";
  restart();
  EXPECT_TRUE(coordinator->find(node.mac)->key);
  EXPECT_FALSE(coordinator->find(node.mac)->pending_key);
  hear(node, node.frame(FakeNode::report(0)));
  EXPECT_EQ(events.take(), Words{"online"});
}

TEST_F(Restore, RecordsThatAreNotSaneAreRefused) {
  const SessionRecord session = ledger.sessions.back();
  build();
  NodeRecord record = ledger.nodes.back();
  EXPECT_FALSE(coordinator->restore_session(session));
  EXPECT_FALSE(coordinator->restore_stream(node.mac, 0, false, {}));
  EXPECT_FALSE(coordinator->restore_config(node.mac, "x", 0));
  NodeRecord keyless = record;
  keyless.key.reset();
  keyless.pending_key.reset();
  EXPECT_FALSE(coordinator->restore_node(keyless));
  EXPECT_TRUE(coordinator->restore_node(record));
  EXPECT_FALSE(coordinator->restore_node(record));
  NodeRecord same_name = record;
  same_name.mac = mac_of(2);
  EXPECT_FALSE(coordinator->restore_node(same_name));
  SessionRecord damaged = session;
  damaged.state.fill(0xff);
  EXPECT_FALSE(coordinator->restore_session(damaged));
  CommandRecord ended;
  ended.mac = node.mac;
  ended.id = 1;
  ended.kind = 1;
  ended.state = CommandState::kExecuted;
  EXPECT_FALSE(coordinator->restore_command(now, ended));
  ended.state = CommandState::kQueued;
  EXPECT_TRUE(coordinator->restore_command(now, ended));
  EXPECT_FALSE(coordinator->restore_command(now, ended));
}

}  // namespace
}  // namespace espial::coordinator
