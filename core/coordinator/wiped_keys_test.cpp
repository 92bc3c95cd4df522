// No copy of a key outlives the call that made it.

#include <map>
#include <utility>

#include "core/coordinator/coordinator_fixture_test.hpp"
#include "core/crypto/wipe_witness_test.hpp"

namespace espial::coordinator {
namespace {

class WipedKeys : public CoordinatorTest {
 protected:
  WipedKeys() { build(witness); }

  /// Where `key` was wiped since the last call for it.
  std::ptrdiff_t wiped(const Key& key) {
    std::ptrdiff_t& before = known[key];
    const std::ptrdiff_t now_wiped = witness.places_of(key);
    return now_wiped - std::exchange(before, now_wiped);
  }

  WipeWitness witness;
  std::map<Key, std::ptrdiff_t> known;
  FakeNode node = make_node();
};

TEST_F(WipedKeys, OfAJoin) {
  hear(node, node.join());
  EXPECT_EQ(wiped(config.network_key), 2) << "the question's, and what was read of it";
  commit();
  ASSERT_TRUE(node.accept(view(downlink.take().at(0).body)));
  EXPECT_EQ(wiped(node.key->key), 3) << "where it was derived, the answer's, the ledger's record";
}

TEST_F(WipedKeys, OfAJoinThatIsRefused) {
  coordinator->set_pairing(Instant{});
  hear(node, node.join());
  EXPECT_EQ(wiped(config.network_key), 2);
}

TEST_F(WipedKeys, OfAResume) {
  join(node);
  (void)wiped(node.key->key);
  hear(node, node.resume());
  EXPECT_EQ(wiped(node.key->key), 2) << "the question's, and what was read of it";
}

TEST_F(WipedKeys, OfAProvedKeyAndOfAForgottenOne) {
  hear(node, node.join());
  commit();
  ASSERT_TRUE(node.accept(view(downlink.take().at(0).body)));
  (void)wiped(node.key->key);
  hear(node, node.frame(wire::PingRequest{}));
  EXPECT_EQ(wiped(node.key->key), 2) << "as the pending one, and the ledger's record";
  settle();
  (void)wiped(node.key->key);
  ASSERT_TRUE(coordinator->forget(now, node.mac));
  EXPECT_EQ(wiped(node.key->key), 1) << "what the ledger was told";
  commit();
  EXPECT_EQ(wiped(node.key->key), 3) << "the node's own, and two on the way to the former ones";
}

}  // namespace
}  // namespace espial::coordinator
