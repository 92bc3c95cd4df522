#include "sim/network/device_clock.hpp"

#include <gtest/gtest.h>

#include "sim/splitmix.hpp"

namespace espial::sim {
namespace {

TEST(DeviceClock, RunsFastOrSlow) {
  const DeviceClock fast(Instant{1'000}, Instant{0}, 40);
  EXPECT_EQ(fast.local(Instant{1'000} + Duration::seconds(1)), Instant{1'000'040});
  const DeviceClock slow(Instant{0}, Instant{500}, -100);
  EXPECT_EQ(slow.local(Instant{} + Duration::seconds(10)), Instant{500 + 9'999'000});
}

TEST(DeviceClock, NeverIsNeverForEverybody) {
  EXPECT_EQ(DeviceClock(Instant{5}, Instant{9}, 100).world(kNever), kNever);
}

TEST(DeviceClock, WakesNoMomentTooEarlyOrTooLate) {
  SplitMix random(3);
  constexpr std::uint64_t kHundredYears_us = 3'155'760'000'000'000;
  for (int i = 0; i < 20'000; ++i) {
    const auto drift_ppm = static_cast<std::int32_t>(random.below(2'001)) - 1'000;
    const Instant started{static_cast<std::int64_t>(random.below(kHundredYears_us))};
    const Instant origin{static_cast<std::int64_t>(random.below(kHundredYears_us))};
    const DeviceClock clock(started, origin, drift_ppm);
    const Instant wanted =
        origin + Duration{static_cast<std::int64_t>(random.below(kHundredYears_us))};
    const Instant world = clock.world(wanted);
    ASSERT_GE(clock.local(world), wanted) << drift_ppm;
    ASSERT_LT(clock.local(world - Duration{1}), wanted) << drift_ppm;
  }
}

}  // namespace
}  // namespace espial::sim
