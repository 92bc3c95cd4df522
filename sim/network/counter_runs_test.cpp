#include "sim/network/counter_runs.hpp"

#include <gtest/gtest.h>

#include <set>

#include "sim/splitmix.hpp"

namespace espial::sim {
namespace {

TEST(CounterRunsTest, IsASetWhateverTheOrder) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SplitMix random(seed);
    CounterRuns runs;
    std::set<std::uint64_t> model;
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t counter = random.below(60);
      switch (random.below(4)) {
        case 0:
          runs.give_back(counter);
          model.erase(counter);
          break;
        case 1:
          EXPECT_EQ(runs.has(counter), model.count(counter) > 0) << "seed " << seed;
          break;
        default:
          EXPECT_EQ(runs.take(counter), model.insert(counter).second) << "seed " << seed;
      }
    }
  }
}

TEST(CounterRunsTest, EverythingUpToACounter) {
  CounterRuns runs;
  runs.take_all_to(9);
  EXPECT_FALSE(runs.take(0));
  EXPECT_FALSE(runs.take(9));
  EXPECT_TRUE(runs.take(10));
  EXPECT_TRUE(runs.has(10));
  EXPECT_FALSE(runs.has(11));
}

}  // namespace
}  // namespace espial::sim
