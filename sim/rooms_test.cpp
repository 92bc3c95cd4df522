// A button and a lamp in the small world: bound by the coordinator, and then by themselves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "ports/linux/crypto_sodium.hpp"
#include "sim/world.hpp"

namespace espial::sim {
namespace {

constexpr std::size_t kButton = 0;
constexpr std::size_t kLamp = 1;
constexpr Duration kForever = Duration::seconds(100'000);

class RoomsInTheWorld : public testing::Test {
 protected:
  static WorldSettings settings(std::uint64_t seed, std::uint32_t loss_permille) {
    WorldSettings result;
    result.seed = seed;
    result.air.loss_permille = loss_permille;
    result.rooms = true;
    return result;
  }
  /// Both online and bound.
  void begin(std::uint64_t seed = 1, std::uint32_t loss_permille = 0) {
    world_.emplace(settings(seed, loss_permille), crypto_);
    world_->start_node(kButton);
    world_->start_node(kLamp);
    ASSERT_TRUE(world_->run_until(Duration::seconds(60), [this] {
      return world_->online(kButton) && world_->online(kLamp);
    }));
    world_->run_for(Duration::seconds(2));
    world_->bind(kButton, kLamp);
    world_->run_for(Duration::seconds(20));
  }
  /// Presses `times` times, with time for each.
  void press(int times) {
    for (int i = 0; i < times; ++i) {
      const std::uint32_t number = world_->press(kButton);
      ASSERT_NE(number, 0U);
      pressed_.push_back(number);
      world_->run_for(node::kPressLifetime);
    }
  }
  void kill_hub_broker_and_gateway() {
    world_->cut_hub_power(kForever);
    world_->set_broker_alive(false);
    world_->restart_gateway(kForever);
  }

  CryptoSodium crypto_;
  std::optional<World> world_;
  std::vector<std::uint32_t> pressed_;
};

TEST_F(RoomsInTheWorld, TheButtonWorksTheLampWithHubAndBrokerDead) {
  begin();
  press(3);
  world_->cut_hub_power(kForever);
  world_->set_broker_alive(false);
  world_->run_for(Duration::seconds(200));
  press(3);
  EXPECT_EQ(world_->executed(kLamp), pressed_);
  EXPECT_TRUE(world_->violations().empty());
}

TEST_F(RoomsInTheWorld, AndWithTheGatewayDeadToo) {
  begin();
  press(1);
  kill_hub_broker_and_gateway();
  world_->run_for(Duration::seconds(300));
  EXPECT_FALSE(world_->online(kLamp));
  press(20);
  EXPECT_EQ(world_->executed(kLamp), pressed_);
}

TEST_F(RoomsInTheWorld, ExactlyOnceUnderLossWithNobodyElseThere) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    pressed_.clear();
    begin(seed, 200);
    press(1);
    kill_hub_broker_and_gateway();
    world_->run_for(Duration::seconds(200));
    press(20);
    EXPECT_EQ(world_->executed(kLamp), pressed_);
    EXPECT_TRUE(world_->violations().empty());
  }
}

TEST_F(RoomsInTheWorld, AtMostOnceOverResetsOfEither) {
  begin(3, 100);
  for (int i = 0; i < 30; ++i) {
    const std::uint32_t number = world_->press(kButton);
    if (number != 0) pressed_.push_back(number);
    world_->run_for(Duration::milliseconds(1 + i % 7));
    if (i % 3 == 0) world_->crash_node(kLamp);
    if (i % 4 == 0) world_->crash_node(kButton);
    world_->run_for(Duration::seconds(30));
  }
  std::vector<std::uint32_t> once = world_->executed(kLamp);
  once.erase(std::unique(once.begin(), once.end()), once.end());
  EXPECT_EQ(world_->executed(kLamp), once);
  EXPECT_TRUE(std::is_sorted(once.begin(), once.end()));
  EXPECT_GE(once.size(), 15U);
  world_->run_for(Duration::seconds(30));
  press(3);
  EXPECT_EQ(world_->executed(kLamp).back(), pressed_.back());
}

TEST_F(RoomsInTheWorld, AfterTheRouterMovedBothMeetOnItsChannel) {
  begin();
  press(1);
  world_->move_gateway_silently(Channel{11});
  ASSERT_TRUE(world_->run_until(Duration::seconds(120), [this] {
    return world_->node(kButton).channel() == Channel{11} &&
           world_->node(kLamp).channel() == Channel{11} && world_->online(kLamp) &&
           world_->online(kButton);
  }));
  press(2);
  kill_hub_broker_and_gateway();
  world_->run_for(Duration::seconds(300));
  press(5);
  EXPECT_EQ(world_->executed(kLamp), pressed_);
}

TEST_F(RoomsInTheWorld, AReplayerInRangeSwitchesNothing) {
  begin();
  press(5);
  kill_hub_broker_and_gateway();
  world_->run_for(Duration::seconds(200));
  press(2);
  const auto overheard = world_->overheard();
  for (const auto& frame : overheard) {
    if (frame.destination != world_->mac_of(kLamp)) continue;
    world_->forge(frame.source, frame.destination, {frame.body.data(), frame.body.size()});
    world_->run_for(Duration::milliseconds(5));
    auto damaged = frame.body;
    damaged.back() ^= 1;
    world_->forge(frame.source, frame.destination, {damaged.data(), damaged.size()});
    world_->run_for(Duration::milliseconds(5));
  }
  EXPECT_EQ(world_->executed(kLamp), pressed_);
  press(2);
  EXPECT_EQ(world_->executed(kLamp), pressed_);
}

TEST_F(RoomsInTheWorld, AButtonThatJoinedAnewIsBoundUnderANewKey) {
  begin();
  press(1);
  ASSERT_TRUE(world_->coordinator().forget(world_->now(), world_->mac_of(kButton)));
  world_->run_for(Duration::seconds(5));
  EXPECT_FALSE(world_->online(kButton));
  world_->run_for(node::kBondConfirm);
  EXPECT_TRUE(world_->online(kButton));
  press(2);
  EXPECT_EQ(world_->executed(kLamp), pressed_);
}

}  // namespace
}  // namespace espial::sim
