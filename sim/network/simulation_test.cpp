#include "sim/network/simulation.hpp"

#include <gtest/gtest.h>

#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/failed_seeds.hpp"
#include "sim/network/happenings.hpp"

namespace espial::sim {
namespace {

/// Enough to meet every kind of fault many times in a few seconds; CI's own share is larger.
constexpr std::uint64_t kSeeds = 120;

void expect_kept(const Simulation& simulation) {
  for (const auto& [what, entry] : simulation.violations().entries()) {
    ADD_FAILURE() << what << ", " << entry.count << " times, first at " << entry.first_at.us / 1000
                  << " ms: " << entry.first;
  }
}

TEST(Simulation, ManySeedsKeepEveryPromiseAndMeetEveryFault) {
  CryptoSodium crypto;
  ASSERT_TRUE(HeapWatch::counts()) << "what core takes from the heap would not be seen";
  std::vector<Happening> met;
  std::array<std::uint64_t, kStoreSteps> cuts{};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("espial sim --seed " + std::to_string(seed));
    Simulation simulation(draw_scenario(seed), crypto);
    simulation.run();
    expect_kept(simulation);
    add(met, happenings_of(simulation));
    for (std::size_t i = 0; i < kStoreSteps; ++i) {
      cuts[i] += simulation.network().hub().store().counters().cuts[i];
    }
  }
  for (const Happening& happening : met) {
    EXPECT_GT(happening.count, 10U) << happening.name << " was not seen";
  }
  for (std::size_t i = 0; i < kStoreSteps; ++i) EXPECT_GT(cuts[i], 5U) << "store step " << i;
}

TEST(Simulation, SeedsThatFailedOnceKeepEveryPromise) {
  CryptoSodium crypto;
  for (const std::uint64_t seed : kFailedSeeds) {
    SCOPED_TRACE("espial sim --seed " + std::to_string(seed));
    Simulation simulation(draw_scenario(seed), crypto);
    simulation.run();
    expect_kept(simulation);
  }
}

TEST(Simulation, PowerIsCutAtEveryPointAndEveryPromiseKept) {
  constexpr std::uint64_t kCuts = 4'000;
  CryptoSodium crypto;
  CutCoverage coverage;
  for (std::uint64_t seed = 1; coverage.total < kCuts; ++seed) {
    SCOPED_TRACE("run " + std::to_string(seed));
    Simulation simulation(draw_cut_scenario(seed), crypto);
    simulation.cut_power(coverage);
    simulation.run();
    expect_kept(simulation);
    ASSERT_LT(seed, kCuts);
  }
  for (std::size_t i = 0; i < kCutPoints; ++i) {
    EXPECT_GT(coverage.cuts[i], 2U) << to_text(static_cast<CutPoint>(i));
  }
}

/// A network as a person asks for it, half of it asleep: everything arrives, and a reading costs a
/// sleeper little time on the radio.
TEST(Simulation, SleepersDeliverEverything) {
  CryptoSodium crypto;
  PlainNetwork plain;
  plain.sleeper_percent = 50;
  plain.span = Duration::seconds(1800);
  plain.loss_permille = 100;
  Simulation simulation(plain_scenario(plain), crypto);
  simulation.run();
  expect_kept(simulation);
  EXPECT_EQ(simulation.reports().totals().stored, simulation.reports().totals().submitted);
  Duration radio_on;
  std::uint64_t wakes = 0;
  for (std::uint32_t i = 0; i < simulation.network().board_count(); ++i) {
    const Board& board = simulation.network().board(i);
    if (!board.settings().sleeper) continue;
    radio_on = radio_on + board.radio_on();
    wakes += board.sleeps();
  }
  EXPECT_GT(wakes, 1000U);
  EXPECT_LT(radio_on.ms() / static_cast<std::int64_t>(wakes), 100);
}

TEST(Simulation, EqualSeedsMakeEqualRuns) {
  CryptoSodium crypto;
  const auto digest = [&](std::uint64_t seed) {
    Simulation simulation(draw_scenario(seed), crypto);
    simulation.run();
    return simulation.network().digest();
  };
  EXPECT_EQ(digest(3), digest(3));
  EXPECT_NE(digest(3), digest(4));
}

}  // namespace
}  // namespace espial::sim
