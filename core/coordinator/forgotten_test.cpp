// What is kept of a module that was forgotten, and how it comes back.

#include "core/coordinator/coordinator_fixture_test.hpp"

namespace espial::coordinator {
namespace {

constexpr auto kProven = session::RefusalStatus::kProven;
constexpr auto kHint = session::RefusalStatus::kHint;

class Forgotten : public CoordinatorTest {
 protected:
  void forget(const FakeNode& node) {
    ASSERT_TRUE(coordinator->forget(now, node.mac));
    commit();
    downlink.take();
    events.take();
  }
  /// What a RESUME under the key that `node` has is answered with.
  session::Refusal resume_refusal(FakeNode& node) {
    hear(node, node.resume());
    const auto sent = downlink.take();
    return sent.empty() ? session::Refusal{} : node.resume_refused(view(sent.back().body));
  }
  void expect_told_so(FakeNode& node, session::RefusalStatus how) {
    const session::Refusal refused = resume_refusal(node);
    EXPECT_EQ(refused.status, how);
    EXPECT_EQ(refused.reason, wire::RefusedReason::kUnknownKey);
  }
  /// JOIN and its answer, without the frame that proves the new key.
  void join_unproved(FakeNode& node) {
    hear(node, node.join());
    commit();
    const auto sent = downlink.take();
    ASSERT_EQ(sent.size(), 1U);
    ASSERT_TRUE(node.accept(view(sent[0].body)));
  }
  NodeRecord forgotten_record(const FakeNode& node) const {
    NodeRecord record;
    record.mac = node.mac;
    record.former = ledger.former_keys;
    return record;
  }
};

TEST_F(Forgotten, IsToldSoWithAProofUntilItHasJoinedAnew) {
  FakeNode node = make_node();
  join(node);
  forget(node);
  FakeNode as_it_was = node;
  expect_told_so(as_it_was, kProven);
  join_unproved(node);
  EXPECT_GT(node.key->generation, as_it_was.key->generation) << "or one would pass for the other";
  expect_told_so(as_it_was, kProven);
  hear(node, node.resume());
  ASSERT_TRUE(node.accept(view(downlink.take().back().body)));
  hear(node, node.frame(wire::PingRequest{}));
  settle();
  downlink.take();
  expect_told_so(as_it_was, kHint);
}

TEST_F(Forgotten, IsToldSoAlsoUnderTheKeyThatItWasGettingThen) {
  FakeNode node = make_node();
  join(node);
  FakeNode before = node;
  hear(node, node.renew());
  commit();
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  forget(node);
  expect_told_so(before, kProven);
  expect_told_so(node, kProven);
}

TEST_F(Forgotten, ItsFormerKeysOutliveARestart) {
  FakeNode node = make_node();
  join(node);
  forget(node);
  build();
  ASSERT_TRUE(coordinator->restore_node(forgotten_record(node)));
  EXPECT_EQ(coordinator->find(node.mac), nullptr);
  expect_told_so(node, kProven);
}

/// Whoever asked to join was not it, say, or was cut off: it still has the key from before.
TEST_F(Forgotten, ItsFormerKeysOutliveAJoinThatCameToNothing) {
  FakeNode node = make_node();
  join(node);
  forget(node);
  FakeNode other = node;
  join_unproved(other);
  const NodeRecord record = ledger.nodes.back();
  ASSERT_TRUE(record.pending_key);
  build();
  ASSERT_TRUE(coordinator->restore_node(record));
  expect_told_so(node, kProven);
  forget(node);
  expect_told_so(node, kProven);
}

/// Until it proves a key a node takes anybody's word that it is unknown, so nothing need be kept.
TEST_F(Forgotten, WhoNeverProvedAKeyLeavesNothing) {
  FakeNode node = make_node();
  join_unproved(node);
  forget(node);
  EXPECT_FALSE(ledger.former_keys.key);
  expect_told_so(node, kHint);
}

TEST_F(Forgotten, TheOldestMakesRoom) {
  std::vector<FakeNode> gone;
  for (std::uint8_t n = 1; n <= 3; ++n) {
    gone.push_back(make_node(n));
    join(gone.back());
    forget(gone.back());
  }
  expect_told_so(gone[0], kHint);
  expect_told_so(gone[1], kProven);
  expect_told_so(gone[2], kProven);
}

/// The store would keep a session of nobody.
TEST_F(Forgotten, AsksForNoCountersOnceItIsForgotten) {
  int asked_on_its_way = 0;
  for (std::uint8_t answers = 0; answers < UINT8_MAX; ++answers) {
    FakeNode node = make_node();
    join(node);
    for (int i = 0; i < answers; ++i) {
      hear(node, node.frame(wire::PingRequest{}));
      pass(Duration::milliseconds(10));
    }
    if (!ledger.waiting.empty()) ++asked_on_its_way;
    hear(node, node.frame(wire::PingRequest{}));
    ASSERT_TRUE(coordinator->forget(now, node.mac));
    pass(Duration::seconds(2));
    EXPECT_EQ(ledger.waiting.back().what, "forgotten") << int{answers};
    commit();
    ASSERT_EQ(coordinator->find(node.mac), nullptr);
    downlink.take();
  }
  EXPECT_GT(asked_on_its_way, 0) << "or the answers were too few to need more counters";
}

TEST_F(Forgotten, ARecordWithoutAnyKeyIsRefused) {
  NodeRecord record;
  record.mac = mac_of(1);
  EXPECT_FALSE(coordinator->restore_node(record));
}

}  // namespace
}  // namespace espial::coordinator
