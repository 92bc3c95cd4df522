// Labels, revoked modules, changed keys.

#include "core/coordinator/coordinator_fixture_test.hpp"
#include "core/crypto/discovery.hpp"

namespace espial::coordinator {
namespace {

class Keys : public CoordinatorTest {
 protected:
  static Key key_of(std::uint8_t fill) {
    Key key;
    key.fill(fill);
    return key;
  }
  static constexpr auto kProven = session::RefusalStatus::kProven;
  static constexpr auto kHint = session::RefusalStatus::kHint;

  /// What the coordinator says to a JOIN.
  session::Refusal refusal(FakeNode& node, const Bytes& join) {
    hear(node, join);
    const auto sent = downlink.take();
    return sent.empty() ? session::Refusal{} : node.refused(view(sent.back().body));
  }
  session::Refusal resume_refusal(FakeNode& node) {
    hear(node, node.resume());
    const auto sent = downlink.take();
    return sent.empty() ? session::Refusal{} : node.resume_refused(view(sent.back().body));
  }
  /// From the answer of a JOIN or RESUME to the first sealed frame.
  void answer(FakeNode& node, const Bytes& request) {
    hear(node, request);
    commit();
    const auto sent = downlink.take();
    ASSERT_EQ(sent.size(), 1U);
    ASSERT_TRUE(node.accept(view(sent[0].body)));
    hear(node, node.frame(wire::PingRequest{}));
    settle();
  }
  /// How the coordinator ended the session, if it did.
  std::optional<wire::EndReason> end_of(FakeNode& node) {
    std::optional<wire::EndReason> end;
    for (const auto& got : received(node)) {
      if (got.end) end = got.end;
    }
    return end;
  }
  /// The same store under a new coordinator.
  void restart() {
    const NodeRecord node = ledger.nodes.back();
    const auto session =
        ledger.sessions.empty() ? std::nullopt : std::optional(ledger.sessions.back());
    build();
    ASSERT_TRUE(coordinator->restore_node(node));
    if (session && !node.revoked) {
      ASSERT_TRUE(coordinator->restore_session(*session));
    }
  }
};

TEST_F(Keys, ALabelAdmitsItsModuleWithoutAnyWindowAndIsUsedUp) {
  coordinator->set_pairing(now);
  FakeNode node = make_node();
  ASSERT_TRUE(coordinator->add_label(node.mac, key_of(0x33)));
  answer(node, node.join_with_label(key_of(0x33)));
  EXPECT_EQ(events.take(), (Words{"joined 1", "online"}));
  received(node);
  answer(node, node.resume());  // the key that it got is its own
  const auto refused = refusal(node, node.join_with_label(key_of(0x33)));
  EXPECT_EQ(refused.status, kHint) << "the label is used up: nobody here has that key";
  EXPECT_EQ(refused.reason, wire::RefusedReason::kUnknownKey);
  EXPECT_FALSE(coordinator->add_label(node.mac, key_of(0x34)));
}

TEST_F(Keys, WhoHasALabelDoesNotJoinWithTheNetworkKey) {
  FakeNode node = make_node();
  ASSERT_TRUE(coordinator->add_label(node.mac, key_of(0x33)));
  const auto refused = refusal(node, node.join());
  EXPECT_EQ(refused.status, kProven);
  EXPECT_EQ(refused.reason, wire::RefusedReason::kUnknownKey);
  coordinator->remove_label(node.mac);
  join(node);
}

TEST_F(Keys, ALabelOfAnotherKeyOrModuleAdmitsNobody) {
  coordinator->set_pairing(now);
  FakeNode node = make_node();
  FakeNode other = make_node(2);
  ASSERT_TRUE(coordinator->add_label(node.mac, key_of(0x33)));
  EXPECT_EQ(refusal(node, node.join_with_label(key_of(0x34))).status, kHint);
  EXPECT_EQ(refusal(other, other.join_with_label(key_of(0x33))).status, kHint);
  EXPECT_EQ(coordinator->node_count(), 0U);
}

TEST_F(Keys, ThereIsRoomForAsManyLabelsAsTheTableHas) {
  ASSERT_TRUE(coordinator->add_label(mac_of(1), key_of(1)));
  ASSERT_TRUE(coordinator->add_label(mac_of(2), key_of(2)));
  EXPECT_FALSE(coordinator->add_label(mac_of(3), key_of(3)));
  ASSERT_TRUE(coordinator->add_label(mac_of(2), key_of(4)));
  coordinator->remove_label(mac_of(1));
  EXPECT_TRUE(coordinator->add_label(mac_of(3), key_of(3)));
}

TEST_F(Keys, ARevokedModuleIsToldSoAndRefusedWithAProof) {
  FakeNode node = make_node();
  join(node);
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  EXPECT_EQ(end_of(node), wire::EndReason::kRevoked);
  const Token token = hear(node, node.frame(FakeNode::report(0)));
  EXPECT_TRUE(finished(token));
  EXPECT_EQ(count(Count::kReports), 0U) << "obeyed before it is durable";
  EXPECT_EQ(events.take(), Words{"offline 3"});
  commit();
  EXPECT_EQ(events.take(), Words{"revoked"});
  EXPECT_TRUE(ledger.nodes.back().revoked);
  for (const bool own : {true, false}) {
    const auto refused = refusal(node, own ? node.renew() : node.join());
    EXPECT_EQ(refused.status, kProven);
    EXPECT_EQ(refused.reason, wire::RefusedReason::kRevoked);
  }
  EXPECT_EQ(resume_refusal(node).status, kProven);
  EXPECT_EQ(resume_refusal(node).reason, wire::RefusedReason::kRevoked);
  std::array<MacAddress, 1> keyed;
  EXPECT_EQ(coordinator->keyed(Span<MacAddress>(keyed)), 1U) << "nor may it speak plainly";
}

TEST_F(Keys, ARevocationOutlivesARestartAndCanBeTakenBack) {
  FakeNode node = make_node();
  join(node);
  const SessionRecord session = ledger.sessions.back();
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  commit();
  restart();
  EXPECT_FALSE(coordinator->restore_session(session)) << "its session is over for good";
  EXPECT_EQ(resume_refusal(node).reason, wire::RefusedReason::kRevoked);
  ASSERT_TRUE(coordinator->unrevoke(node.mac));
  commit();
  EXPECT_FALSE(ledger.nodes.back().revoked);
  answer(node, node.resume());
  EXPECT_TRUE(coordinator->find(node.mac)->online);
}

/// What was stored of a module, whose acknowledgement it never got, is not stored again.
TEST_F(Keys, HowFarItsReportsHadComeOutlivesARevocationAndARestart) {
  FakeNode node = make_node();
  join(node);
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  ASSERT_EQ(ledger.reports.size(), 1U);
  const ReportRecord stored = ledger.reports[0].record;
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  commit();
  restart();
  ASSERT_TRUE(coordinator->restore_stream(node.mac, stored.stream_id, false, stored.progress));
  ASSERT_TRUE(coordinator->unrevoke(node.mac));
  commit();
  downlink.take();
  answer(node, node.resume());
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
  EXPECT_EQ(count(Count::kDuplicateReports), 1U);
}

TEST_F(Keys, ARevocationIsAskedForUntilItIsDurable) {
  FakeNode node = make_node();
  join(node);
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  commit(false);
  EXPECT_TRUE(events.take() == Words{"offline 3"});
  EXPECT_EQ(resume_refusal(node).reason, wire::RefusedReason::kRevoked);
  commit();
  EXPECT_TRUE(ledger.nodes.back().revoked);
  EXPECT_TRUE(ledger.waiting.empty()) << "once is enough";
}

/// Its answer comes while everything else waits for the ledger, too.
TEST_F(Keys, ARevocationIsAskedForAgainAlsoWhenNothingMoreCanBeAsked) {
  FakeNode node = make_node();
  FakeNode other = make_node(2);
  join(node);
  join(other);
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  while (coordinator->revoke(now, other.mac) && coordinator->unrevoke(other.mac)) {
  }
  const Bytes value{1};
  while (coordinator->command(now, other.mac, 0, 4, view(value), 0).status == CommandStatus::kOk) {
  }
  ASSERT_EQ(ledger.waiting.size(), pending.size());
  coordinator->on_committed(now, ledger.waiting.front().ticket, false);
  ledger.waiting.erase(ledger.waiting.begin());
  commit();
  EXPECT_EQ(ledger.nodes.back().mac, node.mac);
  EXPECT_TRUE(ledger.nodes.back().revoked);
}

/// What is asked for last is what shall be durable, whichever answer comes first.
TEST_F(Keys, ALateAnswerToTheRevocationDoesNotHideThatTakingItBackFailed) {
  FakeNode node = make_node();
  join(node);
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  ASSERT_TRUE(coordinator->unrevoke(node.mac));
  const auto calls = std::exchange(ledger.waiting, {});
  ASSERT_EQ(calls.size(), 2U);
  coordinator->on_committed(now, calls[1].ticket, false);
  calls[0].commit();
  coordinator->on_committed(now, calls[0].ticket, true);
  EXPECT_TRUE(ledger.nodes.back().revoked);
  commit();
  EXPECT_FALSE(ledger.nodes.back().revoked);
}

TEST_F(Keys, CommandsOfARevokedModuleExpire) {
  FakeNode node = make_node();
  join(node);
  const Bytes value{1};
  const auto ticket = coordinator->command(now, node.mac, 0, 4, view(value), 0);
  ASSERT_EQ(ticket.status, CommandStatus::kOk);
  commit();
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  commit();
  EXPECT_EQ(ledger.commands.back().record.state, CommandState::kExpired);
  EXPECT_EQ(events.take(), (Words{"offline 3", "ended 1 3", "revoked"}));
}

/// What was meant for it must not run when it is found again.
TEST_F(Keys, ARevokedModuleTakesNoCommands) {
  FakeNode node = make_node();
  join(node);
  const Bytes value{1};
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  EXPECT_EQ(coordinator->command(now, node.mac, 0, 4, view(value), 0).status,
            CommandStatus::kRevoked);
  EXPECT_EQ(ledger.waiting_names(), Words{"node"});
  ASSERT_TRUE(coordinator->unrevoke(node.mac));
  EXPECT_EQ(coordinator->command(now, node.mac, 0, 4, view(value), 0).status, CommandStatus::kOk);
}

TEST_F(Keys, ACommandWhoseEndWasNotStoredEndsThoughItsModuleIsRevoked) {
  FakeNode node = make_node();
  join(node);
  const Bytes value{1};
  ASSERT_EQ(coordinator->command(now, node.mac, 0, 4, view(value), 0).status, CommandStatus::kOk);
  commit();
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  commit(false);
  events.take();
  pass(kSweepPeriod);
  commit();
  EXPECT_EQ(ledger.commands.back().record.state, CommandState::kExpired);
}

TEST_F(Keys, UnknownModulesAreNotRevokedNorRenewed) {
  EXPECT_FALSE(coordinator->revoke(now, mac_of(9)));
  EXPECT_FALSE(coordinator->unrevoke(mac_of(9)));
  EXPECT_FALSE(coordinator->renew_key(now, mac_of(9)));
}

TEST_F(Keys, OneModulesKeyIsRenewedUnderItsPresentOne) {
  FakeNode node = make_node();
  join(node);
  const Key old = node.key->key;
  ASSERT_TRUE(coordinator->renew_key(now, node.mac));
  settle();
  EXPECT_EQ(end_of(node), wire::EndReason::kKeyChanged);
  answer(node, node.renew());
  EXPECT_NE(node.key->key, old);
  EXPECT_EQ(ledger.nodes.back().key->key, node.key->key);
  EXPECT_EQ(end_of(node), std::nullopt) << "once is enough";
}

TEST_F(Keys, ANodeThatDoesNotRenewIsAskedAtALeisurelyPace) {
  FakeNode node = make_node();
  join(node);
  ASSERT_TRUE(coordinator->renew_key(now, node.mac));
  settle();
  EXPECT_EQ(end_of(node), wire::EndReason::kKeyChanged);
  answer(node, node.resume());
  EXPECT_EQ(end_of(node), std::nullopt);
  pass(kRenewPace);
  hear(node, node.frame(wire::PingRequest{}));
  settle();
  EXPECT_EQ(end_of(node), wire::EndReason::kKeyChanged);
}

/// A gateway hands a sleeper the newest acknowledgement only.
TEST_F(Keys, EveryAcknowledgementOfASessionAsksForTheRenewal) {
  FakeNode node = make_node();
  join(node);
  ASSERT_TRUE(coordinator->renew_key(now, node.mac));
  settle();
  EXPECT_EQ(end_of(node), wire::EndReason::kKeyChanged);
  hear(node, node.frame(wire::PingRequest{}));
  settle();
  EXPECT_EQ(end_of(node), wire::EndReason::kKeyChanged);
}

/// Its answer may have been lost: then it asks again, with the network key that it knows.
TEST_F(Keys, WhoHasProvedNoKeyIsWaitedForWhenTheNetworkKeyChanges) {
  FakeNode node = make_node();
  hear(node, node.join());
  commit();
  ASSERT_TRUE(coordinator->begin_key_change(key_of(0x55)));
  EXPECT_EQ(coordinator->key_change().modules, 1U);
  EXPECT_EQ(coordinator->key_change().renewed, 0U);
  downlink.take();
  answer(node, node.join());
  EXPECT_EQ(coordinator->key_change().renewed, 1U);
}

TEST_F(Keys, AChangedNetworkKeyLeavesNobodyBehind) {
  FakeNode present = make_node(1);
  FakeNode asleep = make_node(2);
  join(present);
  join(asleep);
  const Key old = config.network_key;
  ASSERT_TRUE(coordinator->begin_key_change(key_of(0x77)));
  EXPECT_FALSE(coordinator->begin_key_change(key_of(0x78))) << "one at a time";
  EXPECT_EQ(coordinator->key_change().modules, 2U);
  EXPECT_EQ(coordinator->key_change().renewed, 0U);

  hear(present, present.frame(wire::PingRequest{}));
  settle();
  EXPECT_EQ(end_of(present), wire::EndReason::kKeyChanged);
  answer(present, present.renew());
  EXPECT_EQ(present.welcome.discovery_key, crypto::discovery_key(crypto, key_of(0x77), kServer));
  EXPECT_EQ(end_of(present), std::nullopt);
  EXPECT_EQ(coordinator->key_change().renewed, 1U);

  // Both network keys admit meanwhile.
  FakeNode with_new = make_node(3);
  with_new.set_network_key(key_of(0x77), 1);
  join(with_new);
  FakeNode with_old = make_node(4);
  with_old.set_network_key(old, 0);
  join(with_old);
  EXPECT_EQ(coordinator->key_change().renewed, 3U);

  coordinator->end_key_change();
  EXPECT_FALSE(coordinator->key_change().under_way);
  FakeNode too_late = make_node(4);
  too_late.set_network_key(old, 0);
  EXPECT_EQ(refusal(too_late, too_late.join()).status, kHint) << "nobody has that key any more";

  // Weeks later it comes back with its own key, and is brought to a new one then.
  answer(asleep, asleep.resume());
  EXPECT_EQ(end_of(asleep), wire::EndReason::kKeyChanged);
  answer(asleep, asleep.renew());
  EXPECT_EQ(coordinator->key_change().renewed, 4U);
}

TEST_F(Keys, WhatAModuleRenewedUnderIsKnownAfterARestart) {
  FakeNode node = make_node();
  join(node);
  ASSERT_TRUE(coordinator->begin_key_change(key_of(0x77)));
  answer(node, node.renew());
  config.former_network_key = config.network_key;
  config.network_key = key_of(0x77);
  config.network_key_generation = 1;
  restart();
  const KeyChange change = coordinator->key_change();
  EXPECT_TRUE(change.under_way);
  EXPECT_EQ(change.generation, 1);
  EXPECT_EQ(change.modules, 1U);
  EXPECT_EQ(change.renewed, 1U);
}

TEST_F(Keys, ALateOldKeyIsNotMistakenForANewOne) {
  FakeNode node = make_node();
  hear(node, node.join());
  commit();
  const auto sent = downlink.take();
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_TRUE(coordinator->begin_key_change(key_of(0x77)));
  ASSERT_TRUE(node.accept(view(sent[0].body)));  // drawn before the change
  hear(node, node.frame(wire::PingRequest{}));
  settle();
  EXPECT_EQ(coordinator->key_change().renewed, 0U);
  EXPECT_EQ(end_of(node), wire::EndReason::kKeyChanged);
}

}  // namespace
}  // namespace espial::coordinator
