#include "sim/network/cut_plan.hpp"

#include <gtest/gtest.h>

#include "ports/linux/crypto_sodium.hpp"
#include "sim/network/failed_cuts.hpp"
#include "sim/network/reduction.hpp"

namespace espial::sim {
namespace {

TEST(CutPlanTest, EveryPointHasAWordOfItsOwn) {
  for (std::size_t i = 0; i < kCutPoints; ++i) {
    const auto point = static_cast<CutPoint>(i);
    EXPECT_EQ(cut_point_named(word_for(point)), point) << word_for(point);
  }
  EXPECT_EQ(word_for(CutPoint::kReportDurable), "hub_report_durable_not_told");
  EXPECT_FALSE(cut_point_named("hub: idle"));
}

/// What another run of cuts had covered decides where the first one cuts; told where, the second
/// one needs nothing of that.
TEST(CutPlanTest, ToldWhereItWasCutARunIsTheSameAgain) {
  CryptoSodium crypto;
  CutCoverage coverage;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Scenario scenario = draw_cut_scenario(seed);
    Simulation first(scenario, crypto);
    first.cut_power(coverage);
    first.run();
    ASSERT_FALSE(first.cuts().empty());
    scenario.cuts = first.cuts();
    Simulation second(scenario, crypto);
    while (second.run_for(Duration::seconds(7))) {
    }
    EXPECT_EQ(second.network().digest(), first.network().digest()) << seed;
    EXPECT_EQ(second.cuts(), first.cuts());
  }
}

TEST(CutPlanTest, ToldOfNoPointItCutsNowhere) {
  CryptoSodium crypto;
  Scenario scenario = draw_cut_scenario(3);
  scenario.cuts.emplace();
  Simulation simulation(scenario, crypto);
  simulation.run();
  EXPECT_TRUE(simulation.cuts().empty());
  EXPECT_TRUE(simulation.violations().empty());
}

/// As the boards that a cut is for have been left out.
TEST(CutPlanTest, PassesOverWhatCannotComeAnyMore) {
  CryptoSodium crypto;
  Scenario scenario = draw_cut_scenario(3);
  for (BoardSettings& board : scenario.network.boards) board.room.reset();
  scenario.cuts = {CutPoint::kBondsTorn, CutPoint::kHubIdle};
  Simulation simulation(scenario, crypto);
  simulation.run();
  EXPECT_EQ(simulation.cuts(), std::vector{CutPoint::kHubIdle});
}

TEST(CutPlanTest, CutsThatFailedOnceKeepEveryPromise) {
  CryptoSodium crypto;
  for (const FailedCuts& failed : failed_cuts()) {
    SCOPED_TRACE("espial sim --seed " + std::to_string(failed.seed) + to_options(failed.left));
    const auto scenario = reduced(draw_cut_scenario(failed.seed), failed.left);
    ASSERT_TRUE(scenario);
    Simulation simulation(*scenario, crypto);
    simulation.run();
    EXPECT_EQ(simulation.cuts(), failed.left.cuts) << "not all of the cuts come any more";
    for (const auto& [what, entry] : simulation.violations().entries()) {
      ADD_FAILURE() << what << ", first at " << entry.first_at.us / 1000 << " ms: " << entry.first;
    }
  }
}

}  // namespace
}  // namespace espial::sim
