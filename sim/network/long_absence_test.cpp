// A hub that is away while a board goes through more than half the numbers that its frames have
// room for. Its gateway is away too, or it and the broker would keep what was sent in between.

#include <gtest/gtest.h>

#include "sim/network/watched_network_test.hpp"

namespace espial::sim {
namespace {

constexpr Duration kInterval = Duration::milliseconds(100);
constexpr Duration kMinute = Duration::seconds(60);

NetworkSettings one_talker() {
  NetworkSettings settings = small_network(1, 1);
  settings.boards[0].report_interval = kInterval;
  settings.boards[0].event_permille = 0;
  return settings;
}

void switch_both(Network& network, bool on) {
  network.switch_hub(on);
  network.switch_gateway(0, on);
}

/// The first absence only brings the board so far that numbers half a lap behind are none below
/// zero.
TEST(LongAbsence, OfAHubFor40000ReportsLosesNoMoreThanTheRingDropped) {
  Watched watched(one_talker());
  Network& network = *watched.network;
  network.run_for(kMinute);
  for (const std::int64_t reports : {30'000, 40'000}) {
    SCOPED_TRACE(reports);
    const ReportCheck::Totals before = watched.reports.totals();
    switch_both(network, false);
    network.run_for(kInterval * reports);
    switch_both(network, true);
    const ReportCheck::Totals back = watched.reports.totals();
    EXPECT_GT(back.dropped - before.dropped, static_cast<std::uint64_t>(reports) * 9 / 10);

    network.run_for(kMinute);
    EXPECT_GT(watched.reports.totals().stored, back.stored + 100);
  }
  watched.settle();
  const ReportCheck::Totals totals = watched.reports.totals();
  EXPECT_EQ(totals.stored + totals.dropped, totals.submitted);
}

/// What the ring holds then has the sixteen bits of what the hub has stored already.
TEST(LongAbsence, OfAHubForNearlyALapOfTheSequencesLosesNothingThatTheRingHolds) {
  constexpr std::uint64_t kLap = 0x10000;
  Watched watched(one_talker());
  Network& network = *watched.network;
  network.run_for(kMinute);
  const ReportCheck::Totals before = watched.reports.totals();
  switch_both(network, false);
  const auto taken = [&] { return watched.reports.totals().submitted - before.submitted; };
  while (taken() < kLap - one_talker().boards[0].ring_slots / 2) network.run_for(kInterval);
  switch_both(network, true);
  watched.settle();
  const ReportCheck::Totals totals = watched.reports.totals();
  EXPECT_EQ(totals.stored + totals.dropped, totals.submitted);
}

}  // namespace
}  // namespace espial::sim
