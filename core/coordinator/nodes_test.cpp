// Nodes that come, go, roam, describe themselves and are forgotten.

#include "core/coordinator/coordinator_fixture_test.hpp"

namespace espial::coordinator {
namespace {

class Nodes : public CoordinatorTest {
 protected:
  void SetUp() override { join(node); }
  void ping(const MacAddress& gateway = kGatewayA, std::int8_t rssi = -60, Duration held = {}) {
    hear(node, node.frame(wire::PingRequest{}), gateway, rssi, held);
  }
  MacAddress answered_at() {
    pass(kAckDelay);
    const auto sent = downlink.take();
    return sent.empty() ? MacAddress{} : sent.back().gateway;
  }

  FakeNode node = make_node();
};

TEST_F(Nodes, AreOfflineAfterSilenceAndOnlineAgainWithTheNextFrame) {
  ping();
  pass(config.offline_after - Duration::milliseconds(1));
  EXPECT_EQ(events.take(), Words{});
  pass(kSweepPeriod);
  EXPECT_EQ(events.take(), Words{"offline 0"});
  pass(Duration::seconds(600));
  EXPECT_EQ(events.take(), Words{});
  ping();
  EXPECT_EQ(events.take(), Words{"online"});
}

TEST_F(Nodes, ThatReportSeldomMayBeSilentLonger) {
  ASSERT_TRUE(coordinator->set_config(now, node.mac, "", 900));
  ping();
  pass(Duration::seconds(2699));
  EXPECT_EQ(events.take(), Words{});
  pass(Duration::seconds(2));
  EXPECT_EQ(events.take(), Words{"offline 0"});
}

TEST_F(Nodes, ThatAreSeenToSleepLongMayBeSilentForThreeSleeps) {
  node.always_listening = false;
  ping();
  pass(Duration::seconds(900));
  EXPECT_EQ(events.take(), Words{"offline 0"}) << "nothing is known of its sleep yet";
  ping();
  EXPECT_EQ(events.take(), Words{"online"});
  for (int wake = 0; wake < 3; ++wake) {
    pass(Duration::seconds(900));
    EXPECT_EQ(events.take(), Words{});
    ping();
  }
  pass(Duration::seconds(2699));
  EXPECT_EQ(events.take(), Words{});
  pass(Duration::seconds(2));
  EXPECT_EQ(events.take(), Words{"offline 0"});
}

/// One that begins a session, or describes itself, listens until it is answered, and sleeps then.
TEST_F(Nodes, ThatSleepSleepWhateverTheirNewestFrameSays) {
  node.always_listening = false;
  for (int wake = 0; wake < 3; ++wake) {
    ping();
    pass(Duration::seconds(900));
  }
  ping();
  events.take();
  hear(node, node.resume());
  commit();
  const auto sent = downlink.take();
  ASSERT_TRUE(node.accept(view(sent.back().body)));
  node.always_listening = true;
  ping();
  pass(Duration::seconds(2699));
  EXPECT_EQ(events.take(), Words{});
}

/// What they were before, another program may have made of them.
TEST_F(Nodes, ThatSleptAndListenNowAreOfflineAsSoonAsOthers) {
  node.always_listening = false;
  for (int wake = 0; wake < 3; ++wake) {
    ping();
    pass(Duration::seconds(900));
  }
  node.always_listening = true;
  hear(node, node.resume());
  commit();
  const auto sent = downlink.take();
  ASSERT_TRUE(node.accept(view(sent.back().body)));
  ping();
  events.take();
  pass(config.offline_after + kSweepPeriod);
  EXPECT_EQ(events.take(), Words{"offline 0"});
}

TEST_F(Nodes, ThatListenAreOfflineAsSoonAfterALongAbsence) {
  for (int absence = 0; absence < 2; ++absence) {
    ping();
    pass(Duration::seconds(900));
  }
  events.take();
  ping();
  EXPECT_EQ(events.take(), Words{"online"});
  pass(config.offline_after + kSweepPeriod);
  EXPECT_EQ(events.take(), Words{"offline 0"});
}

TEST_F(Nodes, AFrameHeldLongIsNoSignOfLife) {
  pass(Duration::seconds(600));
  events.take();
  ping(kGatewayB, -60, Duration::seconds(500));
  EXPECT_EQ(events.take(), Words{});
  ping(kGatewayB, -60, Duration::seconds(5));
  EXPECT_EQ(events.take(), Words{"online"});
}

TEST_F(Nodes, SayGoodbye) {
  hear(node, node.frame(wire::SessionEnd{wire::EndReason::kLeaving}));
  EXPECT_EQ(events.take(), Words{"offline 1"});
  ping();
  EXPECT_EQ(events.take(), Words{"online"});
}

TEST_F(Nodes, GoOfflineWithTheirGateway) {
  coordinator->on_gateway_lost(now, kGatewayB);
  EXPECT_EQ(events.take(), Words{});
  coordinator->on_gateway_lost(now, kGatewayA);
  EXPECT_EQ(events.take(), Words{"offline 2"});
  downlink.take();
  coordinator->command(now, node.mac, 0, 1, view(Bytes{1}), 0);
  commit();
  EXPECT_TRUE(downlink.sent.empty());
  EXPECT_EQ(count(Count::kNoGateway), 1U);
  ping(kGatewayB);
  pass(kAckDelay);
  const auto sent = downlink.take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].gateway, kGatewayB);
}

TEST_F(Nodes, AreAnsweredWhereTheyWereHeardLast) {
  ping(kGatewayB);
  EXPECT_EQ(answered_at(), kGatewayB);
  ping(kGatewayA);
  EXPECT_EQ(answered_at(), kGatewayA);
  // A frame from the past does not bring its gateway back.
  pass(Duration::seconds(1));
  ping(kGatewayB, -60, Duration::seconds(30));
  EXPECT_EQ(answered_at(), kGatewayA);
}

TEST_F(Nodes, AClearlyStrongerCopyOfTheNewestFrameTakesTheDownlink) {
  const Bytes frame = node.frame(wire::PingRequest{});
  hear(node, frame, kGatewayA, -70);
  hear(node, frame, kGatewayB, -65);
  EXPECT_EQ(answered_at(), kGatewayA);
  EXPECT_EQ(count(Count::kDuplicateFrame), 1U);
  const Bytes second = node.frame(wire::PingRequest{});
  hear(node, second, kGatewayA, -70);
  hear(node, second, kGatewayB, -64);
  EXPECT_EQ(answered_at(), kGatewayB);
  // An old frame said again elsewhere moves nothing.
  hear(node, node.frame(wire::PingRequest{}), kGatewayA, -70);
  hear(node, second, kGatewayB, -10);
  EXPECT_EQ(answered_at(), kGatewayA);
  pass(Duration::seconds(1));
  const Bytes third = node.frame(wire::PingRequest{});
  hear(node, third, kGatewayA, -70);
  EXPECT_EQ(answered_at(), kGatewayA);
  pass(Duration::seconds(1));
  hear(node, third, kGatewayB, -10);
  EXPECT_EQ(coordinator->find(node.mac)->gateway, kGatewayA);
}

TEST_F(Nodes, DescribeThemselvesAndAreAnsweredOnceThatIsStored) {
  wire::Description description;
  description.properties.firmware = "1.2.3";
  const Token token = hear(node, node.frame(description));
  pass(Duration::seconds(1));
  downlink.take();
  EXPECT_FALSE(finished(token));
  EXPECT_EQ(events.take(), Words{});
  commit();
  EXPECT_EQ(events.take(), Words{"description"});
  EXPECT_EQ(ledger.descriptions.at(0), (Bytes{2, 5, '1', '.', '2', '.', '3'}));
  pass(kAckDelay);
  EXPECT_TRUE(received(node).at(0).assigned);
  for (int i = 0; i < kConfigSends; ++i) {
    ping();
    pass(kAckDelay);
  }
  downlink.take();
  hear(node, node.frame(description));
  EXPECT_TRUE(ledger.waiting.empty());
  pass(kAckDelay);
  EXPECT_TRUE(received(node).back().assigned);
  description.properties.firmware = "1.2.4";
  hear(node, node.frame(description));
  EXPECT_EQ(ledger.waiting_names(), Words{"description"});
}

TEST_F(Nodes, HearThatADescriptionIsNotStored) {
  const auto described = [this] {
    hear(node, node.frame(wire::PingRequest{}));
    pass(kAckDelay);
    const auto heard = received(node);
    return heard.empty() || !heard.back().assigned ? std::nullopt
                                                   : std::optional(heard.back().described);
  };
  wire::Description description;
  description.properties.firmware = "1.2.3";
  hear(node, node.frame(description));
  EXPECT_EQ(described(), false) << "it is not stored yet";
  commit(false);
  EXPECT_EQ(described(), false) << "nor will it be";
  hear(node, node.frame(description));
  commit();
  EXPECT_EQ(described(), true);
  description.properties.firmware = "1.2.4";
  ASSERT_TRUE(coordinator->set_config(now, node.mac, "Salo", 0));
  hear(node, node.frame(description));
  EXPECT_EQ(described(), false) << "only the one before it is stored";
}

TEST_F(Nodes, AreForgottenWithAllThatIsTheirs) {
  coordinator->command(now, node.mac, 0, 1, view(Bytes{1}), 0);
  commit();
  downlink.take();
  ASSERT_TRUE(coordinator->forget(now, node.mac));
  EXPECT_FALSE(coordinator->forget(now, node.mac));
  EXPECT_EQ(received(node).at(0).end, wire::EndReason::kRevoked);
  const Token token = hear(node, node.frame(FakeNode::report(0)));
  EXPECT_TRUE(finished(token));
  EXPECT_EQ(ledger.waiting_names(), Words{"forgotten"});
  commit();
  EXPECT_EQ(ledger.forgotten, std::vector<MacAddress>{node.mac});
  EXPECT_EQ(events.take(), Words{"left"});
  EXPECT_EQ(coordinator->find(node.mac), nullptr);
  EXPECT_EQ(coordinator->find_module(ModuleId{1}), std::nullopt);
  EXPECT_EQ(downlink.take().at(0).down_class, DownClass::kClear);
  pass(Duration::seconds(300));
  join(node);
  EXPECT_EQ(coordinator->node_count(), 1U);
}

TEST_F(Nodes, AreNotForgottenWhenThatCouldNotBeStored) {
  ASSERT_TRUE(coordinator->forget(now, node.mac));
  commit(false);
  hear(node, node.frame(FakeNode::report(0)));
  EXPECT_EQ(count(Count::kReports), 1U);
}

TEST_F(Nodes, OneForgottenWhileItsAckIsDueDisturbsNobody) {
  FakeNode second = make_node(2);
  join(second);
  FakeNode third = make_node(3);
  join(third);
  ping();
  hear(second, second.frame(wire::PingRequest{}));
  hear(third, third.frame(wire::PingRequest{}));
  ASSERT_TRUE(coordinator->forget(now, second.mac));
  commit();
  downlink.take();
  FakeNode successor = make_node(4);
  hear(successor, successor.join());  // takes the place in the table
  pass(kAckDelay);
  EXPECT_EQ(downlink.take().size(), 2U);
}

TEST_F(Nodes, ThatNeverJoinedAreUnknown) {
  FakeNode stranger = make_node(9);
  Bytes frame = node.frame(wire::PingRequest{});
  hear(stranger, frame);
  EXPECT_EQ(count(Count::kUnknownNode), 1U);
  EXPECT_FALSE(coordinator->forget(now, stranger.mac));
}

TEST(Counters, HaveDistinctNames) {
  Words names;
  for (int i = 0; i < static_cast<int>(Count::kNumber); ++i) {
    const std::string name(to_text(static_cast<Count>(i)));
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 0) << name;
    names.push_back(name);
  }
  EXPECT_EQ(to_text(Count::kUnknownCommand), "unknown_command");
}

}  // namespace
}  // namespace espial::coordinator
