// An owner whose lease is over.

#include "core/coordinator/coordinator_fixture_test.hpp"

namespace espial::coordinator {
namespace {

class Lease : public CoordinatorTest {
 protected:
  Lease() { join(node); }

  FakeNode node = make_node();
};

TEST_F(Lease, WithoutALeaseThereIsNoFrameAndNoWord) {
  coordinator->set_lease(now, now + Duration::seconds(10));
  hear(node, node.frame(FakeNode::report(0)));
  now = now + Duration::seconds(10);
  const Token late = hear(node, node.frame(FakeNode::report(1)));
  EXPECT_FALSE(finished(late)) << "it is for whoever owns the network now";
  EXPECT_EQ(count(Count::kNotOwner), 1U);
  commit();
  coordinator->on_timer(now);
  EXPECT_TRUE(downlink.take().empty()) << "not even what was stored is acknowledged";
  EXPECT_EQ(coordinator->next_timer(), kNever);
}

TEST_F(Lease, ALateAnswerOfTheLedgerLetsNothingOut) {
  FakeNode other = make_node(2);
  coordinator->set_lease(now, now + Duration::seconds(10));
  hear(other, other.join());
  now = now + Duration::seconds(30);
  commit();
  EXPECT_TRUE(downlink.take().empty());
}

TEST_F(Lease, NoCounterIsUsedAfterIt) {
  coordinator->set_lease(now, now);
  const std::uint64_t next = coordinator->find(node.mac)->session.next_counter();
  EXPECT_TRUE(coordinator->forget(now, node.mac));
  ASSERT_TRUE(coordinator->set_config(now, node.mac, "lamp", 0));
  coordinator->on_timer(now + Duration::seconds(1));
  EXPECT_EQ(coordinator->find(node.mac)->session.next_counter(), next);
  EXPECT_TRUE(downlink.take().empty());
}

TEST_F(Lease, AFailedCommitIsNotAskedForAgainWithoutIt) {
  coordinator->set_lease(now, now);
  ASSERT_TRUE(coordinator->revoke(now, node.mac));
  commit(false);
  EXPECT_TRUE(ledger.waiting.empty());
}

TEST_F(Lease, ARenewedOneGoesOnAsIfNothingHadBeen) {
  coordinator->set_lease(now, now + Duration::seconds(10));
  hear(node, node.frame(FakeNode::report(0)));
  commit();
  now = now + Duration::seconds(20);
  coordinator->on_timer(now);
  coordinator->set_lease(now, now + Duration::seconds(10));
  pass(Duration::milliseconds(10));
  const auto got = received(node);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].stored.size(), 1U);
}

}  // namespace
}  // namespace espial::coordinator
