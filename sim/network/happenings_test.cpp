#include "sim/network/happenings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "ports/linux/crypto_sodium.hpp"

namespace espial::sim {
namespace {

std::vector<Happening> happenings_in(const Scenario& scenario) {
  CryptoSodium crypto;
  Simulation simulation(scenario, crypto);
  simulation.run();
  return happenings_of(simulation);
}

const Happening& find(const std::vector<Happening>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Happening& each) { return each.name == name; });
  if (found == all.end()) throw std::out_of_range(std::string(name));
  return *found;
}

void expect_met(const std::vector<Happening>& all, std::string_view name) {
  EXPECT_TRUE(find(all, name).expected) << name;
  EXPECT_GT(find(all, name).count, 0U) << name;
}

PlainNetwork small_one() {
  PlainNetwork plain;
  plain.boards = 2;
  plain.span = Duration::seconds(60);
  return plain;
}

TEST(HappeningsTest, OfASmallQuietRunNothingIsRequired) {
  for (const Happening& happening : happenings_in(plain_scenario(small_one()))) {
    EXPECT_FALSE(happening.expected) << happening.name;
  }
}

TEST(HappeningsTest, ManyBoardsMustMeetOnTheAir) {
  PlainNetwork plain;
  plain.boards = 100;
  plain.report_interval = Duration::seconds(1);
  plain.span = Duration::seconds(120);
  plain.loss_permille = 100;
  const auto all = happenings_in(plain_scenario(plain));
  for (const char* const name :
       {"frames_lost", "acks_lost", "collisions", "blind_starts", "captures"}) {
    expect_met(all, name);
  }
  EXPECT_FALSE(find(all, "foreign_wifi_busy").expected);
  EXPECT_FALSE(find(all, "body_sizes_mixed").expected);
}

TEST(HappeningsTest, SomebodyElsesWifiMustBeMetWhereThereIsSome) {
  Scenario scenario = plain_scenario(small_one());
  for (ForeignTraffic& foreign : scenario.network.air.foreign) {
    foreign.share_permille = 300;
    foreign.deaf_permille = 500;
  }
  const auto all = happenings_in(scenario);
  expect_met(all, "foreign_wifi_busy");
  expect_met(all, "foreign_wifi_hits");
}

/// A fault so often that one run must see it.
Scenario often(Fault fault) {
  Scenario scenario = plain_scenario(small_one());
  scenario.faults.mean_gap[static_cast<std::size_t>(fault)] = Duration::seconds(3);
  return scenario;
}

TEST(HappeningsTest, WhatIsAskedForOftenMustComeInOneRun) {
  EXPECT_TRUE(missed(happenings_in(often(Fault::kBoardReset))).empty());
  const auto never = missed(happenings_in(often(Fault::kNeighbour)));
  EXPECT_EQ(never, std::vector<std::string_view>{"neighbour_troubled"});
}

TEST(HappeningsTest, WhatIsAskedForSeldomOrCanNotComeMayBeMissedInOneRun) {
  Scenario seldom = often(Fault::kNeighbour);
  seldom.span = Duration::seconds(50);
  EXPECT_TRUE(missed(happenings_in(seldom)).empty());
  EXPECT_TRUE(missed(happenings_in(often(Fault::kGatewayReplaced))).empty());
  EXPECT_TRUE(missed(happenings_in(often(Fault::kBoardResetAtByte))).empty());
}

/// Counted are frames, not networks: a board must have spoken with such a gateway.
TEST(HappeningsTest, BodySizesAreMixedWhereOneTakesLongerFrames) {
  Scenario scenario = plain_scenario(small_one());
  scenario.network.boards[1].max_body_size = kMaxBodyV2;
  expect_met(happenings_in(scenario), "body_sizes_mixed");
  scenario.network.boards[1].max_body_size = kMaxBodyV1;
  EXPECT_EQ(find(happenings_in(scenario), "body_sizes_mixed").count, 0U);
}

}  // namespace
}  // namespace espial::sim
