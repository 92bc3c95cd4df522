#include "sim/network/reduction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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

TEST(Reduction, KeepsTheOnePowerCutThatMatters) {
  Scenario scenario = draw_cut_scenario(1);
  scenario.cuts = {CutPoint::kHubIdle, CutPoint::kKeyTorn, CutPoint::kBoardOnline,
                   CutPoint::kHubIdle};
  const auto broken = [](const Scenario& smaller) {
    const auto& cuts = *smaller.cuts;
    return std::find(cuts.begin(), cuts.end(), CutPoint::kKeyTorn) != cuts.end();
  };
  const Reduction least = shrink(scenario, broken, 1000, kIgnore);
  EXPECT_THAT(*least.cuts, ElementsAre(CutPoint::kKeyTorn));
  EXPECT_NE(to_options(least).find(" --cut-at board_key_half_written"), std::string::npos);
}

/// A scenario with rooms, S0 modules and everything that it can be short of.
Scenario crowded_scenario() {
  Scenario scenario = rich_scenario();
  for (std::uint32_t i = 0; i < scenario.network.boards.size(); ++i) {
    scenario.network.boards[i].number = i;
    scenario.network.boards[i].room.reset();
  }
  for (const std::uint32_t board : {0U, 2U, 3U}) scenario.network.boards[board].room.emplace();
  scenario.network.boards[0].room->works = 2;
  scenario.network.boards[2].room->lamp = true;
  scenario.network.s0_modules.resize(3);
  for (std::uint32_t i = 0; i < 3; ++i) scenario.network.s0_modules[i].seed = 100 + i;
  scenario.network.hub.s0_modules = 3;
  for (GatewaySettings& gateway : scenario.network.gateways) {
    gateway.s0 = true;
    gateway.down_frames = 16;
    gateway.modules = 8;
    gateway.station_sleeps = true;
  }
  scenario.network.boards[0].chip = kEsp8266Speed;
  scenario.faults.talker = 1;
  scenario.favourite_permille = 500;
  return scenario;
}

TEST(Reduction, DropsModulesRoomsAndHardshipsOneByOne) {
  const StillBroken broken = [](const Scenario& scenario) {
    const auto& modules = scenario.network.s0_modules;
    const bool module = std::any_of(modules.begin(), modules.end(),
                                    [](const S0Settings& one) { return one.seed == 101; });
    const auto& boards = scenario.network.boards;
    const bool lamp = std::any_of(boards.begin(), boards.end(), [](const BoardSettings& board) {
      return board.room && board.room->lamp;
    });
    return module && lamp && scenario.network.gateways[0].modules == 8;
  };
  const Scenario whole = crowded_scenario();
  const Reduction least = shrink(whole, broken, 1000, kIgnore);
  EXPECT_THAT(*least.s0_modules, ElementsAre(1));
  EXPECT_THAT(*least.rooms, ElementsAre(2));
  EXPECT_THAT(*least.hardships, ElementsAre(Hardship::kFewModules));
  EXPECT_EQ(least.boards->size(), 1U);
  const Scenario left = *reduced(whole, least);
  EXPECT_EQ(left.network.hub.s0_modules, 1U);
  EXPECT_EQ(left.network.s0_modules[0].number, 0U);
  EXPECT_GT(left.network.gateways[0].down_frames, 16U);
}

TEST(Reduction, WithoutModulesOfS0ItsSwitchIsOffAndWithoutItsLampAButtonTakesAnybodys) {
  Reduction reduction;
  reduction.s0_modules = std::vector<std::uint32_t>{};
  reduction.rooms = {0, 3};
  const Scenario left = *reduced(crowded_scenario(), reduction);
  EXPECT_EQ(left.network.hub.s0_modules, 0U);
  EXPECT_FALSE(left.network.gateways[0].s0);
  EXPECT_FALSE(left.network.boards[0].room->works);
}

TEST(Reduction, ARelievedNetworkIsShortOfNothing) {
  Reduction reduction;
  reduction.hardships = std::vector<Hardship>{};
  const Scenario left = *reduced(crowded_scenario(), reduction);
  EXPECT_FALSE(left.faults.talker);
  EXPECT_EQ(left.favourite_permille, 0U);
  EXPECT_EQ(left.network.gateways[0].modules, GatewaySettings().modules);
  EXPECT_EQ(left.network.gateways[0].down_frames, GatewaySettings().down_frames);
  EXPECT_FALSE(left.network.gateways[0].station_sleeps);
  EXPECT_EQ(left.network.boards[0].chip.seal, Duration{});
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
  reduction.s0_modules = {2};
  reduction.rooms = std::vector<std::uint32_t>{};
  reduction.faults = std::vector<Fault>{};
  reduction.hardships = {Hardship::kTalker, Hardship::kFewFrames};
  reduction.span = Duration::milliseconds(12'500);
  reduction.commands = false;
  EXPECT_EQ(to_options(reduction),
            " --only-boards 0,3 --only-s0 2 --only-rooms none --only-faults none"
            " --only-hardships talker,few_frames --span-us 12500000 --no-commands");
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
