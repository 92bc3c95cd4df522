#include "sim/air/propagation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/splitmix.hpp"

namespace espial::sim {
namespace {

constexpr std::uint64_t kSeed = 5;

MacAddress mac(std::uint32_t number) {
  return {{2, 0, 0, 0, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)}};
}

TEST(PropagationTest, EachDoublingOfTheDistanceCostsTheSame) {
  const Propagation propagation;
  const auto loss = [&](std::int32_t x_cm) {
    return path_loss_db(propagation, Position{0, 0}, Position{x_cm, 0});
  };
  EXPECT_EQ(loss(0), 60);
  EXPECT_EQ(loss(100), 60);
  EXPECT_EQ(loss(200), 69);
  EXPECT_EQ(loss(1600), 96);
  EXPECT_EQ(loss(-1600), 96);
  EXPECT_EQ(path_loss_db(propagation, Position{300, 0}, Position{0, 400}), loss(500));
}

TEST(PropagationTest, FollowsTheFormula) {
  const Propagation propagation;
  for (std::int32_t metres = 1; metres < 20'000; metres += 7) {
    const int loss = path_loss_db(propagation, Position{}, Position{metres * 100, 0});
    EXPECT_NEAR(loss, 60 + 9 * std::log2(metres), 1.3) << metres << " m";
  }
}

TEST(PropagationTest, TheFarEndsOfTheWorldDoNotOverflow) {
  EXPECT_GT(path_loss_db({}, Position{INT32_MIN, INT32_MIN}, Position{INT32_MAX, INT32_MAX}), 150);
}

TEST(PropagationTest, RadiosWithoutAPlaceAreInOneRoom) {
  EXPECT_EQ(path_loss_db({}, std::nullopt, Position{100'000, 0}), 75);
  EXPECT_EQ(path_loss_db({}, std::nullopt, std::nullopt), 75);
}

TEST(PropagationTest, AShadowIsTheSameBothWaysAndEveryTime) {
  Propagation propagation;
  propagation.shadowing_db = 8;
  bool differs = false;
  for (std::uint32_t i = 0; i < 100; ++i) {
    const int shadow = shadow_db(propagation, kSeed, mac(i), mac(1000));
    EXPECT_EQ(shadow, shadow_db(propagation, kSeed, mac(1000), mac(i)));
    differs = differs || shadow != shadow_db(propagation, kSeed + 1, mac(i), mac(1000));
  }
  EXPECT_TRUE(differs);
}

TEST(PropagationTest, ShadowsHaveTheStandardDeviationAskedFor) {
  Propagation propagation;
  propagation.shadowing_db = 8;
  double sum = 0;
  double squares = 0;
  constexpr int kPairs = 10'000;
  for (std::uint32_t i = 0; i < kPairs; ++i) {
    const int shadow = shadow_db(propagation, kSeed, mac(i), mac(60'000));
    sum += shadow;
    squares += shadow * shadow;
  }
  EXPECT_NEAR(sum / kPairs, 0, 0.5);
  EXPECT_NEAR(std::sqrt(squares / kPairs), 8, 0.5);
}

TEST(PropagationTest, FadingKeepsTheMeanPower) {
  Propagation propagation;
  propagation.fading_percent = 100;
  double power = 0;
  int deepest = 0;
  constexpr int kFrames = 6400;
  SplitMix random(kSeed);
  for (int i = 0; i < kFrames; ++i) {
    const int fade = fade_db(propagation, random.next());
    power += std::pow(10, fade / 10.0);
    deepest = std::min(deepest, fade);
  }
  EXPECT_NEAR(power / kFrames, 1, 0.05);
  EXPECT_EQ(deepest, -21);
}

TEST(PropagationTest, NeitherShadowNorFadingUnlessAskedFor) {
  EXPECT_EQ(shadow_db({}, kSeed, mac(1), mac(2)), 0);
  EXPECT_EQ(fade_db({}, 0), 0);
}

TEST(PropagationTest, ChannelsDriftApart) {
  EXPECT_EQ(channel_distance_loss_db(Channel{6}, Channel{6}), 0);
  int before = 0;
  for (std::uint8_t away = 1; away <= 6; ++away) {
    const int loss =
        channel_distance_loss_db(Channel{1}, Channel{static_cast<std::uint8_t>(1 + away)});
    EXPECT_GT(loss, before);
    EXPECT_EQ(loss,
              channel_distance_loss_db(Channel{static_cast<std::uint8_t>(1 + away)}, Channel{1}));
    before = loss;
  }
  EXPECT_EQ(channel_distance_loss_db(Channel{1}, Channel{8}), kInaudible);
}

}  // namespace
}  // namespace espial::sim
