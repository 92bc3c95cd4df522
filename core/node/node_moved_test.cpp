// What becomes of a gateway's word that it moves.

#include <gmock/gmock.h>

#include "core/node/node_fixture_test.hpp"

namespace espial::node {
namespace {

using testing::ElementsAre;

using NodeMoved = NodeFixture;

TEST_F(NodeMoved, AMovedGatewayIsCheckedOnItsNewChannel) {
  go_online();
  hear(peer_.moved(Channel{11}, 100, false));
  EXPECT_EQ(count(Count::kWrongTag), 1U);
  hear(peer_.moved(Channel{11}, 100));
  hear(peer_.moved(Channel{11}, 50));
  EXPECT_EQ(radio_.channel(), Channel{6});
  wait(Duration::milliseconds(100));
  ASSERT_TRUE(radio_.busy);
  EXPECT_EQ(radio_.channel(), Channel{11});
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
  EXPECT_THAT(sent_types(), ElementsAre(wire::PacketType::kPingreq));
  hear(peer_.seal(wire::PingResponse{UnixTime{1'700'000'050'000}, 0}));
  EXPECT_EQ(node_->state(), NodeState::kOnline);
  EXPECT_EQ(count(Count::kMovedChecks), 1U);
  EXPECT_EQ(count(Count::kSearches), 1U);
  // Anybody may repeat an announcement: the next is followed only after a while.
  hear(peer_.moved(Channel{3}, 0));
  wait(Duration::seconds(1));
  EXPECT_EQ(node_->channel(), Channel{11});
  EXPECT_EQ(count(Count::kMovedHints), 3U);
}

TEST_F(NodeMoved, AMoveThatWasMadeUpEndsInASearchFromTheOldChannel) {
  go_online();
  hear(peer_.moved(Channel{11}, 0));
  while (node_->state() != NodeState::kSearching) {
    if (radio_.busy) {
      sent(false);
    } else {
      tick();
    }
  }
  EXPECT_EQ(radio_.channel(), Channel{6});
}

/// What it goes on with may be another gateway, or the same after it has thought better of it.
TEST_F(NodeMoved, AMoveIsForgottenWhenAGatewayIsFoundAnew) {
  go_online();
  hear(peer_.moved(Channel{11}, 60'000));
  hear(peer_.seal(wire::SessionEnd{wire::EndReason::kSessionOver}));
  while (node_->state() != NodeState::kSearching) {
    if (radio_.busy) {
      sent();
    } else {
      tick();
    }
  }
  find_gateway();
  hear(peer_.accept(sent()));
  sent();
  hear(peer_.seal(wire::PingResponse{}));
  ASSERT_EQ(node_->state(), NodeState::kOnline);
  now_ = now_ + Duration::seconds(60);
  node_->on_timer(now_);
  EXPECT_EQ(node_->channel(), Channel{6});
  EXPECT_EQ(count(Count::kMovedChecks), 0U);
}

}  // namespace
}  // namespace espial::node
