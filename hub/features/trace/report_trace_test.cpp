#include "hub/features/trace/report_trace.hpp"

#include <gtest/gtest.h>

namespace espial::trace {
namespace {

constexpr MacAddress kNode{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kOther{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress kNear{{2, 0, 0, 0, 1, 0}};
constexpr MacAddress kFar{{2, 0, 0, 0, 2, 0}};

Arrival arrival(const MacAddress& mac, const MacAddress& gateway, std::uint64_t mark,
                std::int64_t at_us) {
  Arrival arrival;
  arrival.mac = mac;
  arrival.gateway = gateway;
  arrival.rssi_dbm = std::int8_t{-60};
  arrival.channel = Channel{6};
  arrival.mark = mark;
  arrival.at = {at_us};
  arrival.at_unix_us = 1'000'000 + at_us;
  return arrival;
}

ReportName named(std::uint32_t sequence) { return {sequence, false, std::nullopt}; }

TEST(ReportTrace, FollowsAReportToThePages) {
  ReportTrace trace([] { return true; });
  trace.arrive(arrival(kNode, kNear, 7, 100));
  const auto number = trace.begin({110}, {5, false, Duration::milliseconds(40)});
  trace.stored(number, {400}, true);
  EXPECT_EQ(trace.find(kNode, 5)->showing, Showing::kWaiting);
  trace.announced(33, {500});
  const ReportTimes* const times = trace.find(kNode, 5);
  ASSERT_NE(times, nullptr);
  EXPECT_EQ(times->received_at, Instant{100});
  EXPECT_EQ(times->opened_at, Instant{110});
  EXPECT_EQ(times->ended_at, Instant{400});
  EXPECT_EQ(times->announced_at, Instant{500});
  EXPECT_EQ(times->revision, 33u);
  EXPECT_EQ(times->fate, Fate::kStored);
  EXPECT_EQ(times->showing, Showing::kAnnounced);
  EXPECT_EQ(times->since_taken, Duration::milliseconds(40));
  ASSERT_EQ(times->hearings, 1);
  EXPECT_EQ(times->heard[0].gateway, kNear);
  EXPECT_FALSE(times->numbered_by_hub);
}

TEST(ReportTrace, KnowsEveryGatewayThatHeardAFrame) {
  ReportTrace trace([] { return true; });
  trace.arrive(arrival(kNode, kNear, 6, 90));
  (void)trace.begin({90}, named(4));
  trace.arrive(arrival(kNode, kNear, 7, 100));
  (void)trace.begin({110}, named(5));
  (void)trace.begin({120}, named(6));
  trace.arrive(arrival(kOther, kFar, 7, 130));
  trace.arrive(arrival(kNode, kFar, 7, 140));
  EXPECT_EQ(trace.find(kNode, 4)->hearings, 1) << "of an earlier frame";
  for (const std::uint64_t sequence : {5U, 6U}) {
    const ReportTimes* const times = trace.find(kNode, sequence);
    ASSERT_EQ(times->hearings, 2);
    EXPECT_EQ(times->heard[1].gateway, kFar);
    EXPECT_EQ(times->heard[1].at, Instant{140});
  }
  for (int i = 0; i < 5; ++i) trace.arrive(arrival(kNode, kFar, 7, 150));
  EXPECT_EQ(trace.find(kNode, 6)->hearings, kMaxHearings);
  EXPECT_EQ(trace.find(kNode, 6)->more_hearings, 3);
}

TEST(ReportTrace, KeepsTheNewestAndSaysWhatIsGone) {
  ReportTrace trace([] { return true; }, 4);
  EXPECT_EQ(trace.oldest_after_loss(), nullptr);
  trace.arrive(arrival(kOther, kNear, 0, 1));
  (void)trace.begin({1}, named(100));
  for (std::uint32_t sequence = 1; sequence <= 5; ++sequence) {
    trace.arrive(arrival(kNode, kNear, 0, 10 * sequence));
    (void)trace.begin({10 * sequence}, named(sequence));
  }
  EXPECT_EQ(trace.find(kOther, 100), nullptr);
  EXPECT_TRUE(trace.newest(kOther, 9).empty());
  EXPECT_EQ(trace.find(kNode, 1), nullptr);
  const auto newest = trace.newest(kNode, 9);
  ASSERT_EQ(newest.size(), 4u);
  EXPECT_EQ(newest.front()->sequence, 5u);
  EXPECT_EQ(newest.back()->sequence, 2u);
  EXPECT_EQ(trace.newest(kNode, 2).size(), 2u);
  EXPECT_EQ(trace.oldest_after_loss(), newest.back());
}

TEST(ReportTrace, KeepsNothingOfDevicesThatAreGone) {
  ReportTrace trace([] { return true; }, 4);
  for (std::uint8_t device = 0; device < 100; ++device) {
    trace.arrive(arrival({{2, 0, 0, 0, 3, device}}, kNear, 0, device));
    (void)trace.begin({device}, named(1));
  }
  EXPECT_EQ(trace.devices(), 4u);
}

TEST(ReportTrace, WhatIsNoLongerKeptMayStillEnd) {
  ReportTrace trace([] { return true; }, 2);
  trace.arrive(arrival(kNode, kNear, 0, 1));
  const auto gone = trace.begin({1}, named(1));
  (void)trace.begin({2}, named(2));
  (void)trace.begin({3}, named(3));
  trace.stored(gone, {4}, true);
  trace.turned_away(gone, {5});
  trace.announced(9, {6});
  EXPECT_EQ(trace.find(kNode, 3)->fate, Fate::kWaiting);
}

TEST(ReportTrace, SaysWhyAReportReachedNoPage) {
  bool open = false;
  ReportTrace trace([&] { return open; });
  trace.arrive(arrival(kNode, kNear, 0, 1));
  trace.stored(trace.begin({1}, named(1)), {2}, true);
  open = true;
  trace.stored(trace.begin({1}, named(2)), {2}, false);
  trace.turned_away(trace.begin({1}, named(3)), {2});
  trace.announced(9, {3});
  EXPECT_EQ(trace.find(kNode, 1)->showing, Showing::kNobody);
  EXPECT_EQ(trace.find(kNode, 2)->showing, Showing::kNotShown);
  EXPECT_EQ(trace.find(kNode, 3)->fate, Fate::kTurnedAway);
}

TEST(ReportTrace, NumbersWhatHasNoNumberAndTellsStreamsApart) {
  ReportTrace trace([] { return true; });
  Arrival board = arrival(kOther, kNear, 0, 1);
  board.gateway.reset();
  trace.arrive(board);
  const auto number = trace.begin({1}, {});
  const ReportTimes* const times = trace.find(kOther, number);
  ASSERT_NE(times, nullptr);
  EXPECT_TRUE(times->numbered_by_hub);
  EXPECT_EQ(times->hearings, 0);
  trace.arrive(arrival(kNode, kNear, 0, 2));
  (void)trace.begin({2}, {7, true, std::nullopt});
  (void)trace.begin({3}, {7, false, std::nullopt});
  EXPECT_TRUE(trace.find(kNode, 7, true)->events);
  EXPECT_FALSE(trace.find(kNode, 7, false)->events);
  EXPECT_FALSE(trace.find(kNode, 7)->events) << "the newest";
}

TEST(ReportTrace, AFrameIsKnownByItsEnd) {
  const std::uint8_t body[] = {9, 9, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(mark_of({body, sizeof body}), 0x0102030405060708u);
  EXPECT_EQ(mark_of({body, 7}), 0u);
}

}  // namespace
}  // namespace espial::trace
