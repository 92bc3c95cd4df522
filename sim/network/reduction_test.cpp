#include "sim/network/reduction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/linux/crypto_sodium.hpp"

namespace espial::sim {
namespace {

using testing::ElementsAre;

constexpr auto kIgnore = [](const Reduction&) {};

/// A scenario of which two boards and one kind of fault matter.
bool needs_two_boards_and_link_cuts(const Scenario& scenario) {
  bool first = false;
  bool second = false;
  const Scenario whole = draw_scenario(5);
  for (const BoardSettings& board : scenario.network.boards) {
    first = first || board.seed == whole.network.boards[1].seed;
    second = second || board.seed == whole.network.boards[2].seed;
  }
  const auto link_cut = static_cast<std::size_t>(Fault::kLinkCut);
  return first && second && scenario.faults.mean_gap[link_cut] > Duration{};
}

Scenario rich_scenario() {
  Scenario scenario = draw_scenario(5);
  scenario.faults.mean_gap.fill(Duration::seconds(10));
  while (scenario.network.boards.size() < 6) {
    scenario.network.boards.push_back(scenario.network.boards.back());
  }
  return scenario;
}

TEST(Reduction, KeepsWhatMattersAndNothingElse) {
  const Reduction least = shrink(rich_scenario(), needs_two_boards_and_link_cuts, 1000, kIgnore);
  EXPECT_THAT(*least.boards, ElementsAre(1, 2));
  EXPECT_THAT(*least.faults, ElementsAre(Fault::kLinkCut));
  EXPECT_FALSE(least.commands);
  EXPECT_LT(*least.span, Duration::seconds(12));
}

TEST(Reduction, EndsAfterAsManyRunsAsAllowed) {
  std::size_t runs = 0;
  const StillBroken counting = [&](const Scenario&) { return ++runs > 0; };
  (void)shrink(rich_scenario(), counting, 7, kIgnore);
  EXPECT_EQ(runs, 7U);
}

TEST(Reduction, SaysItselfAsOptions) {
  Reduction reduction;
  EXPECT_EQ(to_options(reduction), "");
  reduction.boards = {0, 3};
  reduction.faults = std::vector<Fault>{};
  reduction.span = Duration::milliseconds(12'500);
  reduction.commands = false;
  EXPECT_EQ(to_options(reduction),
            " --only-boards 0,3 --only-faults none --span-us 12500000 --no-commands");
}

TEST(Reduction, RefusesWhatThereIsNot) {
  const Scenario scenario = draw_scenario(1);
  Reduction reduction;
  reduction.boards = {1000};
  EXPECT_FALSE(reduced(scenario, reduction));
  reduction.boards = std::vector<std::uint32_t>{};
  EXPECT_FALSE(reduced(scenario, reduction));
}

/// With the store that answers too early as what is broken, a small scenario still shows it.
TEST(Reduction, FindsASmallScenarioOfARealFault) {
  CryptoSodium crypto;
  Scenario scenario = draw_scenario(2);
  scenario.network.hub.store.answers_early = true;
  const StillBroken broken = [&](const Scenario& smaller) {
    Simulation simulation(smaller, crypto);
    simulation.run();
    return simulation.violations().entries().count("acknowledged, but not stored") > 0;
  };
  ASSERT_TRUE(broken(scenario));
  const Reduction least = shrink(scenario, broken, 100, kIgnore);
  EXPECT_EQ(least.boards->size(), 1U);
  EXPECT_TRUE(broken(*reduced(scenario, least)));
}

}  // namespace
}  // namespace espial::sim
