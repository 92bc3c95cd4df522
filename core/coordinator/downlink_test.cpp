// Counters on the way down: reserved before they are used, and silence when they can't be.

#include "core/coordinator/coordinator_fixture_test.hpp"

namespace espial::coordinator {
namespace {

class Downlinks : public CoordinatorTest {
 protected:
  /// JOIN and the first sealed frame, whose commits still wait.
  void begin() {
    hear(node, node.join());
    commit();
    ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
    hear(node, node.frame(wire::PingRequest{}));
  }
  /// The node asks for the time, the coordinator answers if it may.
  std::size_t ping() {
    hear(node, node.frame(wire::PingRequest{}));
    pass(Duration::milliseconds(10));
    return received(node).size();
  }

  FakeNode node = make_node();
};

TEST_F(Downlinks, NoCounterIsUsedBeforeItIsReserved) {
  begin();
  EXPECT_EQ(ledger.waiting_names(), (Words{"node", "session"}));
  pass(Duration::seconds(5));
  EXPECT_TRUE(downlink.sent.empty());
  EXPECT_GE(count(Count::kSilentForCounters), 1U);
  commit();
  pass(kAckDelay);
  const auto sent = received(node);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].time->time.ms, kTime.ms + (now - at_ms(1000)).ms());
  EXPECT_EQ(sent[0].time->zone_minutes, 60);
}

TEST_F(Downlinks, TheNextBlockIsReservedBeforeTheLastIsUsedUp) {
  join(node);
  for (std::uint64_t i = 0; i < 3 * kCounterBlock; ++i) {
    ASSERT_EQ(ping(), 1U) << i;
    commit();
  }
  EXPECT_EQ(count(Count::kSilentForCounters), 0U);
}

TEST_F(Downlinks, ALedgerThatFailsMakesSilentUntilItRecovers) {
  join(node);
  std::size_t answered = 0;
  for (std::uint64_t i = 0; i < 2 * kCounterBlock; ++i) {
    answered += ping();
    commit(false);
  }
  EXPECT_LT(answered, kCounterBlock);
  EXPECT_GT(answered, kCounterBlock - 10);
  EXPECT_EQ(ping(), 0U);
  commit(false);
  pass(Duration::seconds(2));
  settle();
  EXPECT_EQ(received(node).size(), 1U);  // what was wanted is said without being asked again
  EXPECT_EQ(ping(), 1U);
}

/// A gateway that acknowledges and drops what goes up must not look as if it led anywhere.
TEST_F(Downlinks, SayThatTheyAnswerOnlyForAMomentAfterTheirNodeWasHeard) {
  join(node);
  const auto answers = [this] {
    EXPECT_EQ(coordinator->command(now, node.mac, 0, 1, view(Bytes{1}), 0).status,
              CommandStatus::kOk);
    commit();
    const auto sent = received(node);
    return !sent.empty() && sent.back().answers;
  };
  hear(node, node.frame(FakeNode::report(0)));
  pass(kAnswersFor - Duration::milliseconds(1));
  (void)received(node);
  EXPECT_TRUE(answers());
  pass(Duration::milliseconds(1));
  (void)received(node);
  EXPECT_FALSE(answers());
  // What a gateway has held since then proves nothing of the way now.
  hear(node, node.frame(FakeNode::report(1)), kGatewayA, -60, kAnswersFor);
  (void)received(node);
  EXPECT_FALSE(answers());
  hear(node, node.frame(FakeNode::report(2)));
  (void)received(node);
  EXPECT_TRUE(answers());
}

TEST_F(Downlinks, ACommandWaitsForCountersToo) {
  begin();
  coordinator->command(now, node.mac, 0, 1, view(Bytes{1}), 0);
  const auto calls = std::exchange(ledger.waiting, {});
  ASSERT_EQ(calls.size(), 3U);
  calls[2].commit();
  coordinator->on_committed(now, calls[2].ticket, true);
  pass(Duration::milliseconds(100));
  EXPECT_TRUE(downlink.sent.empty());
  coordinator->on_committed(now, calls[0].ticket, true);
  coordinator->on_committed(now, calls[1].ticket, true);
  pass(Duration::milliseconds(100));
  std::size_t heard = 0;
  for (const FakeNode::Received& received : received(node)) heard += received.command ? 1 : 0;
  EXPECT_EQ(heard, 1U);
}

TEST_F(Downlinks, AnAnswerOfTheLedgerToNothingIsCounted) {
  join(node);
  coordinator->on_committed(now, 12345, true);
  coordinator->on_committed(now, 0xffffffff, true);
  EXPECT_EQ(count(Count::kUnknownTicket), 2U);
}

TEST_F(Downlinks, AnAnswerSaidTwiceIsNotTakenForThatToALaterCall) {
  join(node);
  hear(node, node.frame(FakeNode::report(0)));
  const Ticket first = ledger.waiting.at(0).ticket;
  commit();
  hear(node, node.frame(FakeNode::report(1)));
  coordinator->on_committed(now, first, true);
  EXPECT_EQ(count(Count::kUnknownTicket), 1U);
  EXPECT_EQ(count(Count::kReportsStored), 1U);
}

TEST_F(Downlinks, NameAndIntervalGoDownAFewTimes) {
  join(node);
  for (int i = 0; i < 4; ++i) ping();
  ASSERT_TRUE(coordinator->set_config(now, node.mac, "Küche", 300));
  pass(kAckDelay);
  auto sent = received(node);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].name, "Küche");
  EXPECT_EQ(sent[0].interval_s, 300);
  int named = 0;
  for (int i = 0; i < 6; ++i) {
    hear(node, node.frame(wire::PingRequest{}));
    pass(kAckDelay);
    for (const FakeNode::Received& received : received(node)) named += received.name ? 1 : 0;
  }
  EXPECT_EQ(named, kConfigSends - 1);
}

TEST_F(Downlinks, ANameIsCutAtACharacterAndMustBeText) {
  join(node);
  ASSERT_TRUE(coordinator->set_config(now, node.mac, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaé", 0));
  EXPECT_EQ(coordinator->find(node.mac)->config.name, "aaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_FALSE(coordinator->set_config(now, node.mac, "\xff", 0));
  EXPECT_FALSE(coordinator->set_config(now, mac_of(9), "x", 0));
}

}  // namespace
}  // namespace espial::coordinator
