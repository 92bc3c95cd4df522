// A house of S0's next door with Espial boards in it: what they measure arrives, what its people
// wish is done, whatever befalls it; and the network beside it is none the worse.

#include "sim/network/s0_neighbour.hpp"

#include <gtest/gtest.h>

#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/simulation.hpp"

namespace espial::sim {
namespace {

Scenario house_beside_network(std::uint64_t seed) {
  PlainNetwork plain;
  plain.seed = seed;
  plain.boards = 2;
  plain.span = Duration::seconds(300);
  plain.square_m = 0;
  Scenario scenario = plain_scenario(plain);
  S0NeighbourSettings& house = scenario.network.neighbour.emplace();
  house.seed = seed;
  house.channel = Channel{11};
  for (std::uint64_t i = 0; i < 3; ++i) {
    S0BoardSettings& board = house.boards.emplace_back();
    board.seed = seed * 10 + i;
    board.clock_origin = Instant{-5'000'000};
  }
  return scenario;
}

void expect_kept(const Simulation& simulation) {
  for (const auto& [what, entry] : simulation.violations().entries()) {
    ADD_FAILURE() << what << ": " << entry.first;
  }
}

/// What was measured by somebody, and what a server heard.
class Counts final : public Observer {
 public:
  void on_s0_measured(Instant, std::uint32_t, std::size_t, std::int16_t) override { ++measured; }
  void on_s0_reading(Instant, std::uint32_t, std::size_t, std::int16_t) override { ++heard; }
  void on_s0_told(Instant, std::uint32_t, std::size_t, std::int32_t) override { ++told; }

  std::uint64_t measured = 0;
  std::uint64_t heard = 0;
  std::uint64_t told = 0;
};

TEST(S0Neighbour, InGoodAirEveryReadingIsHeardAndEveryWishIsDone) {
  CryptoSodium crypto;
  Simulation simulation(house_beside_network(1), crypto);
  Counts counts;
  simulation.add_observer(counts);
  simulation.run();
  expect_kept(simulation);
  const S0Neighbour& house = *simulation.network().neighbour();
  EXPECT_GT(counts.measured, 150U);
  // Until a board has found the server, a newer reading takes the place of an older one.
  EXPECT_GE(counts.heard + 3 * S0Board::kSlots, counts.measured);
  EXPECT_LE(counts.heard, counts.measured);
  EXPECT_GT(counts.told, 5U);
  EXPECT_GE(house.executed() + 1, counts.told);
  EXPECT_GT(house.echoes(), 0U);
}

TEST(S0Neighbour, WhateverBefallsItIsOverInTheEnd) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Scenario scenario = house_beside_network(seed);
    scenario.network.air.loss_permille = 200;
    scenario.network.air.drop_permille = 100;
    scenario.network.air.duplicate_permille = 100;
    scenario.network.air.corrupt_permille = seed % 2 == 0 ? 100 : 0;
    scenario.faults.mean_gap[static_cast<std::size_t>(Fault::kNeighbour)] = Duration::seconds(10);
    CryptoSodium crypto;
    Simulation simulation(scenario, crypto);
    simulation.run();
    expect_kept(simulation);
    EXPECT_GT(simulation.faults().counts()[static_cast<std::size_t>(Fault::kNeighbour)], 5U);
    EXPECT_GT(simulation.network().neighbour()->executed(), 0U);
  }
}

TEST(S0Neighbour, TheCheckerSeesAReadingThatNobodyMadeAndADeedThatNobodyWanted) {
  Violations violations;
  S0Check check(violations, 1);
  check.on_s0_measured(Instant{}, 0, 1, 2'000);
  check.on_s0_told(Instant{}, 0, 0, 21);
  check.on_s0_reading(Instant{}, 0, 1, 2'000);
  check.on_s0_executed(Instant{}, 0, 0, 21);
  EXPECT_TRUE(violations.empty());
  check.on_s0_reading(Instant{}, 0, 1, 2'001);
  check.on_s0_executed(Instant{}, 0, 0, 22);
  EXPECT_EQ(violations.entries().size(), 2U);
}

}  // namespace
}  // namespace espial::sim
