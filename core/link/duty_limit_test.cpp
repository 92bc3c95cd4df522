#include "core/link/duty_limit.hpp"

#include <gtest/gtest.h>

namespace espial::link {
namespace {

constexpr std::size_t kSize = 250;

/// How much airtime is sent in `span` by who always has something to send.
Duration sent_in(DutyLimit& limit, Instant& now, Duration span) {
  const Instant end = now + span;
  Duration sent{};
  while (now < end) {
    if (now >= limit.free_at()) {
      limit.on_sent(now, kSize);
      sent = sent + airtime_of(kSize);
    }
    now = now + Duration::milliseconds(3);
  }
  return sent;
}

TEST(DutyLimitTest, AFrameOf250BytesTakesWhatWasMeasured) {
  // 312 a second with back-off and DIFS (facts of the air): under 3.2 ms each.
  EXPECT_GT(airtime_of(kSize), Duration::microseconds(2700));
  EXPECT_LT(airtime_of(kSize), Duration::microseconds(3200));
}

TEST(DutyLimitTest, HoldsItsShareAfterABurst) {
  DutyLimit limit;
  limit.set(10);
  Instant now{5'000'000};
  const Duration first = sent_in(limit, now, Duration::seconds(1));
  EXPECT_GE(first, Duration::milliseconds(100)) << "the burst";
  EXPECT_LE(first, Duration::milliseconds(100 + 10 + 6));
  const Duration later = sent_in(limit, now, Duration::seconds(100));
  EXPECT_GE(later, Duration::milliseconds(950));
  EXPECT_LE(later, Duration::milliseconds(1000 + 6));
}

TEST(DutyLimitTest, SilenceEarnsNoMoreThanAWindow) {
  DutyLimit limit;
  limit.set(10);
  Instant now{};
  sent_in(limit, now, Duration::seconds(1));
  now = now + Duration::seconds(3600);
  EXPECT_LE(sent_in(limit, now, Duration::seconds(1)), Duration::milliseconds(100 + 10 + 6));
}

TEST(DutyLimitTest, WithoutALimitItIsAlwaysFree) {
  for (const int permille : {0, 1000, 1001}) {
    DutyLimit limit;
    limit.set(10);
    limit.on_sent(Instant{}, 100'000);
    limit.set(static_cast<std::uint16_t>(permille));
    for (int i = 0; i < 1000; ++i) limit.on_sent(Instant{}, kSize);
    EXPECT_LE(limit.free_at(), Instant{});
  }
}

}  // namespace
}  // namespace espial::link
