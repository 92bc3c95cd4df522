#include "hub/access/attempt_limiter.hpp"

#include <gtest/gtest.h>

namespace espial::access {
namespace {

constexpr Duration kMinute = Duration::seconds(60);

TEST(AttemptLimiter, AllowsABurstAndThenOneAPeriod) {
  AttemptLimiter limiter(3, kMinute, 10);
  const UnixTime start{1'000'000};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("ann", start));
  EXPECT_EQ(limiter.take("ann", start), kMinute);
  EXPECT_FALSE(limiter.take("bob", start));
  EXPECT_FALSE(limiter.take("ann", {start.ms + 60'000}));
  EXPECT_EQ(limiter.take("ann", {start.ms + 60'000}), kMinute);
}

TEST(AttemptLimiter, ForgivesAfterSuccess) {
  AttemptLimiter limiter(1, kMinute, 10);
  EXPECT_FALSE(limiter.take("ann", {1}));
  limiter.forgive("ann");
  EXPECT_FALSE(limiter.take("ann", {1}));
}

TEST(AttemptLimiter, ManyNewKeysDoNotWashOutAGuiltyOne) {
  AttemptLimiter limiter(2, kMinute, 4);
  EXPECT_FALSE(limiter.take("guilty", {1000}));
  EXPECT_FALSE(limiter.take("guilty", {1000}));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.take("new" + std::to_string(i), {1000}));
  EXPECT_EQ(limiter.size(), 4U);
  EXPECT_TRUE(limiter.take("guilty", {1000}));
}

TEST(AttemptLimiter, AClockSetBackLocksNobodyOutForLong) {
  AttemptLimiter limiter(2, kMinute, 4);
  EXPECT_FALSE(limiter.take("ann", {10'000'000'000}));
  EXPECT_TRUE(limiter.take("ann", {1000}));
  EXPECT_FALSE(limiter.take("ann", {1000 + 10'000'000'000}));
  AttemptLimiter other(2, kMinute, 4);
  EXPECT_FALSE(other.take("ann", {10'000'000'000}));
  const auto wait = other.take("ann", {1000});
  ASSERT_TRUE(wait);
  EXPECT_LE(wait->us, kMinute.us);
}

}  // namespace
}  // namespace espial::access
