// Which key a node uses, and what makes it use another.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/node/node_fixture_test.hpp"
#include "core/wire/auth.hpp"

namespace espial::node {
namespace {

class NodeKeys : public NodeFixture {
 protected:
  static wire::AuthHeader auth(const Bytes& body) {
    const auto frame = wire::parse_auth(view(body));
    return frame ? frame->header : wire::AuthHeader{};
  }
  /// The coordinator wants a new key; the node's answer to that.
  Bytes asked_to_renew() {
    hear(peer_.seal(wire::SessionEnd{wire::EndReason::kKeyChanged}));
    return sent();
  }
  NodeKeyRecord stored() {
    NodeKeyRecord record;
    record.load(settings_, ScriptedCoordinator::kServer, peer_.crypto);
    return record;
  }
  Key stored_key() { return stored().key; }
};

TEST_F(NodeKeys, AChangedKeyIsRenewedByAJoinUnderThePresentOne) {
  go_online();
  const Bytes join = asked_to_renew();
  EXPECT_EQ(auth(join).step, wire::AuthStep::kJoin);
  EXPECT_EQ(auth(join).key_id, wire::KeyId::kNode);
  hear(peer_.accept(join));
  EXPECT_EQ(stored_key(), peer_.next_node_key);
  EXPECT_FALSE(peer_.open(sent()).empty());
  hear(peer_.seal(wire::Assignment{}));
  EXPECT_EQ(node_->state(), NodeState::kOnline);
}

TEST_F(NodeKeys, ARenewalThatNobodyAnswersEndsInAResume) {
  go_online();
  const Key before = stored_key();
  (void)asked_to_renew();
  for (std::uint32_t i = 1; i < kAuthTries; ++i) {
    wait(Duration::seconds(2));
    EXPECT_EQ(auth(sent()).step, wire::AuthStep::kJoin);
  }
  wait(Duration::seconds(2));
  EXPECT_EQ(node_->state(), NodeState::kSearching);
  peer_.channel = Channel{1};
  now_ = now_ + Duration::seconds(60);
  find_gateway();
  EXPECT_EQ(auth(sent()).step, wire::AuthStep::kResume);
  EXPECT_EQ(stored_key(), before);
}

TEST_F(NodeKeys, ARenewalDoesNotMakeACommandRunAgain) {
  go_online();
  const Bytes run = peer_.seal(command(1, {5}));
  hear(run);
  (void)sent();
  hear(peer_.accept(asked_to_renew()));
  (void)sent();
  hear(peer_.seal(command(1, {5})));
  EXPECT_THAT(application_.executed, testing::ElementsAre(5));
}

/// Or the first commands under it would count as executed, and not be.
TEST_F(NodeKeys, AnotherKeyIsKeptOnlyOnceTheCommandsBeforeItAreForgotten) {
  go_online();
  hear(peer_.seal(command(1, {5})));
  settings_.records.erase(SettingKey::kNodeKey);
  make_node();
  node_->start(now_);
  find_gateway();
  const Bytes join = sent();
  ASSERT_EQ(auth(join).step, wire::AuthStep::kJoin);
  settings_.writes_left = 1;
  hear(peer_.accept(join));
  EXPECT_EQ(settings_.records.count(SettingKey::kNodeKey), 0U);
}

TEST_F(NodeKeys, TheDiscoveryKeyThatItIsToldCountsFromThenOnAndAfterAReset) {
  go_online();
  const Bytes join = asked_to_renew();
  peer_.told_discovery_key.emplace().fill(0xd1);
  hear(peer_.accept(join));
  (void)sent();
  hear(peer_.seal(wire::Assignment{}));
  make_node();
  node_->start(now_);
  find_gateway();
  EXPECT_EQ(count(Count::kWrongTag), 0U);
  EXPECT_EQ(node_->state(), NodeState::kResuming);
}

TEST_F(NodeKeys, JoinsWithTheKeyOnItsLabelAndLearnsToTellGatewaysApart) {
  config_.join_key.id = wire::KeyId::kLabel;
  peer_.label_key = peer_.network_key;  // the fixture's node has these bytes for a key
  peer_.told_discovery_key.emplace().fill(0xd1);
  make_node();
  node_->start(now_);
  find_gateway();
  const Bytes join = sent();
  EXPECT_EQ(auth(join).key_id, wire::KeyId::kLabel);
  hear(peer_.accept(join));
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  EXPECT_EQ(stored().discovery_key, peer_.told_discovery_key);
}

/// Where it finds its gateway is enough: a sleeper that gave up would sleep, and begin anew.
TEST_F(NodeKeys, AForgottenNodeJoinsAgainAtTheGatewayThatProvesIt) {
  go_online();
  make_node();
  node_->start(now_);
  find_gateway();
  EXPECT_EQ(node_->state(), NodeState::kResuming);
  hear(peer_.refuse(sent(), wire::RefusedReason::kUnknownKey, peer_.node_key));
  EXPECT_EQ(node_->state(), NodeState::kJoining);
  hear(peer_.accept(sent()));
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
}

/// Or the network key, which many hold, would do to take over any module.
TEST_F(NodeKeys, WhatAnybodyMaySayBringsNoNodeToJoinAnew) {
  go_online();
  make_node();
  node_->start(now_);
  for (std::uint32_t hint = 0; hint < 10 * kUnknownKeyHints; ++hint) {
    find_gateway();
    while (node_->state() == NodeState::kResuming) {
      if (radio_.busy) {
        const Bytes request = sent();
        hear(peer_.refuse(request, wire::RefusedReason::kUnknownKey, {}));
        hear(peer_.refuse(request, wire::RefusedReason::kUnknownKey, peer_.network_key));
      }
      tick();
      ASSERT_NE(node_->state(), NodeState::kJoining);
    }
    now_ = now_ + link::kMaxAvoidance;
  }
}

/// The coordinator may have drawn another one since: nobody has shown that he has this one.
TEST_F(NodeKeys, AKeyThatNobodyHasProvedGivesWayToTwoHints) {
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  make_node();
  node_->start(now_);
  find_gateway();
  for (std::uint32_t hint = 0; hint < kUnknownKeyHints; ++hint) {
    EXPECT_EQ(node_->state(), NodeState::kResuming);
    hear(peer_.refuse(sent(), wire::RefusedReason::kUnknownKey, {}));
    tick();
  }
  EXPECT_EQ(node_->state(), NodeState::kJoining);
}

TEST_F(NodeKeys, EachAttemptBeginsWithTheKeyThatANodeHas) {
  go_online();
  make_node();
  node_->start(now_);
  for (int attempt = 0; attempt < 3; ++attempt) {
    find_gateway();
    EXPECT_EQ(node_->state(), NodeState::kResuming);
    hear(peer_.refuse(sent(), wire::RefusedReason::kUnknownKey, {}));
    while (node_->state() == NodeState::kResuming) {
      tick();
      if (radio_.busy && node_->state() == NodeState::kResuming) sent();
    }
    EXPECT_EQ(node_->state(), NodeState::kSearching) << "hints of several attempts don't add up";
    now_ = now_ + link::kMaxAvoidance;
  }
}

}  // namespace
}  // namespace espial::node
