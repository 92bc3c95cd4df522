// Rooms of a node under a limit of airtime.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/node/rooms_fixture_test.hpp"

namespace espial::node {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class RoomsDutyTest : public RoomsFixture {
 protected:
  /// The lamp may take so much of the air; it is bound.
  void limit_lamp(std::uint16_t permille) {
    conduct_.emplace(permille);
    lamp.conduct = &*conduct_;
    lamp.restart(now);
    bind();
    lose = [this](const OnAir& sent) {
      if (sent.source == lamp.mac) said_ = said_ + link::airtime_of(sent.body.size());
      return false;
    };
  }
  /// `times` somebody presses, each time in a session of its own as a sleeper's wake makes it.
  void press_in_fresh_sessions(int times, Duration apart) {
    for (int i = 0; i < times; ++i) {
      button.restart(now);
      press(1);
      pass(apart);
    }
  }

  std::optional<Conduct> conduct_;
  Duration said_{};
};

TEST_F(RoomsDutyTest, HalfTheShareIsLeftForReports) {
  limit_lamp(2);
  press_in_fresh_sessions(200, Duration::milliseconds(300));
  // 2 permille of a minute and of a window, halved, and what goes with the frame that passes it.
  EXPECT_LE(said_, Duration::milliseconds(60 + 10 + 5));
  EXPECT_GE(said_, Duration::milliseconds(55));
  EXPECT_GT(lamp.rooms->counters().put_off, 100U);
}

TEST_F(RoomsDutyTest, WhatWasNotHeardRunsOnceAndInTime) {
  limit_lamp(2);
  press_in_fresh_sessions(60, Duration::milliseconds(100));
  button.ends.clear();
  lamp.executed.clear();
  button.restart(now);
  press(7);
  exchange();
  EXPECT_THAT(lamp.executed, IsEmpty()) << "the share is used up";
  pass(kPressLifetime);
  EXPECT_THAT(lamp.executed, testing::ElementsAre(7));
  EXPECT_THAT(button.ends, testing::ElementsAre(PressEnd::kExecuted));
}

TEST_F(RoomsDutyTest, EveryoneHasHisTurnUnderTheSmallestShare) {
  limit_lamp(1);
  press_in_fresh_sessions(20, Duration::milliseconds(100));
  for (int i = 0; i < 20; ++i) {
    lamp.executed.clear();
    button.restart(now);
    press(7);
    pass(kPressLifetime);
    EXPECT_THAT(lamp.executed, testing::ElementsAre(7)) << i;
  }
}

TEST_F(RoomsDutyTest, ASessionThatGoesOnUsesNoMoreThanItsHalf) {
  limit_lamp(1);
  std::size_t pressed = 0;
  for (int i = 0; i < 600; ++i) {
    const std::array<std::uint8_t, 1> value{1};
    pressed += button.rooms->press(now, kButtonSlot, value);
    pass(Duration::milliseconds(100));
  }
  EXPECT_LE(said_, Duration::milliseconds(30 + 10 + 3));
  EXPECT_LE(lamp.executed.size(), pressed);
  EXPECT_GT(lamp.executed.size(), 10U);
}

TEST_F(RoomsDutyTest, APressIsGivenUpInTimeThoughNothingMayBeSent) {
  bind();
  conduct_.emplace(std::uint16_t{1});
  button.conduct = &*conduct_;
  button.restart(now);
  conduct_->on_room_frame(now, 10'000);
  press(1);
  pass(kPressLifetime - Duration::milliseconds(1));
  EXPECT_THAT(button.ends, IsEmpty());
  pass(Duration::milliseconds(1));
  EXPECT_THAT(button.ends, testing::ElementsAre(PressEnd::kTooLate));
  EXPECT_THAT(air, IsEmpty());
}

TEST_F(RoomsDutyTest, WithoutALimitNothingWaits) {
  limit_lamp(link::kFullAirtime_permille);
  press_in_fresh_sessions(100, Duration::milliseconds(10));
  EXPECT_THAT(lamp.executed, SizeIs(100));
  for (const PressEnd end : button.ends) EXPECT_EQ(end, PressEnd::kExecuted);
}

TEST_F(RoomsDutyTest, WhatABondsPeerAskedForIsNotAnsweredAfterItsEnd) {
  bind();
  press(1);
  std::array<std::uint8_t, kMaxBodyV1> room{};
  const PartFrame resume = button.rooms->next_frame(now, room);
  deliver({button.mac, resume.destination, Bytes(resume.body.begin(), resume.body.end())});
  EXPECT_LE(lamp.rooms->frame_at(), now) << "an answer is due";
  wire::Suback denied;
  denied.role = wire::Role::kProvider;
  denied.request = 1;
  denied.slot = kLampSlot;
  denied.kind = kLampKind;
  EXPECT_TRUE(lamp.hear(now, denied));
  EXPECT_EQ(lamp.rooms->frame_at(), kNever);
}

}  // namespace
}  // namespace espial::node
