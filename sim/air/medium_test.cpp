#include "sim/air/medium.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace espial::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using How = Arrival::How;

constexpr Channel kChannel{6};
constexpr RadioIndex kA = 0;
constexpr RadioIndex kB = 1;
constexpr RadioIndex kC = 2;

MacAddress mac(RadioIndex index) { return {{2, 0, 0, 0, 0, static_cast<std::uint8_t>(index)}}; }

Signal to(RadioIndex receiver, Channel channel = kChannel) {
  Signal signal;
  signal.channel = channel;
  signal.to = receiver;
  return signal;
}

class MediumTest : public testing::Test {
 protected:
  /// `x_m` metres along a line.
  void add(RadioIndex index, std::int32_t x_m, Channel channel = kChannel) {
    medium_.add(Instant{}, index, mac(index), Position{x_m * 100, 0}, channel);
  }
  /// How the signal of `from` that ends now arrived at `receiver`.
  std::optional<Arrival> end(Instant now, RadioIndex from, RadioIndex receiver) {
    medium_.end(now, from);
    for (const Arrival& arrival : medium_.arrivals()) {
      if (arrival.receiver == receiver) return arrival;
    }
    return std::nullopt;
  }

  Medium medium_{Medium::Settings{}};
};

TEST_F(MediumTest, ASignalArrivesWithTheStrengthOfItsDistance) {
  add(kA, 0);
  add(kB, 2);
  medium_.begin(Instant{100}, kA, to(kB));
  EXPECT_TRUE(medium_.senses(kB));
  const auto arrival = end(Instant{200}, kA, kB);
  ASSERT_TRUE(arrival.has_value());
  EXPECT_EQ(arrival->how, How::kWhole);
  EXPECT_EQ(arrival->dbm, -49);
  EXPECT_EQ(arrival->disturbance, 0U);
  EXPECT_FALSE(medium_.senses(kB));
}

TEST_F(MediumTest, ThoseItIsNotForDoNotGetIt) {
  add(kA, 0);
  add(kB, 2);
  add(kC, 3);
  medium_.begin(Instant{100}, kA, to(kB));
  medium_.end(Instant{200}, kA);
  EXPECT_EQ(medium_.arrivals().size(), 1U);
  medium_.begin(Instant{300}, kA, to(kToEverybody));
  medium_.end(Instant{400}, kA);
  EXPECT_EQ(medium_.arrivals().size(), 2U);
}

TEST_F(MediumTest, OfTwoEqualsTheFirstIsDisturbedAndTheSecondDrowned) {
  add(kA, -10);
  add(kB, 0);
  add(kC, 10);
  medium_.begin(Instant{100}, kA, to(kB));
  medium_.begin(Instant{150}, kC, to(kB));
  const auto first = end(Instant{200}, kA, kB);
  EXPECT_EQ(first->how, How::kWhole);
  EXPECT_EQ(dbm_of(first->disturbance), first->dbm);
  EXPECT_EQ(end(Instant{250}, kC, kB)->how, How::kDrowned);
}

TEST_F(MediumTest, AMuchStrongerOneIsFollowedWheneverItBegins) {
  add(kA, -40);
  add(kB, 0);
  add(kC, 5);
  medium_.begin(Instant{100}, kA, to(kB));
  medium_.begin(Instant{150}, kC, to(kB));
  const auto first = end(Instant{200}, kA, kB);
  EXPECT_EQ(first->how, How::kDrowned);
  const auto second = end(Instant{250}, kC, kB);
  EXPECT_EQ(second->how, How::kWhole);
  EXPECT_EQ(dbm_of(second->disturbance), first->dbm) << "though it is over";
}

TEST_F(MediumTest, NothingIsLeftOfAFrameThatIsOver) {
  add(kA, 0);
  add(kB, 10);
  add(kC, 12, Channel{7});
  medium_.begin(Instant{100}, kA, to(kB));
  EXPECT_EQ(end(Instant{200}, kA, kB)->how, How::kWhole);
  // The next of the same sender is no continuation of it.
  medium_.begin(Instant{290}, kC, to(kToNobody, Channel{7}));
  medium_.begin(Instant{300}, kA, to(kB));
  EXPECT_EQ(end(Instant{400}, kA, kB)->how, How::kDrowned);
}

TEST_F(MediumTest, InterferenceAddsUp) {
  add(kA, 0);
  add(kB, 2);
  for (RadioIndex i = 10; i < 20; ++i) add(i, 30);
  medium_.begin(Instant{100}, kA, to(kB));
  medium_.begin(Instant{110}, 10, to(kToNobody));
  const int one = dbm_of(Power{power_of(-40 - 43)});
  for (RadioIndex i = 11; i < 20; ++i) medium_.begin(Instant{110}, i, to(kToNobody));
  const auto arrival = end(Instant{200}, kA, kB);
  EXPECT_NEAR(dbm_of(arrival->disturbance), one + 10, 1);
}

TEST_F(MediumTest, WhoSendsHearsNothing) {
  add(kA, 0);
  add(kB, 2);
  medium_.begin(Instant{100}, kB, to(kToNobody));
  medium_.begin(Instant{110}, kA, to(kB));
  medium_.end(Instant{150}, kB);
  EXPECT_EQ(end(Instant{200}, kA, kB)->how, How::kMissed);
}

TEST_F(MediumTest, WhoBeginsToSendStopsListening) {
  add(kA, 0);
  add(kB, 2);
  medium_.begin(Instant{100}, kA, to(kB));
  medium_.begin(Instant{110}, kB, to(kToNobody));
  EXPECT_EQ(end(Instant{200}, kA, kB)->how, How::kMissed);
}

TEST_F(MediumTest, WhoComesLaterHasMissedTheBeginning) {
  add(kA, 0);
  add(kB, 2, Channel{1});
  medium_.begin(Instant{100}, kA, to(kB));
  EXPECT_FALSE(medium_.senses(kB));
  medium_.tune(Instant{150}, kB, kChannel);
  EXPECT_TRUE(medium_.senses(kB));
  EXPECT_EQ(end(Instant{200}, kA, kB)->how, How::kMissed);
  EXPECT_FALSE(medium_.senses(kB));
}

TEST_F(MediumTest, WhoGoesAwayAndComesBackHasLostIt) {
  add(kA, 0);
  add(kB, 2);
  medium_.begin(Instant{100}, kA, to(kB));
  medium_.set_on(Instant{120}, kB, false);
  medium_.set_on(Instant{130}, kB, true);
  EXPECT_EQ(end(Instant{200}, kA, kB)->how, How::kMissed);
}

TEST_F(MediumTest, AnAbortedSignalReachesNobodyAndLeavesNoTrace) {
  add(kA, 0);
  add(kB, 2);
  medium_.begin(Instant{100}, kA, to(kB));
  medium_.abort(Instant{150}, kA);
  EXPECT_THAT(medium_.arrivals(), IsEmpty());
  EXPECT_FALSE(medium_.senses(kB));
  medium_.begin(Instant{200}, kA, to(kB));
  EXPECT_EQ(end(Instant{300}, kA, kB)->disturbance, 0U);
}

TEST_F(MediumTest, ARadioThatSendsMovesWhenItIsDone) {
  add(kA, 0);
  add(kB, 2);
  medium_.begin(Instant{100}, kA, to(kB));
  medium_.move(Instant{150}, kA, Position{-200, 0});
  EXPECT_EQ(end(Instant{200}, kA, kB)->dbm, -49);
  medium_.begin(Instant{300}, kA, to(kB));
  EXPECT_EQ(end(Instant{400}, kA, kB)->dbm, -58);
}

TEST_F(MediumTest, WhoWaitsIsToldOfBeginningAndEnd) {
  add(kA, 0);
  add(kB, 2);
  add(kC, -2);
  medium_.set_waiting(kB, true);
  medium_.begin(Instant{100}, kA, to(kToNobody));
  EXPECT_THAT(medium_.noticed(), ElementsAre(kB));
  medium_.begin(Instant{110}, kC, to(kToNobody));
  medium_.end(Instant{200}, kA);
  EXPECT_THAT(medium_.calmed(), IsEmpty());
  medium_.end(Instant{210}, kC);
  EXPECT_THAT(medium_.calmed(), ElementsAre(kB));
}

TEST_F(MediumTest, NeighbourChannelsDisturbAndAreNotDecoded) {
  add(kA, 0, Channel{6});
  add(kB, 2, Channel{6});
  add(kC, 3, Channel{8});
  medium_.begin(Instant{100}, kC, to(kToEverybody, Channel{8}));
  EXPECT_TRUE(medium_.senses(kB)) << "near enough for energy";
  medium_.begin(Instant{110}, kA, to(kB));
  EXPECT_EQ(end(Instant{200}, kA, kB)->how, How::kDrowned);
  medium_.end(Instant{300}, kC);
  EXPECT_THAT(medium_.arrivals(), IsEmpty());
}

TEST_F(MediumTest, DistantChannelsDoNotDisturb) {
  add(kA, 0, Channel{1});
  add(kB, 2, Channel{1});
  add(kC, 3, Channel{13});
  medium_.begin(Instant{100}, kC, to(kToEverybody, Channel{13}));
  EXPECT_FALSE(medium_.senses(kB));
  medium_.begin(Instant{110}, kA, to(kB, Channel{1}));
  EXPECT_EQ(end(Instant{200}, kA, kB)->disturbance, 0U);
}

TEST_F(MediumTest, ASpillingSignalIsDecodedOneChannelAway) {
  add(kA, 0, Channel{6});
  add(kB, 2, Channel{7});
  add(kC, 2, Channel{8});
  Signal signal = to(kToEverybody);
  signal.spills = true;
  medium_.begin(Instant{100}, kA, signal);
  EXPECT_TRUE(end(Instant{200}, kA, kB)->spilled);
  EXPECT_EQ(medium_.arrivals().size(), 1U);
}

TEST_F(MediumTest, WhoDecodesAFrameLeavesRoomForItsAcknowledgement) {
  add(kA, 0);
  add(kB, 2);
  add(kC, 4);
  Signal signal = to(kB);
  signal.reserves = Duration{314};
  medium_.begin(Instant{100}, kA, signal);
  medium_.end(Instant{200}, kA);
  EXPECT_EQ(medium_.reserved_until(kC), Instant{514});
}

}  // namespace
}  // namespace espial::sim
