// Which times a listening node believes.

#include <gtest/gtest.h>

#include "core/node/node_fixture_test.hpp"

namespace espial::node {
namespace {

class NodeTime : public NodeFixture {
 protected:
  static constexpr std::int64_t kStart_ms = 1'800'000'000'000;

  /// The coordinator says that it is `late` behind what it would say if nothing waited.
  void hear_time(Duration late) {
    const std::int64_t true_ms = kStart_ms + (now_ - started_).ms();
    hear(peer_.seal(wire::PingResponse{UnixTime{true_ms - late.ms()}, 60}));
  }
  std::int64_t behind_ms() const {
    return kStart_ms + (now_ - started_).ms() - node_->utc(now_).ms;
  }
  /// The coordinator answers each ping for `span`, always `late`.
  void go_on(Duration span, Duration late) {
    for (const Instant end = now_ + span; now_ < end; hear_time(late)) {
      wait(config_.keepalive + Duration::seconds(1));
      if (radio_.busy) (void)peer_.open(sent());
    }
  }
  void start() {
    go_online();
    started_ = now_;
    hear_time(Duration{});
    ASSERT_EQ(behind_ms(), 0);
  }

  Instant started_;
};

TEST_F(NodeTime, ALateAnswerDoesNotTurnTheClockBack) {
  start();
  hear_time(Duration::seconds(40));
  EXPECT_EQ(behind_ms(), 0);
  hear_time(Duration::milliseconds(300));
  EXPECT_EQ(behind_ms(), 300) << "clocks drift, and answers take their time";
}

TEST_F(NodeTime, AHubThatSetsItsClockBackIsBelievedAfterAWhile) {
  start();
  go_on(kTimeBehindForGood - Duration::seconds(40), Duration::seconds(500));
  EXPECT_EQ(behind_ms(), 0);
  hear_time(Duration{});
  go_on(kTimeBehindForGood - Duration::seconds(40), Duration::seconds(500));
  EXPECT_EQ(behind_ms(), 0) << "one right word in between, and it counts anew";
  go_on(Duration::seconds(80), Duration::seconds(500));
  EXPECT_EQ(behind_ms(), 500'000);
}

TEST_F(NodeTime, ATimeOfMoreThan48BitsIsRefused) {
  start();
  const std::uint32_t refused = count(Count::kBadInner);
  Bytes response{0xd0, 10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0};
  hear(peer_.seal_bytes(view(response)));
  EXPECT_EQ(behind_ms(), 0);
  response = {0xd0, 10, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};
  hear(peer_.seal_bytes(view(response)));
  EXPECT_EQ(behind_ms(), 0);
  EXPECT_EQ(count(Count::kBadInner), refused + 2);
}

TEST_F(NodeTime, AClockIsSetForwardAtOnce) {
  start();
  hear_time(Duration::seconds(-3600));
  EXPECT_EQ(behind_ms(), -3'600'000);
}

}  // namespace
}  // namespace espial::node
