// What docs/security.md says of one frame and one module. The names are the claims.

#include "core/coordinator/coordinator_fixture_test.hpp"

namespace espial::coordinator {
namespace {

class SecurityClaims : public CoordinatorTest {
 protected:
  SecurityClaims() { join(node); }

  FakeNode node = make_node();
};

TEST_F(SecurityClaims, AHeldBackReadingIsTakenAndLooksYoungerThanItIs) {
  const Bytes held_back = node.frame(FakeNode::report(0));
  pass(Duration::seconds(3600));
  hear(node, held_back);
  settle();
  ASSERT_EQ(ledger.reports.size(), 1U);
  const std::int64_t age_ms = kTime.ms + 3'600'000 - ledger.reports[0].record.taken_at.ms;
  EXPECT_LT(age_ms, 10'000) << "no seal tells how long a frame was on its way";
}

TEST_F(SecurityClaims, AHeldBackReadingIsRefusedOnceTheNodeHasSentItAgain) {
  const Bytes held_back = node.frame(FakeNode::report(0));
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  hear(node, held_back);
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
}

TEST_F(SecurityClaims, AReplayedFrameIsStoredOnceAndMovesNobody) {
  const Bytes frame = node.frame(FakeNode::report(0));
  hear(node, frame);
  settle();
  const Instant heard_at = coordinator->find(node.mac)->heard_at;
  pass(Duration::seconds(10));
  for (int i = 0; i < 5; ++i) hear(node, frame, kGatewayB, std::int8_t{-1});
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
  EXPECT_EQ(coordinator->find(node.mac)->gateway, kGatewayA);
  EXPECT_EQ(coordinator->find(node.mac)->heard_at, heard_at);
}

TEST_F(SecurityClaims, AStolenModulesKeySpeaksForNobodyElse) {
  FakeNode other = make_node(2);
  join(other);
  FakeNode thief = make_node(2);  // the other's address
  thief.key = node.key;           // the stolen module's key
  hear(thief, thief.resume());
  hear(thief, thief.renew());
  EXPECT_EQ(count(Count::kNotAuthentic), 2U);
  hear(other, other.frame(FakeNode::report(0)));
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
}

TEST_F(SecurityClaims, AStolenModuleReportsAndIsCommandedUntilItIsRevoked) {
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  settle();
  hear(node, node.frame(FakeNode::report(1)));
  hear(node, node.resume());
  hear(node, node.join());
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
  EXPECT_FALSE(coordinator->find(node.mac)->session.valid());
}

}  // namespace
}  // namespace espial::coordinator
