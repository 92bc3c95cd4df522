// The figures that people wait for, in a short form: of the network's own time, so that they are
// the same on every machine. bench/run network has the long one.

#include "sim/network/timings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ports/linux/crypto_sodium.hpp"

namespace espial::sim {
namespace {

constexpr std::uint64_t kSeeds = 130;  // ten on each channel

struct Joins {
  std::vector<Duration> cold;
  std::vector<Duration> resume;
};

Joins joins(const ChipSpeed& chip) {
  CryptoSodium crypto;
  Joins all;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const JoinTimes times = time_join(seed, chip, crypto);
    all.cold.push_back(times.cold);
    all.resume.push_back(times.resume);
  }
  std::sort(all.cold.begin(), all.cold.end());
  std::sort(all.resume.begin(), all.resume.end());
  return all;
}

TEST(Timings, AColdJoinTakesHalfASecondWithoutCryptoTime) {
  const Joins all = joins({});
  EXPECT_LE(quantile(all.cold, 500).ms(), 500);
  EXPECT_LE(quantile(all.cold, 990).ms(), 2'000);
}

TEST(Timings, AColdJoinOfAnEsp8266TakesASecondAndAHalf) {
  const Joins all = joins(kEsp8266Speed);
  EXPECT_LE(quantile(all.cold, 500).ms(), 1'500);
  EXPECT_LE(quantile(all.cold, 990).ms(), 4'000);
}

TEST(Timings, AResumeTakesAFewFrames) {
  for (const ChipSpeed& chip : {ChipSpeed{}, kEsp8266Speed, kEsp32C3Speed}) {
    EXPECT_LE(quantile(joins(chip).resume, 500).ms(), 60);
  }
}

TEST(Timings, EverybodyIsBackHalfAMinuteAfterAHubThatWasKilled) {
  CryptoSodium crypto;
  for (const std::int64_t away_s : {2, 30}) {
    SCOPED_TRACE("away for " + std::to_string(away_s) + " s");
    std::vector<Duration> spans;
    for (const std::uint64_t seed : {1, 2, 3}) {
      const ReturnTimes times = time_return(seed, 255, Duration::seconds(away_s), crypto);
      ASSERT_TRUE(times.all_stored);
      spans.push_back(*times.all_stored);
    }
    std::sort(spans.begin(), spans.end());
    EXPECT_LE(quantile(spans, 500).ms(), 30'000);
    // Who holds nothing says something with its next report only: nobody can know it earlier.
    EXPECT_GT(spans.front().ms(), 1'000);
  }
}

TEST(Timings, AWarmWakeHasTheRadioOnForTenMilliseconds) {
  CryptoSodium crypto;
  EXPECT_LE(quantile(time_wakes(50, crypto), 500).us, 10'000);
}

}  // namespace
}  // namespace espial::sim
