// What a channel carries, at which rate, over which distance.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/air/air_log_test.hpp"

namespace espial::sim {
namespace {

struct Measured {
  Rate rate;
  std::size_t body_size;
  std::int64_t frames_per_s;
};

class AirMeasured : public testing::TestWithParam<Measured> {};

// One busy sender, acknowledged, beside what was measured on one channel: within 3 %, of which 1 is
// the rounding of the measured figures and the rest the luck of the back-offs.
TEST_P(AirMeasured, FramesASecond) {
  const auto [rate, body_size, frames_per_s] = GetParam();
  Air air({});
  BusySenders senders(air);
  RadioSettings settings = test_radio(1);
  settings.rates = every_attempt_at(rate);
  const RadioId node = *air.add_radio({}, settings);
  (void)air.add_radio({}, test_radio(2));
  senders.add(node, test_mac(2), body_size);
  constexpr std::int64_t kSeconds = 10;
  senders.run_for(Duration::seconds(kSeconds));
  const auto heard = static_cast<std::int64_t>(senders.heard.size());
  EXPECT_NEAR(static_cast<double>(heard), static_cast<double>(frames_per_s * kSeconds),
              static_cast<double>(frames_per_s * kSeconds) * 0.03);
}

INSTANTIATE_TEST_SUITE_P(OneChannel, AirMeasured,
                         testing::Values(Measured{Rate::k1, 16, 747}, Measured{Rate::k1, 64, 581},
                                         Measured{Rate::k1, 250, 312}, Measured{Rate::k1, 1470, 75},
                                         Measured{Rate::k54, 16, 5600},
                                         Measured{Rate::k54, 64, 5400},
                                         Measured{Rate::k54, 250, 4800},
                                         Measured{Rate::k54, 1470, 2500}));

struct Tap : AirTap {
  void on_transmission(const Transmission& transmission) override { seen.push_back(transmission); }
  std::vector<Transmission> seen;
};

TEST(AirRate, AnEsp8266FallsBack) {
  Air air({});
  AirLog log;
  Tap tap;
  air.set_tap(&tap);
  RadioSettings settings = test_radio(1);
  settings.rates = kEsp8266Rates;
  const RadioId node = *air.add_radio({}, settings);
  ASSERT_EQ(air.transmit({}, node, test_mac(2), test_bytes(10)), Air::SendResult::kOk);
  run_all(air, log);
  std::vector<Rate> rates;
  for (const Transmission& shown : tap.seen) rates.push_back(shown.rate);
  EXPECT_THAT(rates, testing::ElementsAreArray(kEsp8266Rates));
}

TEST(AirRate, ABroadcastHasTheFirstRate) {
  Air air({});
  AirLog log;
  Tap tap;
  air.set_tap(&tap);
  RadioSettings settings = test_radio(1);
  settings.rates = kEsp8266Rates;
  const RadioId node = *air.add_radio({}, settings);
  ASSERT_EQ(air.transmit({}, node, kBroadcast, test_bytes(10)), Air::SendResult::kOk);
  run_all(air, log);
  ASSERT_EQ(tap.seen.size(), 1U);
  EXPECT_EQ(tap.seen[0].rate, Rate::k6);
  EXPECT_EQ(tap.seen[0].end - tap.seen[0].start, airtime(10, Rate::k6));
}

/// How many of 200 unicasts were acknowledged.
std::size_t acknowledged_over(std::int32_t metres, Rate rate, int tx_power_dbm,
                              const Propagation& propagation = {},
                              AirCounters* counters = nullptr) {
  AirSettings air_settings;
  air_settings.propagation = propagation;
  Air air(air_settings);
  AirLog log;
  RadioSettings settings = test_radio_at(1, 0);
  settings.rates = every_attempt_at(rate);
  settings.tx_power_dbm = tx_power_dbm;
  const RadioId node = *air.add_radio({}, settings);
  (void)air.add_radio({}, test_radio_at(2, metres));
  Instant now;
  for (int i = 0; i < 200; ++i) {
    (void)air.transmit(now, node, test_mac(2), test_bytes(250));
    now = run_all(air, log);
  }
  std::size_t count = 0;
  for (const auto& sent : log.sent) count += sent.acknowledged ? 1U : 0U;
  if (counters != nullptr) *counters = air.counters();
  return count;
}

TEST(AirRate, SlowFramesReachFurther) {
  EXPECT_EQ(acknowledged_over(30, Rate::k1, 20), 200U);
  EXPECT_EQ(acknowledged_over(30, Rate::k54, 20), 0U);
  EXPECT_EQ(acknowledged_over(5, Rate::k54, 20), 200U);
  EXPECT_EQ(acknowledged_over(200, Rate::k1, 20), 0U);
}

TEST(AirRate, StrongerFramesReachFurther) {
  EXPECT_EQ(acknowledged_over(50, Rate::k1, 20), 200U);
  EXPECT_EQ(acknowledged_over(50, Rate::k1, 2), 0U);
}

TEST(AirRate, FadingCostsRepeats) {
  AirCounters still;
  AirCounters fading;
  Propagation rayleigh;
  rayleigh.fading_percent = 100;
  EXPECT_EQ(acknowledged_over(40, Rate::k1, 20, {}, &still), 200U);
  EXPECT_GT(acknowledged_over(40, Rate::k1, 20, rayleigh, &fading), 190U);
  EXPECT_EQ(still.fades, 0U);
  EXPECT_EQ(still.retries, 0U);
  EXPECT_GT(fading.fades, 10U);
  EXPECT_GT(fading.retries, 10U);
}

TEST(AirRate, AShadowCanCutAPairOffForGood) {
  Propagation walls;
  walls.shadowing_db = 12;
  bool some = false;
  bool none = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    AirSettings settings;
    settings.seed = seed;
    settings.propagation = walls;
    Air air(settings);
    AirLog log;
    const RadioId node = *air.add_radio({}, test_radio_at(1, 0));
    const RadioId gateway = *air.add_radio({}, test_radio_at(2, 70));
    for (const auto& [from, to] : {std::pair{node, 2U}, std::pair{gateway, 1U}}) {
      ASSERT_EQ(air.transmit(Instant{from.value * 1'000'000}, from, test_mac(to), test_bytes(9)),
                Air::SendResult::kOk);
      run_all(air, log);
    }
    ASSERT_EQ(log.sent.size(), 2U);
    some = some || log.sent[0].acknowledged;
    none = none || !log.sent[0].acknowledged;
  }
  EXPECT_TRUE(some);
  EXPECT_TRUE(none);
}

TEST(AirRate, AirtimeIsCountedByChannel) {
  Air air({});
  AirLog log;
  const RadioId node = *air.add_radio({}, test_radio(1, 11));
  (void)air.add_radio({}, test_radio(2, 11));
  ASSERT_EQ(air.transmit({}, node, test_mac(2), test_bytes(100)), Air::SendResult::kOk);
  run_all(air, log);
  EXPECT_EQ(air.counters().airtime[11], airtime(100) + ack_time(Rate::k1) - kSifs);
  EXPECT_EQ(air.counters().airtime[6], Duration{});
}

}  // namespace
}  // namespace espial::sim
