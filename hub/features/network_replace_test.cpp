// A new module in the place of a broken one.
#include <algorithm>
#include <array>

#include "hub/features/network_fixture_test.hpp"

namespace espial::features {
namespace {

const MacAddress kSpare{{0x5e, 0x50, 0x1a, 0x10, 0, 8}};
constexpr const char* kSpareUp = "espial/home/1/up/5e:50:1a:01:00:02/5e:50:1a:10:00:08";
constexpr const char* kSpareDown = "espial/home/1/down/5e:50:1a:01:00:02/5e:50:1a:10:00:08";

class NetworkReplace : public EspialNetworkTest {
 protected:
  NetworkReplace() : spare_(crypto_, kServer, kSpare, Key{}) {}

  void prepare() {
    join();
    hear(node_.frame(FakeNode::report(0)));
    join(spare_, kSpareUp, kSpareDown);
    id_ = live_->find(kNode)->id;
    (void)live_->set_online(id_, false, live_->find(kNode)->last_seen);
  }
  std::optional<CommandRefusal> replace() {
    return network_->replace({id_, kSpare, {store::Document{"group", "Lamps", "x"}}});
  }
  /// There is room for one unit: what the coordinator says afterwards is not stored.
  void replace_while_nothing_more_is_taken() {
    prepare();
    ASSERT_TRUE(commit_all());
    hold_commits();
    while (committer_->counters().backlog_units + 1 < kMaxBacklog) {
      ASSERT_TRUE(committer_->submit({}));
    }
    ASSERT_FALSE(replace());
  }

  FakeNode spare_;
  station::DeviceId id_{};
};

TEST_F(NetworkReplace, TheNewModuleGoesOnUnderTheBrokenOnesNumberAndName) {
  prepare();
  ASSERT_FALSE(replace());
  EXPECT_EQ(live_->find(kNode), nullptr);
  EXPECT_EQ(live_->find(kSpare)->id, id_);
  EXPECT_EQ(live_->find(kSpare)->name, "Cellar");
  EXPECT_EQ(shown_devices(), 1U);
  hear(spare_.frame(FakeNode::report(0)), kSpareUp);
  shut_down();
  const store::Snapshot snapshot = open();
  EXPECT_EQ(std::count_if(snapshot.documents.begin(), snapshot.documents.end(),
                          [](const store::Document& one) { return one.name == "Lamps"; }),
            1)
      << "what else was to change with it";
  EXPECT_TRUE(std::all_of(snapshot.latest.begin(), snapshot.latest.end(),
                          [this](const store::Reading& one) { return one.device == id_; }));
  close();
  boot(Duration{});
}

TEST_F(NetworkReplace, TheBrokenOnesKeyIsGoneAlsoWhereTheHubEndsAtOnce) {
  replace_while_nothing_more_is_taken();
  ASSERT_FALSE(committer_->submit({}));
  shut_down();
  for (const store::EspialNode& node : open().nodes) {
    EXPECT_EQ(node.wrapped.empty(), node.mac == kNode);
  }
  close();
  boot(Duration{});
}

TEST_F(NetworkReplace, TheBrokenOnesKeyIsGoneOnceThereIsRoomForThat) {
  replace_while_nothing_more_is_taken();
  const auto refused_as_unknown = [this] {
    const auto counted = [this] {
      return network_->role_counters()[coordinator::Count::kUnknownNode];
    };
    const auto before = counted();
    const coordinator::Bytes body = node_.frame(FakeNode::report(1));
    hand_over(kUp, {body.data(), body.size()});
    return counted() > before;
  };
  EXPECT_FALSE(refused_as_unknown()) << "that is not stored";
  ASSERT_TRUE(commit_all());
  ASSERT_TRUE(settle([this] { return committer_->counters().backlog_units == 0; }));
  network_->tick();
  EXPECT_TRUE(refused_as_unknown());
}

TEST_F(NetworkReplace, CommandsOfTheBrokenOneAreOver) {
  prepare();
  const std::array<std::uint8_t, 1> on{1};
  const auto give = [&] {
    return network_->command(id_, 1, static_cast<std::uint8_t>(wire::Kind::kRelay), on);
  };
  const auto given = give();
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(given));
  ASSERT_TRUE(commit_all());
  commands_.clear();
  ASSERT_FALSE(replace());
  ASSERT_EQ(commands_.size(), 1U);
  EXPECT_EQ(commands_[0].device, id_);
  EXPECT_EQ(commands_[0].command_id, std::get<TakenCommand>(given).id);
  EXPECT_EQ(commands_[0].state, store::CommandState::expired);
  EXPECT_EQ(commanded_mac_, kNode) << "whoever follows it knows it by the broken one's address";
  shut_down();
  EXPECT_TRUE(open().open_commands.empty()) << "the new one has not been told to do that";
  close();
  boot(Duration{});
}

TEST_F(NetworkReplace, WhatTheNewOneIsToldIsStoredAsThat) {
  prepare();
  const auto give = [&](std::uint8_t value) {
    const std::array<std::uint8_t, 1> values{value};
    return network_->command(id_, 1, static_cast<std::uint8_t>(wire::Kind::kRelay), values);
  };
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(give(1)));
  ASSERT_FALSE(replace());
  const auto given = give(0);
  ASSERT_TRUE(std::holds_alternative<TakenCommand>(given));
  shut_down();
  const store::Snapshot snapshot = open();
  ASSERT_EQ(snapshot.open_commands.size(), 1U);
  EXPECT_EQ(snapshot.open_commands[0].command_id, std::get<TakenCommand>(given).id);
  EXPECT_EQ(snapshot.open_commands[0].payload, (std::vector<std::uint8_t>{0}));
  close();
  boot(Duration{});
}

TEST_F(NetworkReplace, OnlyOneThatHasJoinedTakesAPlace) {
  join();
  id_ = live_->find(kNode)->id;
  (void)live_->set_online(id_, false, live_->find(kNode)->last_seen);
  EXPECT_EQ(replace()->problem, station::Problem::kNeverJoined);
  station::Device board;
  board.id = live_->next_id();
  board.mac = kSpare;
  board.name = "Porch";
  board.protocol = station::Protocol::s2;
  ASSERT_EQ(live_->put(board), station::Outcome::done);
  EXPECT_EQ(replace()->problem, station::Problem::kOtherProtocol);
}

}  // namespace
}  // namespace espial::features
