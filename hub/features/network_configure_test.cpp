// What a configuration file says of a module, as the module hears it.
#include "hub/features/network_fixture_test.hpp"

namespace espial::features {
namespace {

class NetworkConfigure : public EspialNetworkTest {
 protected:
  static configuration::ModulePlan plan() {
    configuration::ModulePlan plan;
    plan.interval_s = 30;
    plan.max_airtime_permille = 50;
    plan.functions.resize(2);
    plan.functions[0].title = "Wine";
    plan.functions[1].slot = 1;
    plan.functions[1].title = "Light";
    plan.week.emplace();
    plan.week->slot = 1;
    (void)plan.week->points.push_back({390, 2100});
    return plan;
  }

  bool configure(const configuration::ModulePlan& plan) {
    published_.clear();
    return network_->configure(live_->find(kNode)->id, plan);
  }

  /// What the module is told next of how it shall behave.
  FakeNode::Received told() {
    for (int i = 0; i < 4; ++i) {
      FakeNode::Received received = node_.open(downlink());
      if (received.config_id) return received;
    }
    ADD_FAILURE() << "it is told nothing";
    return {};
  }
};

TEST_F(NetworkConfigure, TheModuleIsToldAllOfIt) {
  join();
  ASSERT_TRUE(configure(plan()));
  const auto received = told();
  EXPECT_EQ(received.interval_s, 30);
  EXPECT_EQ(received.slots, 3);
  EXPECT_EQ(received.max_airtime_permille, 50);
  ASSERT_TRUE(received.schedule);
  EXPECT_TRUE(*received.schedule == *plan().week);
}

TEST_F(NetworkConfigure, UntilTheModuleSaysSoItDoesNotKeepToIt) {
  join();
  const auto keeps = [this] { return network_->keeps_to_configuration(live_->find(kNode)->id); };
  EXPECT_TRUE(keeps()) << "it was told nothing";
  ASSERT_TRUE(configure(plan()));
  EXPECT_FALSE(keeps());
}

TEST_F(NetworkConfigure, EachChangeMakesAnotherConfiguration) {
  join();
  configuration::ModulePlan next = plan();
  ASSERT_TRUE(configure(next));
  const auto first = told();
  next.interval_s = 60;
  ASSERT_TRUE(configure(next));
  const auto second = told();
  EXPECT_EQ(second.interval_s, 60);
  EXPECT_NE(second.config_id, first.config_id);
  next.week->points[0].set_point_cC = 1900;
  ASSERT_TRUE(configure(next));
  const auto third = told();
  EXPECT_EQ(third.schedule->points[0].set_point_cC, 1900);
  next.max_airtime_permille = 0;
  ASSERT_TRUE(configure(next));
  EXPECT_EQ(told().max_airtime_permille, std::nullopt);
}

TEST_F(NetworkConfigure, ItsFunctionsGetTheirTitles) {
  join();
  ASSERT_TRUE(configure(plan()));
  const auto& functions = live_->find(kNode)->functions;
  ASSERT_EQ(functions.size(), 2U);
  EXPECT_EQ(functions[0].title, "Wine");
  EXPECT_EQ(functions[1].title, "Light");
}

TEST_F(NetworkConfigure, WhatCanNotBeStoredIsNotTold) {
  join();
  fill_backlog();
  EXPECT_FALSE(configure(plan()));
  EXPECT_NE(live_->find(kNode)->functions[0].title, "Wine");
  ASSERT_TRUE(commit_all());
  ASSERT_TRUE(configure(plan()));
  EXPECT_EQ(told().interval_s, 30);
}

}  // namespace
}  // namespace espial::features
