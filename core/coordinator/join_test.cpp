#include "core/coordinator/coordinator_fixture_test.hpp"

namespace espial::coordinator {
namespace {

class Join : public CoordinatorTest {
 protected:
  /// The REFUSED that went down, judged by the node.
  session::Refusal refusal(FakeNode& node) {
    const auto sent = downlink.take();
    EXPECT_EQ(sent.size(), 1U);
    if (sent.empty()) return {};
    EXPECT_EQ(sent[0].down_class, DownClass::kAuth);
    return node.refused(view(sent[0].body));
  }
  static void expect(const session::Refusal& refusal, session::RefusalStatus status,
                     wire::RefusedReason reason) {
    EXPECT_EQ(refusal.status, status);
    EXPECT_EQ(refusal.reason, reason);
  }
};

TEST_F(Join, TheKeyIsDurableBeforeItIsSpoken) {
  FakeNode node = make_node();
  const Token token = hear(node, node.join());
  EXPECT_TRUE(downlink.sent.empty());
  EXPECT_FALSE(finished(token));
  commit();
  EXPECT_TRUE(finished(token));
  const auto sent = downlink.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].gateway, kGatewayA);
  EXPECT_EQ(sent[0].down_class, DownClass::kAuth);
  ASSERT_TRUE(node.accept(view(sent[0].body)));
  ASSERT_EQ(ledger.nodes.size(), 1U);
  EXPECT_FALSE(ledger.nodes[0].key);
  EXPECT_EQ(ledger.nodes[0].pending_key->key, node.welcome.node_key);
  EXPECT_EQ(node.welcome.module, ModuleId{1});
  EXPECT_EQ(node.welcome.time, kTime);
  EXPECT_EQ(node.welcome.zone_minutes, 60);
}

TEST_F(Join, IsDoneWithTheFirstSealedFrame) {
  FakeNode node = make_node();
  hear(node, node.join());
  commit();
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  EXPECT_EQ(events.take(), Words{});
  std::array<MacAddress, 2> keyed;
  EXPECT_EQ(coordinator->keyed(Span<MacAddress>(keyed)), 0U);
  hear(node, node.frame(wire::PingRequest{}));
  EXPECT_EQ(events.take(), (Words{"joined 1", "online"}));
  commit();
  EXPECT_EQ(ledger.nodes.back().key->key, node.key->key);
  EXPECT_FALSE(ledger.nodes.back().pending_key);
  EXPECT_EQ(coordinator->keyed(Span<MacAddress>(keyed)), 1U);
  EXPECT_EQ(keyed[0], node.mac);
  EXPECT_EQ(coordinator->find_module(ModuleId{1}), node.mac);
}

TEST_F(Join, ACommitThatFailedLeavesNothing) {
  FakeNode node = make_node();
  const Token token = hear(node, node.join());
  commit(false);
  EXPECT_TRUE(finished(token));
  EXPECT_TRUE(downlink.sent.empty());
  EXPECT_EQ(coordinator->node_count(), 0U);
  EXPECT_EQ(coordinator->find_module(ModuleId{1}), std::nullopt);
  join(node);
}

TEST_F(Join, NewModulesNeedAnOpenWindow) {
  FakeNode node = make_node();
  coordinator->set_pairing(now);
  hear(node, node.join());
  expect(refusal(node), session::RefusalStatus::kProven, wire::RefusedReason::kPairingClosed);
  EXPECT_EQ(events.take(), Words{"refused 3"});
  EXPECT_EQ(coordinator->node_count(), 0U);
  coordinator->set_pairing(now + Duration::seconds(10));
  join(node);
  pass(Duration::seconds(10));
  FakeNode late = make_node(2);
  hear(late, late.join());
  downlink.take();
  EXPECT_EQ(events.take(), Words{"refused 3"});
}

TEST_F(Join, WaitsForApprovalWhereThatIsTheRule) {
  config.join_policy = JoinPolicy::kApproval;
  build();
  FakeNode node = make_node();
  hear(node, node.join());
  expect(refusal(node), session::RefusalStatus::kProven, wire::RefusedReason::kWaitingForApproval);
  hear(node, node.join());
  downlink.take();
  EXPECT_EQ(events.take(), (Words{"waiting", "refused 2", "refused 2"}));
  ASSERT_TRUE(coordinator->admission().judge(node.mac, Verdict::kApproved));
  join(node);
  FakeNode other = make_node(2);
  hear(other, other.join());
  EXPECT_EQ(events.take(), (Words{"waiting", "refused 2"}));
}

TEST_F(Join, WhomAPersonTurnedDownIsToldSo) {
  config.join_policy = JoinPolicy::kApproval;
  build();
  FakeNode node = make_node();
  hear(node, node.join());
  downlink.take();
  ASSERT_TRUE(coordinator->admission().judge(node.mac, Verdict::kRefused));
  hear(node, node.join());
  expect(refusal(node), session::RefusalStatus::kProven, wire::RefusedReason::kClosedByServer);
  EXPECT_EQ(events.take(), (Words{"waiting", "refused 2", "refused 8"}));
  ASSERT_TRUE(coordinator->admission().judge(node.mac, Verdict::kNone));
  hear(node, node.join());
  EXPECT_EQ(events.take(), (Words{"waiting", "refused 2"}));
}

TEST_F(Join, AListedNameMayJoinAtAnyTime) {
  coordinator->set_pairing(now);
  ModuleList listed{};
  listed[9] = true;
  coordinator->admission().set_listed(listed);
  FakeNode other = make_node(2);
  hear(other, other.join());
  expect(refusal(other), session::RefusalStatus::kProven, wire::RefusedReason::kPairingClosed);
  FakeNode node = make_node();
  node.hello.wanted_module = ModuleId{9};
  join(node);
  EXPECT_EQ(node.welcome.module, ModuleId{9});
}

TEST_F(Join, WhoAsksPushesOutWhoAsksAndNobodyWhoIsApproved) {
  Admission admission(JoinPolicy::kApproval);
  const auto mac = [](std::size_t n) { return mac_of(static_cast<std::uint8_t>(n)); };
  ASSERT_TRUE(admission.judge(mac(0), Verdict::kApproved));
  ASSERT_TRUE(admission.judge(mac(1), Verdict::kRefused));
  for (std::size_t n = 2; n < kMaxWaiting + 5; ++n) {
    EXPECT_EQ(admission.ask(now, mac(n), {}), Admission::Answer::kNewlyWaiting);
  }
  EXPECT_EQ(admission.ask(now, mac(0), {}), Admission::Answer::kYes);
  EXPECT_EQ(admission.ask(now, mac(1), {}), Admission::Answer::kRefused);
  EXPECT_EQ(admission.ask(now, mac(kMaxWaiting + 4), {}), Admission::Answer::kWaiting);
  EXPECT_EQ(admission.ask(now, mac(2), {}), Admission::Answer::kNewlyWaiting);
}

TEST_F(Join, AKnownModuleJoinsWithItsOwnKeyOnly) {
  FakeNode node = make_node();
  join(node);
  FakeNode forger = make_node();
  hear(forger, forger.join());
  expect(refusal(forger), session::RefusalStatus::kProven, wire::RefusedReason::kUnknownKey);
  const Key old = node.key->key;
  hear(node, node.renew());
  commit();
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  EXPECT_EQ(node.key->generation, 1);
  EXPECT_NE(node.key->key, old);
  hear(node, node.frame(wire::PingRequest{}));
  commit();
  EXPECT_EQ(ledger.nodes.back().key->generation, 1);
}

/// Or whoever else has the network key would ask once in its name, and have its key.
TEST_F(Join, EachHandshakeOfAFirstJoinMakesAKeyOfItsOwn) {
  FakeNode node = make_node();
  hear(node, node.join());
  commit();
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  FakeNode earlier = node;
  coordinator->set_pairing(now);
  hear(node, node.join());
  EXPECT_TRUE(downlink.take().empty()) << "not before the ledger has it";
  commit();
  const auto sent = downlink.take();
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_TRUE(node.accept(view(sent[0].body)));
  EXPECT_NE(node.key->key, earlier.key->key);
  hear(earlier, earlier.resume());
  const auto refused = downlink.take();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(earlier.resume_refused(view(refused[0].body)).status, session::RefusalStatus::kHint);
  events.take();
  // Had it stored this answer and been reset, it resumes with it.
  hear(node, node.resume());
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  hear(node, node.frame(wire::PingRequest{}));
  EXPECT_EQ(events.take(), (Words{"joined 1", "online"}));
}

TEST_F(Join, WhoRenewsIsGivenTheSameKeyUntilItProvesIt) {
  FakeNode node = make_node();
  join(node);
  hear(node, node.renew());
  commit();
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  const Key renewed = node.key->key;
  FakeNode again = node;
  again.key = ledger.nodes.back().key;
  hear(again, again.renew());
  const auto sent = downlink.take();  // nothing to commit
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_TRUE(again.accept(view(sent[0].body)));
  EXPECT_EQ(again.key->key, renewed);
}

/// The ledger's record holds its module ID: were it given to another, one of them would be lost at
/// the next start.
TEST_F(Join, WhoseNextKeyIsNotStoredKeepsItsPlace) {
  FakeNode node = make_node();
  hear(node, node.join());
  commit();
  downlink.take();
  hear(node, node.join());
  commit(false);
  FakeNode other = make_node(2);
  hear(other, other.join());
  commit();
  EXPECT_EQ(ledger.nodes.back().module, ModuleId{2});
  downlink.take();
  join(node);
  EXPECT_EQ(ledger.nodes.back().module, ModuleId{1});
}

/// The heap that an uplink brings when it is back: each would cost an X25519 and a commit.
TEST_F(Join, WhatWasHeldForLongerThanANodeWaitsIsNotAnswered) {
  FakeNode node = make_node();
  const Bytes join = node.join();
  const Token late = hear(node, join, kGatewayA, -60, kAuthPatience + Duration::milliseconds(1));
  EXPECT_TRUE(ledger.waiting.empty());
  EXPECT_TRUE(finished(late));
  EXPECT_EQ(count(Count::kAuthTooLate), 1U);
  hear(node, join, kGatewayA, -60, kAuthPatience);
  EXPECT_EQ(ledger.waiting.size(), 1U);
}

/// What was recorded of it has nothing to do with what the ledger has room for.
TEST_F(Join, WhoAsksOverAndOverWaitsForTheLedger) {
  FakeNode node = make_node();
  hear(node, node.join());
  commit();
  downlink.take();
  for (int i = 0; i < 10; ++i) hear(node, node.join());
  EXPECT_EQ(ledger.waiting.size(), kMaxKeyCommits);
  commit();
  downlink.take();
  join(node);
}

/// A record without any key would be refused at the next start, and its module ID be given twice.
TEST_F(Join, WhoseNextKeyIsNotStoredHasOneInItsRecord) {
  FakeNode node = make_node();
  hear(node, node.join());
  commit();
  hear(node, node.join());
  commit(false);
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  commit();
  const NodeRecord record = ledger.nodes.back();
  build();
  EXPECT_TRUE(coordinator->restore_node(record));
}

TEST_F(Join, AReplayedHandshakeEndsNothing) {
  FakeNode node = make_node();
  join(node);
  const Bytes resume = node.resume();
  hear(node, resume);
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  hear(node, node.frame(wire::PingRequest{}));
  settle();
  received(node);
  hear(node, resume);
  downlink.take();
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
  EXPECT_TRUE(received(node).at(0).opened);
}

TEST_F(Join, AReplayInTheWayOfAPendingSessionCostsTheNodeOneResumeMore) {
  FakeNode node = make_node();
  join(node);
  const Bytes recorded = node.resume();
  hear(node, node.resume());
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  hear(node, recorded);
  downlink.take();
  hear(node, node.frame(FakeNode::report(0)));
  EXPECT_EQ(count(Count::kWrongSession), 1U);
  hear(node, node.resume());
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
}

TEST_F(Join, ACopyOfARequestGetsTheAnswerOfTheFirst) {
  FakeNode node = make_node();
  join(node);
  const Bytes resume = node.resume();
  hear(node, resume);
  const auto first = downlink.take();
  hear(node, resume);  // through a second gateway, or from the broker once more
  const auto second = downlink.take();
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].body, first[0].body);
  ASSERT_TRUE(node.accept(view(first[0].body)));
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U) << "the session of the first answer is the one that counts";
}

TEST_F(Join, ThePendingSessionReplacesTheCurrentOneWithItsFirstFrame) {
  FakeNode node = make_node();
  join(node);
  const std::uint8_t old_id = node.session.id();
  session::Session old = node.session;
  hear(node, node.resume());
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  EXPECT_NE(node.session.id(), old_id);
  std::swap(old, node.session);
  hear(node, node.frame(FakeNode::report(0)));
  EXPECT_EQ(count(Count::kReports), 1U);
  std::swap(old, node.session);
  hear(node, node.frame(FakeNode::report(1)));
  EXPECT_EQ(count(Count::kReports), 2U);
  std::swap(old, node.session);
  hear(node, node.frame(FakeNode::report(2)));
  EXPECT_EQ(count(Count::kReports), 2U);
  EXPECT_EQ(count(Count::kWrongSession), 1U);
  EXPECT_EQ(refused(node, Grade::kNotOurs), 1U);
}

TEST_F(Join, AResumeWithAKeyNobodyHasIsRefusedWithoutProof) {
  FakeNode node = make_node();
  node.key = NodeKey{};
  const Bytes resume = node.resume();
  hear(node, resume);
  const auto sent = downlink.take();
  ASSERT_EQ(sent.size(), 1U);
  const auto refused = wire::parse_auth(view(sent[0].body));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, wire::RefusedReason::kUnknownKey);
  EXPECT_TRUE(equal(refused->proof, view(Bytes(16))));
}

TEST_F(Join, UnderAnotherNetworksKeyIsRefusedWithoutProof) {
  Key other;
  other.fill(0x22);
  FakeNode node{crypto, kServer, mac_of(1), other};
  hear(node, node.join());
  expect(refusal(node), session::RefusalStatus::kHint, wire::RefusedReason::kUnknownKey);
  EXPECT_EQ(count(Count::kNotAuthentic), 1U);
}

TEST_F(Join, GivesTheWantedOrTheLowestFreeName) {
  FakeNode one = make_node(1);
  one.hello.wanted_module = ModuleId{2};
  join(one);
  EXPECT_EQ(one.welcome.module, ModuleId{2});
  FakeNode two = make_node(2);
  join(two);
  EXPECT_EQ(two.welcome.module, ModuleId{1});
  FakeNode three = make_node(3);
  join(three);
  EXPECT_EQ(three.welcome.module, ModuleId{3});
  FakeNode four = make_node(4);
  four.hello.wanted_module = ModuleId{2};
  hear(four, four.join());
  expect(refusal(four), session::RefusalStatus::kProven, wire::RefusedReason::kModuleIdTaken);
}

TEST_F(Join, WhereAllShortNamesAreGivenThereIsNone) {
  nodes.resize(300);
  build();
  for (unsigned n = 1; n <= 255; ++n) {
    NodeRecord record;
    record.mac = {{0x02, 0, 0, 0, 7, static_cast<std::uint8_t>(n)}};
    record.module = ModuleId{static_cast<std::uint8_t>(n)};
    record.key = NodeKey{};
    ASSERT_TRUE(coordinator->restore_node(record));
  }
  for (const std::uint8_t n : {std::uint8_t{1}, std::uint8_t{2}}) {
    FakeNode node = make_node(n);
    join(node);
    EXPECT_EQ(node.welcome.module, ModuleId{});
    EXPECT_EQ(ledger.nodes.back().module, ModuleId{});
  }
  EXPECT_EQ(coordinator->find_module(ModuleId{}), std::nullopt);
  EXPECT_EQ(coordinator->node_count(), 257U);
}

TEST_F(Join, AnotherVersionIsRefused) {
  FakeNode node = make_node();
  node.hello.version = 2;
  hear(node, node.join());
  expect(refusal(node), session::RefusalStatus::kProven, wire::RefusedReason::kWrongVersion);
}

TEST_F(Join, AFullTableIsBusy) {
  for (std::uint8_t n = 1; n <= 4; ++n) {
    FakeNode node = make_node(n);
    join(node);
  }
  FakeNode fifth = make_node(5);
  hear(fifth, fifth.join());
  expect(refusal(fifth), session::RefusalStatus::kProven, wire::RefusedReason::kBusy);
}

TEST_F(Join, TheOldestHandshakeMakesRoom) {
  std::vector<FakeNode> three;
  for (std::uint8_t n = 1; n <= 3; ++n) {
    three.push_back(make_node(n));
    hear(three.back(), three.back().join());
    commit();
    ASSERT_TRUE(three.back().accept(view(downlink.take()[0].body)));
  }
  for (FakeNode& node : three) hear(node, node.frame(wire::PingRequest{}));
  EXPECT_EQ(events.take(), (Words{"joined 2", "online", "joined 3", "online"}));
  EXPECT_EQ(count(Count::kWrongSession), 1U);
}

TEST_F(Join, RefusalsAreSaidAtALimitedPace) {
  coordinator->set_pairing(now);
  FakeNode node = make_node();
  for (int i = 0; i < kRefusalBurst + 5; ++i) hear(node, node.join());
  EXPECT_EQ(downlink.take().size(), static_cast<std::size_t>(kRefusalBurst));
  EXPECT_EQ(count(Count::kRefusalsSilent), 5U);
  EXPECT_EQ(count(Count::kJoinsRefused), kRefusalBurst + 5U);
  now = now + Duration::seconds(1);
  hear(node, node.join());
  EXPECT_EQ(downlink.take().size(), 1U);
}

TEST_F(Join, BrokenAndForeignFramesAreCountedAndAnsweredByNothing) {
  FakeNode node = make_node();
  join(node);
  hear(node, {});
  hear(node, {0xf1, 3, 7, 0, 0});
  EXPECT_EQ(count(Count::kTooShort), 2U);
  EXPECT_EQ(refused(node, Grade::kTooShort), 2U);
  hear(node, {0x30, 1, 1});
  hear(node, Bytes(kMaxBodyV2 + 1, 0x5f));
  EXPECT_EQ(count(Count::kNotOurs), 2U);
  UplinkFrame other;
  other.server = ServerId{8};
  coordinator->on_uplink(now, other, ++last_token);
  EXPECT_EQ(count(Count::kNotServed), 1U);
  EXPECT_TRUE(finished(last_token));
  EXPECT_TRUE(downlink.sent.empty());
}

}  // namespace
}  // namespace espial::coordinator
