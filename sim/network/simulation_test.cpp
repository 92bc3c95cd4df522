#include "sim/network/simulation.hpp"

#include <gtest/gtest.h>

#include "ports/linux/crypto_sodium.hpp"

namespace espial::sim {
namespace {

/// Enough to meet every kind of fault many times in a few seconds; CI's own share is larger.
constexpr std::uint64_t kSeeds = 60;

TEST(Simulation, ManySeedsKeepEveryPromiseAndMeetEveryFault) {
  CryptoSodium crypto;
  FaultPlan::Counts met{};
  std::array<std::uint64_t, kStoreSteps> cuts{};
  std::uint64_t takeovers = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("espial sim --seed " + std::to_string(seed));
    Simulation simulation(draw_scenario(seed), crypto);
    simulation.run();
    for (const auto& [what, entry] : simulation.violations().entries()) {
      ADD_FAILURE() << what << ", " << entry.count << " times, first at "
                    << entry.first_at.us / 1000 << " ms: " << entry.first;
    }
    takeovers += simulation.network().hub().takeovers();
    for (std::size_t i = 0; i < kFaults; ++i) met[i] += simulation.faults().counts()[i];
    for (std::size_t i = 0; i < kStoreSteps; ++i) {
      cuts[i] += simulation.network().hub().store().counters().cuts[i];
    }
  }
  for (std::size_t i = 0; i < kFaults; ++i) {
    EXPECT_GT(met[i], 10U) << to_text(static_cast<Fault>(i)) << " was not seen";
  }
  EXPECT_GT(takeovers, 10U);
  for (std::size_t i = 0; i < kStoreSteps; ++i) EXPECT_GT(cuts[i], 5U) << "store step " << i;
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
