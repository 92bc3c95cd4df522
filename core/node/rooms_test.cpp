#include "core/node/rooms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "core/node/rooms_fixture_test.hpp"

namespace espial::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RoomsTest : public RoomsFixture {};

TEST_F(RoomsTest, AButtonWorksTheLampOnceItIsBound) {
  bind();
  EXPECT_THAT(button.heard, ElementsAre("bound"));
  press(7);
  pass(Duration::milliseconds(1));
  EXPECT_THAT(lamp.executed, ElementsAre(7));
  EXPECT_THAT(button.ends, ElementsAre(PressEnd::kExecuted));
  EXPECT_THAT(button.heard, ElementsAre("bound", "here"));
  EXPECT_THAT(lamp.heard, ElementsAre("bound", "here"));
  EXPECT_EQ(air.size(), 4U) << "RESUME, its answer, the command, its end";
  press(8);
  pass(Duration::milliseconds(1));
  EXPECT_THAT(lamp.executed, ElementsAre(7, 8));
  EXPECT_EQ(air.size(), 6U);
  EXPECT_EQ(button.rooms->frame_at(), kNever);
}

TEST_F(RoomsTest, WhatTheLampRefusesIsToldSo) {
  bind();
  lamp.outcome = wire::Outcome::kRefused;
  press(7);
  pass(Duration::milliseconds(1));
  EXPECT_THAT(button.ends, ElementsAre(PressEnd::kRefused));
}

TEST_F(RoomsTest, UnderAnyLossEveryPressRunsExactlyOnceAndInOrder) {
  bind();
  std::uint32_t drawn = 12345;
  lose = [&drawn](const OnAir&) {
    drawn = drawn * 1664525U + 1013904223U;
    return drawn >> 24U < 64;  // one of four
  };
  std::vector<int> pressed;
  for (int i = 0; i < 200; ++i) {
    press(static_cast<std::uint8_t>(i));
    pressed.push_back(i);
    pass(kPressLifetime);
  }
  EXPECT_EQ(lamp.executed, pressed);
  EXPECT_EQ(button.ends, std::vector<PressEnd>(200, PressEnd::kExecuted));
  EXPECT_GT(lamp.rooms->counters().repeated, 0U);
}

TEST_F(RoomsTest, ALampThatWasResetMidwayNeverRunsAPressTwice) {
  bind();
  press(1);
  pass(Duration::milliseconds(1));
  // The lamp runs it, loses power, and its answer never was.
  lose = [this](const OnAir& sent) { return sent.source == lamp.mac; };
  press(2);
  pass(Duration::milliseconds(1));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2));
  lamp.restart(now);
  lose = nullptr;
  pass(Duration::seconds(5));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2));
  EXPECT_THAT(button.ends, ElementsAre(PressEnd::kExecuted, PressEnd::kUnknown));
  press(3);
  pass(Duration::seconds(1));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2, 3)) << "bound still, from its settings";
}

TEST_F(RoomsTest, ALampThatWasResetBeforehandRunsTheFirstPressToo) {
  bind();
  press(1);
  pass(Duration::seconds(1));
  lamp.restart(now);
  pass(Duration::seconds(1));
  press(2);
  pass(Duration::seconds(2));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2));
}

TEST_F(RoomsTest, AButtonThatWasResetCountsAnew) {
  bind();
  for (std::uint8_t i = 1; i <= 3; ++i) press(i);
  pass(Duration::seconds(1));
  button.restart(now);
  press(4);
  pass(Duration::seconds(1));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2, 3, 4));
}

TEST_F(RoomsTest, AReplayerGetsNothingRun) {
  bind();
  press(1);
  press(2);
  pass(Duration::seconds(1));
  const std::deque<OnAir> before = air;
  for (int round = 0; round < 2; ++round) {
    for (const OnAir& sent : before) {
      deliver(sent);
      exchange();
    }
  }
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2));
  lamp.restart(now);
  pass(Duration::seconds(1));
  for (const OnAir& sent : before) {
    deliver(sent);
    exchange();
  }
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2)) << "other randoms, other keys";
  press(3);
  pass(Duration::seconds(2));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2, 3)) << "a replayed RESUME ends nothing";
}

TEST_F(RoomsTest, AForgerGetsNothingRun) {
  bind();
  press(1);
  pass(Duration::milliseconds(1));
  const std::deque<OnAir> before = air;
  for (const OnAir& sent : before) {
    for (std::size_t at = 0; at < sent.body.size(); ++at) {
      OnAir forged = sent;
      forged.body[at] ^= 0x40U;
      deliver(forged);
    }
    OnAir other = sent;
    other.source.octets[5] = 77;
    deliver(other);
  }
  exchange();
  EXPECT_THAT(lamp.executed, ElementsAre(1));
  EXPECT_GT(lamp.rooms->counters().refused, 0U);
}

TEST_F(RoomsTest, NoCounterIsUsedTwiceWithAKeyOverResetsOfEither) {
  bind();
  std::set<Bytes> headers;
  std::set<Bytes> randoms;
  for (int round = 0; round < 6; ++round) {
    press(static_cast<std::uint8_t>(round));
    pass(Duration::seconds(12));
    if (round % 2 == 0) lamp.restart(now);
    if (round % 3 == 0) button.restart(now);
  }
  for (const OnAir& sent : air) {
    const auto auth = wire::parse_auth(view(sent.body));
    if (!auth) continue;
    EXPECT_TRUE(randoms.emplace(auth->key.begin(), auth->key.end()).second);
  }
  EXPECT_GE(randoms.size(), 8U);
}

TEST_F(RoomsTest, APressThatNobodyAnswersIsGivenUpInTime) {
  bind();
  lose = [](const OnAir&) { return true; };
  press(1);
  pass(kPressLifetime - Duration::milliseconds(1));
  EXPECT_THAT(button.ends, IsEmpty());
  pass(Duration::milliseconds(1));
  EXPECT_THAT(button.ends, ElementsAre(PressEnd::kTooLate));
  lose = nullptr;
  pass(Duration::seconds(20));
  EXPECT_THAT(lamp.executed, IsEmpty());
  EXPECT_LT(air.size(), 40U);
}

TEST_F(RoomsTest, APeerThatFellSilentIsGoneAndComesBack) {
  bind();
  press(1);
  pass(Duration::seconds(1));
  lose = [](const OnAir&) { return true; };
  press(2);
  pass(Duration::seconds(5));
  EXPECT_THAT(button.heard, ElementsAre("bound", "here", "gone"));
  lose = nullptr;
  pass(Duration::seconds(2));
  EXPECT_THAT(button.heard, ElementsAre("bound", "here", "gone", "here"));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2)) << "the lamp ran on: sent again it ran once";
}

TEST_F(RoomsTest, TooManyPressesAreRefused) {
  bind();
  lose = [](const OnAir&) { return true; };
  for (std::size_t i = 0; i < kMaxPresses; ++i) press(1);
  EXPECT_EQ(button.rooms->press(now, kButtonSlot, {}), 0U);
  EXPECT_EQ(button.rooms->press(now, kButtonSlot + 1, {}), 0U) << "a slot that is not bound";
}

TEST_F(RoomsTest, BondsSurviveAResetAndAreConfirmed) {
  bind();
  button.restart(now);
  lamp.restart(now);
  EXPECT_EQ(button.rooms->send_at(), now + kBondConfirm) << "a session that goes on knows";
  button.rooms->begin_session();
  lamp.rooms->begin_session();
  EXPECT_THAT(button.asks(now), testing::SizeIs(1));
  const auto asked = lamp.asks(now);
  ASSERT_THAT(asked, testing::SizeIs(1));
  EXPECT_EQ(asked[0].role, wire::Role::kProvider);
  EXPECT_EQ(asked[0].peer, button.mac);
  EXPECT_TRUE(button.rooms->bind(now, kButtonSlot, kLampKind)) << "it is bound already";
  EXPECT_THAT(button.asks(now), IsEmpty());
  told(1);
  EXPECT_EQ(button.rooms->send_at(), now + kBondConfirm);
  EXPECT_THAT(button.heard, ElementsAre("bound")) << "no news";
}

TEST_F(RoomsTest, ANewPairKeyReplacesTheOldOne) {
  bind();
  press(1);
  pass(Duration::seconds(1));
  told(1, 10);
  press(2);
  pass(Duration::seconds(1));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2));
  EXPECT_EQ(lamp.rooms->counters().sessions, 2U);
}

TEST_F(RoomsTest, WhatTheCoordinatorDeniesIsForgotten) {
  bind();
  wire::Suback no;
  no.request = 1;
  no.slot = kButtonSlot;
  no.kind = kLampKind;
  EXPECT_TRUE(button.hear(now, no));
  EXPECT_THAT(button.heard, ElementsAre("bound", "unbound"));
  EXPECT_EQ(button.rooms->press(now, kButtonSlot, {}), 0U);
  button.restart(now);
  EXPECT_THAT(button.asks(now), IsEmpty());
}

TEST_F(RoomsTest, AWishThatNobodyOffersIsAskedAgain) {
  ASSERT_TRUE(button.rooms->bind(now, kButtonSlot, kLampKind));
  const auto asked = button.asks(now);
  EXPECT_EQ(button.rooms->send_at(), now + kBondAskAgain);
  wire::Suback no;
  no.request = asked[0].request;
  no.slot = kButtonSlot;
  no.kind = kLampKind;
  EXPECT_TRUE(button.hear(now, no));
  EXPECT_EQ(button.rooms->send_at(), now + kBondNobody);
}

TEST_F(RoomsTest, UnbindingTellsThePeerWithNobodyElseThere) {
  bind();
  press(1);
  pass(Duration::seconds(1));
  button.rooms->unbind(now, kButtonSlot);
  pass(Duration::seconds(1));
  EXPECT_THAT(button.heard, ElementsAre("bound", "here", "unbound"));
  EXPECT_THAT(lamp.heard, ElementsAre("bound", "here", "unbound"));
  lamp.restart(now);
  EXPECT_THAT(lamp.asks(now), IsEmpty());
}

TEST_F(RoomsTest, ABondThatIsMadeAnewBeforeTheLampKnowsThatItEndedCountsOn) {
  bind();
  press(1);
  pass(Duration::seconds(1));
  lose = [](const OnAir&) { return true; };
  button.rooms->unbind(now, kButtonSlot);
  pass(Duration::seconds(1));
  lose = nullptr;
  bind();
  press(2);
  pass(Duration::seconds(1));
  EXPECT_THAT(button.ends, ElementsAre(PressEnd::kExecuted, PressEnd::kExecuted));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2));
}

TEST_F(RoomsTest, WhatSomebodyHeldBackSwitchesNothingWhenNobodyExpectsIt) {
  bind();
  press(1);
  pass(Duration::seconds(1));
  lose = [this](const OnAir& sent) { return sent.source == button.mac; };
  press(2);
  pass(Duration::milliseconds(1));
  const OnAir held = air.back();
  pass(kPressLifetime);
  EXPECT_THAT(button.ends, ElementsAre(PressEnd::kExecuted, PressEnd::kTooLate));
  lose = nullptr;
  pass(kPressLifetime);
  deliver(held);
  EXPECT_THAT(lamp.executed, ElementsAre(1));
  press(3);
  pass(Duration::seconds(1));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 3));
}

TEST_F(RoomsTest, NorTheFirstOfASession) {
  bind();
  std::optional<OnAir> held;
  lose = [&held](const OnAir& sent) {
    if (wire::peek_type(view(sent.body)) != wire::PacketType::kSealed) return false;
    held = sent;
    return true;
  };
  press(1);
  pass(kPressLifetime);
  ASSERT_TRUE(held);
  pass(kPressLifetime + Duration::seconds(1));
  deliver(*held);
  EXPECT_THAT(lamp.executed, IsEmpty());
}

TEST_F(RoomsTest, ALampFullOfBondsGivesUpOneItHasNotHeard) {
  bind();
  press(1);
  pass(Duration::seconds(1));
  wire::Suback other;
  other.success = true;
  other.role = wire::Role::kProvider;
  other.slot = kLampSlot;
  other.kind = kLampKind;
  for (std::uint8_t i = 0; i < 2 * kMaxBonds; ++i) {
    other.peer = {{9, 9, 9, 9, 9, i}};
    EXPECT_TRUE(lamp.hear(now, other));
  }
  std::size_t used = 0;
  for (const Bond& bond : lamp.rooms->bonds()) used += bond.used ? 1 : 0;
  EXPECT_EQ(used, kMaxBonds);
  press(2);
  pass(Duration::seconds(1));
  EXPECT_THAT(lamp.executed, ElementsAre(1, 2)) << "the one that it hears stays";
}

TEST_F(RoomsTest, ASleepersButtonStaysAwakeUntilItsPressHasEnded) {
  bind();
  EXPECT_FALSE(button.rooms->moves());
  press(1);
  EXPECT_TRUE(button.rooms->moves());
  pass(Duration::seconds(1));
  EXPECT_FALSE(button.rooms->moves());
}

}  // namespace
}  // namespace espial::node
