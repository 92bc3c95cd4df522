#include "hub/mqtt/backoff.hpp"

#include <gtest/gtest.h>

#include "hub/mqtt/log_limit.hpp"

namespace espial::mqtt {
namespace {

TEST(Backoff, DoublesUpToItsBound) {
  Backoff backoff(100, 1000);
  for (const std::uint32_t expected : {100U, 200U, 400U, 800U, 1000U, 1000U}) {
    EXPECT_EQ(backoff.next_ms(0), expected);
  }
  backoff.reset();
  EXPECT_EQ(backoff.next_ms(0), 100U);
}

TEST(Backoff, IsShortenedByAtMostHalf) {
  Backoff backoff(100, 1000);
  EXPECT_EQ(backoff.next_ms(50), 100U);   // never under the minimum
  EXPECT_EQ(backoff.next_ms(100), 100U);  // half of 200
  EXPECT_EQ(backoff.next_ms(201), 400U);  // the part wraps round
}

TEST(LogLimit, CountsWhatItLeavesOut) {
  LogLimit limit(2, Duration::seconds(10));
  const Instant start{5};
  EXPECT_EQ(limit.pass(start), 0U);
  EXPECT_EQ(limit.pass(start), 0U);
  EXPECT_EQ(limit.pass(start), std::nullopt);
  EXPECT_EQ(limit.pass(start + Duration::seconds(9)), std::nullopt);
  EXPECT_EQ(limit.pass(start + Duration::seconds(10)), 2U);
  EXPECT_EQ(limit.pass(start + Duration::seconds(10)), 0U);
}

}  // namespace
}  // namespace espial::mqtt
