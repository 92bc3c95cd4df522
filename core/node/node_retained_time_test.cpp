// What time it is to a node over sleep and resets.

#include <gmock/gmock.h>

#include "core/node/node_retained_fixture_test.hpp"

namespace espial::node {
namespace {

using testing::ElementsAre;
using wire::PacketType;

using NodeRetainedTimeTest = NodeRetainedTest;

TEST_F(NodeRetainedTimeTest, ADailySessionTellsASleeperWhatItsClockDoesWhileItSleeps) {
  constexpr Duration kSixHours = Duration::seconds(6 * 3600);
  go_online();
  for (std::uint8_t i = 1; i <= 3; ++i) {
    wake(kSixHours);
    report(i);
    node_->start(now_);
    ASSERT_EQ(node_->state(), NodeState::kOnline);
    sent();
    hear(peer_.seal(stored(i)));
  }
  wake(kSixHours);
  report(4);
  node_->start(now_);
  ASSERT_EQ(node_->state(), NodeState::kResuming);
  // It has slept for a hundredth longer than it thinks.
  peer_.time.ms += 4 * kSixHours.ms() / 100 * 101;
  hear(peer_.accept(sent()));
  EXPECT_EQ(packets().size(), 2U) << "what I am, and the report";
  hear(peer_.seal(wire::Assignment{}, stored(4)));
  const std::int64_t left_at_ms = node_->utc(now_).ms;
  wake(Duration::seconds(3600));
  EXPECT_EQ(node_->utc(now_).ms - left_at_ms, 3'636'000) << "it was awake for no time";
  report(5);
  node_->start(now_);
  ASSERT_EQ(node_->state(), NodeState::kOnline);
  sent();
  wake(Duration::seconds(3600));
  const Instant woken_at = now_;
  node_->start(now_);
  while (!radio_.busy) tick();
  const auto frame = packets();
  ASSERT_EQ(frame.size(), 1U);
  EXPECT_EQ(wire::parse_report(frame[0])->age_ms, 3'636'000U + (now_ - woken_at).ms());
}

TEST_F(NodeRetainedTimeTest, TimeGoesOnOverASleepAndIsNotTurnedBackByAnOldAnswer) {
  go_online();
  const UnixTime before = node_->utc(now_);
  wake(Duration::seconds(600));
  EXPECT_EQ(node_->utc(now_).ms, before.ms + 600'000);
  EXPECT_EQ(node_->zone_minutes(), 60);
  report(1);
  node_->start(now_);
  (void)packets();
  hear(peer_.seal(wire::PingResponse{UnixTime{before.ms + 1}, 60}));
  EXPECT_EQ(node_->utc(now_).ms, before.ms + 600'000);
  wake(Duration::seconds(600));
  report(2);
  node_->start(now_);
  (void)packets();
  hear(peer_.seal(wire::PingResponse{UnixTime{before.ms + 1'300'000}, 60}));
  EXPECT_EQ(node_->utc(now_).ms, before.ms + 1'300'000) << "no answer is from the future";
}

TEST_F(NodeRetainedTimeTest, AfterASleepOfUnknownLengthAgesFollowFromTheTimeOfDay) {
  go_online();
  wake();
  report(1);
  boot(wire::ResetReason::kOther, std::nullopt);
  report(2);
  node_->start(now_);
  ASSERT_EQ(node_->state(), NodeState::kResuming);
  now_ = now_ + Duration::milliseconds(100);
  // 600 s to the wake, 50 s in the dark, 100 ms since.
  peer_.time = UnixTime{1'700'000'650'100};
  hear(peer_.accept(sent()));
  const auto frame = packets();
  ASSERT_THAT(types(frame),
              ElementsAre(PacketType::kConnect, PacketType::kPublish, PacketType::kPublish));
  EXPECT_EQ(wire::parse_report(frame[1])->sequence, 0);
  EXPECT_EQ(wire::parse_report(frame[1])->age_ms, 50'100U);
  EXPECT_EQ(wire::parse_report(frame[2])->sequence, 1);
  EXPECT_EQ(wire::parse_report(frame[2])->age_ms, 100U);
}

TEST_F(NodeRetainedTimeTest, WhereNobodyKnowsTheTimeAgesCountFromTheRestart) {
  go_online();
  wake();
  report(1);
  boot(wire::ResetReason::kOther, std::nullopt);
  node_->start(now_);
  peer_.time = {};
  hear(peer_.accept(sent()));
  const auto frame = packets();
  ASSERT_EQ(frame.size(), 2U);
  EXPECT_EQ(wire::parse_report(frame[1])->age_ms, 0U);
}

TEST_F(NodeRetainedTimeTest, ReadingsFromBeforeTheFirstTimeKeepTheirAge) {
  report(1);
  boot(wire::ResetReason::kSoftware, Duration::seconds(90));
  report(2);
  EXPECT_FALSE(node_->utc(now_).known());
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  const auto frame = packets();
  ASSERT_EQ(frame.size(), 3U);
  const Duration since_boot = now_ - Instant{200'000};
  EXPECT_EQ(wire::parse_report(frame[1])->age_ms, 90'000U + since_boot.ms());
  EXPECT_EQ(wire::parse_report(frame[2])->age_ms, since_boot.ms());
}

TEST_F(NodeRetainedTimeTest, WhoDoesNotKnowHowLongItWasAwayBeginsANewSession) {
  go_online();
  wake();
  report(1);
  boot(wire::ResetReason::kBrownOut, std::nullopt);
  node_->start(now_);
  expect_new_session_for_the_time();
  hear(peer_.accept(sent()));
  EXPECT_EQ(node_->utc(now_), peer_.time);
}

TEST_F(NodeRetainedTimeTest, SoDoesWhoHasNothingToReport) {
  go_online();
  boot(wire::ResetReason::kBrownOut, std::nullopt);
  node_->start(now_);
  expect_new_session_for_the_time();
}

/// What it keeps in between is no record of a node that nobody ever told the time.
TEST_F(NodeRetainedTimeTest, SoDoesWhoIsResetAgainBeforeItAsked) {
  go_online();
  boot(wire::ResetReason::kBrownOut, std::nullopt);
  report(1);
  boot(wire::ResetReason::kBrownOut, Duration::milliseconds(100));
  EXPECT_EQ(node_->ring().held(), 1U);
  node_->start(now_);
  ASSERT_EQ(node_->state(), NodeState::kSearching);
  find_gateway();
  expect_new_session_for_the_time();
}

TEST_F(NodeRetainedTimeTest, WhomNobodyEverToldTheTimeGoesOn) {
  peer_.time = {};
  node_->start(now_);
  find_gateway();
  hear(peer_.accept(sent()));
  (void)peer_.open(sent());
  hear(peer_.seal(wire::PingResponse{}, wire::Assignment{}));
  boot(wire::ResetReason::kBrownOut, std::nullopt);
  node_->start(now_);
  EXPECT_EQ(node_->state(), NodeState::kConfirming);
}

}  // namespace
}  // namespace espial::node
