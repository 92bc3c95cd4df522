// What nodes shall keep to, and when the coordinator believes that they do.

#include "core/coordinator/coordinator_fixture_test.hpp"

namespace espial::coordinator {
namespace {

class ConfigurationTest : public CoordinatorTest {
 protected:
  ConfigurationTest() { join(node); }

  bool want(std::uint16_t max_airtime_permille) {
    Configuration configuration;
    configuration.max_airtime_permille = max_airtime_permille;
    return coordinator->configure(now, node.mac, configuration);
  }
  /// The configuration that is said to the node; 0 when none is.
  std::uint32_t said() {
    settle();
    std::uint32_t id = 0;
    for (const FakeNode::Received& heard : received(node)) id = heard.config_id.value_or(id);
    return id;
  }
  void confirm(std::uint32_t id, Duration held = {}) {
    wire::Description description;
    description.properties.config_id = id;
    hear(node, node.frame(description), kGatewayA, -60, held);
    settle();
    downlink.take();
  }
  bool configured() const { return coordinator->configured(node.mac); }

  FakeNode node = make_node();
};

TEST_F(ConfigurationTest, IsSaidUntilItIsConfirmed) {
  ASSERT_TRUE(want(100));
  EXPECT_FALSE(configured());
  const std::uint32_t id = said();
  ASSERT_NE(id, 0U);
  confirm(id);
  EXPECT_TRUE(configured());
  ASSERT_TRUE(want(100));
  EXPECT_TRUE(configured()) << "nothing has changed";
}

TEST_F(ConfigurationTest, ThatIsWantedAgainIsConfirmedAgain) {
  ASSERT_TRUE(want(100));
  const std::uint32_t id = said();
  confirm(id);
  ASSERT_TRUE(want(200));
  ASSERT_NE(said(), id);
  // The node has taken it up, and what it said of that was lost.
  ASSERT_TRUE(want(100));
  EXPECT_FALSE(configured());
  EXPECT_EQ(said(), id);
  confirm(id);
  EXPECT_TRUE(configured());
}

/// A gateway held what the node said, and meanwhile it was told something else, and this again.
TEST_F(ConfigurationTest, IsConfirmedOnlyByWhatWasSaidAfterIt) {
  ASSERT_TRUE(want(200));
  ASSERT_NE(said(), 0U);
  pass(Duration::seconds(10));
  ASSERT_TRUE(want(100));
  pass(Duration::seconds(10));
  const std::uint32_t id = said();
  confirm(id, Duration::seconds(15));
  EXPECT_FALSE(configured());
  confirm(id);
  EXPECT_TRUE(configured());
}

TEST_F(ConfigurationTest, IsSaidAgainNowAndThenWhateverTheNodeSays) {
  ASSERT_TRUE(want(100));
  ASSERT_NE(said(), 0U);
  const auto said_to_a_report = [this](std::uint16_t sequence) {
    hear(node, node.frame(FakeNode::report(sequence)));
    return said();
  };
  for (std::uint16_t i = 1; i < kConfigSends; ++i) EXPECT_NE(said_to_a_report(i), 0U);
  EXPECT_EQ(said_to_a_report(kConfigSends), 0U);
  pass(kConfigAgainAfter);
  EXPECT_NE(said_to_a_report(kConfigSends + 1), 0U);
  EXPECT_EQ(said_to_a_report(kConfigSends + 2), 0U);
}

TEST_F(ConfigurationTest, CountsTheIntervalIn) {
  ASSERT_TRUE(want(100));
  const std::uint32_t id = said();
  confirm(id);
  ASSERT_TRUE(coordinator->set_config(now, node.mac, "", 300));
  EXPECT_FALSE(configured());
  const std::uint32_t next = said();
  EXPECT_NE(next, 0U);
  EXPECT_NE(next, id);
  confirm(next);
  EXPECT_TRUE(configured());
  ASSERT_TRUE(coordinator->set_config(now, node.mac, "", 0));
  settle();
  const auto heard = received(node);
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.back().interval_s, 0) << "it is the node's own choice again";
}

TEST_F(ConfigurationTest, ThatIsOutOfItsRangeIsNotTaken) {
  EXPECT_FALSE(want(1001));
  Configuration slot_12;
  slot_12.schedule.emplace();
  slot_12.schedule->slot = kSlotCount;
  EXPECT_FALSE(coordinator->configure(now, node.mac, slot_12));
  EXPECT_FALSE(coordinator->configure(now, MacAddress{}, Configuration{}));
  EXPECT_TRUE(configured()) << "there is nothing to keep to";
}

}  // namespace
}  // namespace espial::coordinator
