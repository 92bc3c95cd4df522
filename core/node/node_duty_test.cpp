// A node under a limit of airtime.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/node/node_fixture_test.hpp"

namespace espial::node {
namespace {

class NodeDutyTest : public NodeFixture {
 protected:
  NodeDutyTest() { config_.keepalive = {}; }

  /// Runs for `span`; whoever is asked acknowledges everything. @returns what was sent.
  std::vector<wire::Report> run(Duration span) {
    std::vector<wire::Report> reports;
    const Instant end = now_ + span;
    for (;;) {
      while (radio_.busy) {
        airtime_ = airtime_ + link::airtime_of(radio_.last.size());
        for (const auto& packet : peer_.open(sent())) {
          if (const auto report = wire::parse_report(packet)) {
            reports.push_back(*report);
            const auto floor = static_cast<std::uint16_t>(report->sequence + 1);
            hear(peer_.seal(wire::Stored{report->stream, floor, 0}));
          }
        }
      }
      if (node_->next_timer() > end) break;
      tick();
    }
    now_ = end;
    return reports;
  }

  Duration airtime_{};
};

TEST_F(NodeDutyTest, WhatIsTooMuchWaitsAndNothingIsDropped) {
  max_airtime_permille_ = 10;
  make_node();
  go_online();
  run(Duration::seconds(60));
  airtime_ = {};
  std::size_t stored = 0;
  // 40 a second, each a frame of its own: 35 permille.
  for (int i = 0; i < 400; ++i) {
    report(static_cast<std::uint8_t>(i));
    stored += run(Duration::milliseconds(25)).size();
  }
  EXPECT_LE(airtime_, Duration::milliseconds(100 + 100 + 5));
  EXPECT_GE(airtime_, Duration::milliseconds(150));
  EXPECT_GT(count(Count::kDutyDelays), 10U);
  stored += run(Duration::seconds(20)).size();
  EXPECT_EQ(stored, 400U) << "they travelled together";
  EXPECT_EQ(node_->ring().dropped(), 0U);
}

TEST_F(NodeDutyTest, AnEventGoesFirstAndWaitsAllTheSame) {
  max_airtime_permille_ = 1;
  make_node();
  go_online();
  for (int i = 0; i < 1000 && count(Count::kDutyDelays) == 0; ++i) {
    report(1);
    run(Duration::milliseconds(1));
  }
  for (int i = 0; i < 3; ++i) report(2);
  report(3, true);
  EXPECT_FALSE(radio_.busy);
  const Instant free_at = node_->next_timer();
  EXPECT_GT(free_at, now_);
  tick();
  ASSERT_TRUE(radio_.busy);
  const auto first = wire::parse_report(peer_.open(sent()).at(0));
  EXPECT_EQ(first->stream, wire::Stream::kEvents);
}

TEST_F(NodeDutyTest, WithoutALimitNothingWaits) {
  go_online();
  for (int i = 0; i < 500; ++i) {
    report(1);
    EXPECT_TRUE(radio_.busy);
    run(Duration{});
  }
  EXPECT_EQ(count(Count::kDutyDelays), 0U);
}

}  // namespace
}  // namespace espial::node
