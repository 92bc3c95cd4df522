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
  void confirm(std::uint32_t id) {
    wire::Description description;
    description.properties.config_id = id;
    hear(node, node.frame(description));
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

}  // namespace
}  // namespace espial::coordinator
