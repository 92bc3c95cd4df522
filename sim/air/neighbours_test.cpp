#include "sim/air/neighbours.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace espial::sim {
namespace {

MacAddress mac(RadioIndex index) {
  return {{2, 0, 0, 0, static_cast<std::uint8_t>(index >> 8U), static_cast<std::uint8_t>(index)}};
}

std::map<RadioIndex, int> losses(const Neighbours& neighbours, RadioIndex index) {
  std::map<RadioIndex, int> found;
  for (RadioIndex other = 0; other < neighbours.size(); ++other) {
    const std::uint8_t loss_db = neighbours.losses_of(index)[other];
    if (loss_db != Neighbours::kDeaf) found[other] = loss_db;
  }
  return found;
}

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::int32_t kFarAway_cm = 100'000'00;

TEST(NeighboursTest, KnowEachOtherBothWays) {
  Neighbours neighbours(1, {});
  neighbours.add(0, mac(0), Position{0, 0});
  neighbours.add(1, mac(1), Position{200, 0});
  neighbours.add(2, mac(2), Position{kFarAway_cm, 0});
  EXPECT_THAT(losses(neighbours, 0), ElementsAre(Pair(1, 69)));
  EXPECT_THAT(losses(neighbours, 1), ElementsAre(Pair(0, 69)));
  EXPECT_THAT(losses(neighbours, 2), IsEmpty());
}

TEST(NeighboursTest, WhoMovesGetsOthers) {
  Neighbours neighbours(1, {});
  neighbours.add(0, mac(0), Position{0, 0});
  neighbours.add(1, mac(1), Position{200, 0});
  neighbours.add(2, mac(2), Position{kFarAway_cm, 0});
  neighbours.move(1, {kFarAway_cm, 100});
  EXPECT_THAT(losses(neighbours, 0), IsEmpty());
  EXPECT_THAT(losses(neighbours, 1), ElementsAre(Pair(2, 60)));
  EXPECT_THAT(losses(neighbours, 2), ElementsAre(Pair(1, 60)));
}

TEST(NeighboursTest, WhoGoesIsForgottenAndThePlaceUsedAgain) {
  Neighbours neighbours(1, {});
  neighbours.add(0, mac(0), std::nullopt);
  neighbours.add(1, mac(1), std::nullopt);
  neighbours.remove(0);
  EXPECT_THAT(losses(neighbours, 1), IsEmpty());
  neighbours.add(0, mac(7), Position{0, 0});
  EXPECT_THAT(losses(neighbours, 1), ElementsAre(Pair(0, 75)));
}

TEST(NeighboursTest, AShadowBelongsToThePairWhereverItGoes) {
  Propagation propagation;
  propagation.shadowing_db = 6;
  Neighbours neighbours(1, propagation);
  neighbours.add(0, mac(0), Position{0, 0});
  neighbours.add(1, mac(1), Position{100, 0});
  const int here = losses(neighbours, 0).at(1);
  neighbours.move(1, {200, 0});
  EXPECT_EQ(losses(neighbours, 0).at(1), here + 9);
  EXPECT_EQ(losses(neighbours, 1).at(0), here + 9);
}

}  // namespace
}  // namespace espial::sim
