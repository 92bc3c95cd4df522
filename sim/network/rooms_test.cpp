// A button and a lamp: bound by the coordinator, and then by themselves.

#include <gtest/gtest.h>

#include "sim/network/room_check.hpp"
#include "sim/network/watched_network_test.hpp"

namespace espial::sim {
namespace {

constexpr std::uint32_t kButton = 0;
constexpr std::uint32_t kLamp = 1;

/// A button that is pressed now and then, and its lamp, which have found each other.
struct House : Watched {
  explicit House(std::uint64_t seed, std::uint32_t loss_permille = 0)
      : Watched(settings(seed, loss_permille)), rooms(violations) {
    watch.add(rooms);
    network->run_for(Duration::seconds(60));
    EXPECT_GT(rooms.totals().executed, 0U);
  }
  static NetworkSettings settings(std::uint64_t seed, std::uint32_t loss_permille) {
    NetworkSettings settings = small_network(seed, 2);
    settings.air.loss_permille = loss_permille;
    settings.boards[kLamp].room.emplace().lamp = true;
    RoomSettings& button = settings.boards[kButton].room.emplace();
    button.press_interval = node::kPressLifetime * 2;
    return settings;
  }
  void kill_hub_and_broker() {
    network->switch_hub(false);
    network->set_broker(false);
  }
  /// Presses for a while; each of them works the lamp, once.
  void expect_each_press_to_work() {
    network->set_pressing(false);
    network->run_for(node::kPressLifetime * 2);
    const RoomCheck::Totals before = rooms.totals();
    network->set_pressing(true);
    network->run_for(node::kPressLifetime * 50);
    network->set_pressing(false);
    network->run_for(node::kPressLifetime * 2);
    const RoomCheck::Totals& after = rooms.totals();
    EXPECT_GT(after.pressed - before.pressed, 15U);
    EXPECT_EQ(after.executed - before.executed, after.pressed - before.pressed);
    network->set_pressing(true);
  }
  void expect_kept() {
    for (const auto& [what, entry] : violations.entries()) ADD_FAILURE() << what << entry.first;
  }

  RoomCheck rooms;
};

TEST(RoomsInTheNetwork, TheButtonWorksTheLampWithHubAndBrokerDead) {
  House house(1);
  house.kill_hub_and_broker();
  house.network->run_for(Duration::seconds(200));
  house.expect_each_press_to_work();
  house.expect_kept();
}

TEST(RoomsInTheNetwork, AndWithTheGatewayDeadTooWhateverTheAirLoses) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    House house(seed, 200);
    house.kill_hub_and_broker();
    house.network->switch_gateway(0, false);
    house.network->run_for(Duration::seconds(300));
    EXPECT_FALSE(house.network->board(kLamp).online());
    house.expect_each_press_to_work();
    house.expect_kept();
  }
}

TEST(RoomsInTheNetwork, AfterTheRouterMovedBothMeetOnItsChannel) {
  House house(3);
  Network& network = *house.network;
  network.move_gateway(0, Channel{11}, false);
  network.run_for(Duration::seconds(120));
  EXPECT_EQ(network.board(kButton).node()->channel(), Channel{11});
  EXPECT_EQ(network.board(kLamp).node()->channel(), Channel{11});
  house.expect_each_press_to_work();
  house.kill_hub_and_broker();
  network.switch_gateway(0, false);
  network.run_for(Duration::seconds(300));
  house.expect_each_press_to_work();
  house.expect_kept();
}

TEST(RoomsInTheNetwork, AForgottenButtonThatJoinedAnewIsBoundUnderANewKey) {
  House house(4);
  Network& network = *house.network;
  const std::uint32_t joins = network.board(kButton).node()->counters()[node::Count::kJoins];
  ASSERT_TRUE(network.forget(kButton));
  network.run_for(node::kBondConfirm + Duration::seconds(60));
  EXPECT_TRUE(network.board(kButton).online());
  EXPECT_GT(network.board(kButton).node()->counters()[node::Count::kJoins], joins);
  house.expect_each_press_to_work();
  house.expect_kept();
}

}  // namespace
}  // namespace espial::sim
