// What a ring leaves to the one after a sleep or a reset.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "core/transfer/report_ring.hpp"

namespace espial::transfer {
namespace {

constexpr Duration kRepeat = Duration::milliseconds(500);
constexpr Duration kPatience = Duration::milliseconds(50);

class KeptRingTest : public testing::Test {
 protected:
  AddStatus add(ReportClass report_class, std::uint8_t mark) {
    const std::array<std::uint8_t, 1> bytes{mark};
    return ring_->add(now_, report_class, bytes);
  }
  /// Sends everything due as one frame. @returns the marks in order.
  std::vector<int> send() {
    std::vector<int> marks;
    ++frame_;
    while (const auto chosen = ring_->next_due(now_, frame_)) {
      marks.push_back(chosen->readings[0]);
      last_ = *chosen;
      ring_->sent(now_, chosen->slot, frame_, kRepeat);
    }
    return marks;
  }
  /// True when a report of the ring has these readings.
  bool holds(ByteView readings) const {
    for (std::size_t i = 0; i < ring_->capacity(); ++i) {
      const auto kept = ring_->keep(now_, i);
      if (!kept || kept->readings.size() != readings.size()) continue;
      if (std::equal(readings.begin(), readings.end(), kept->readings.begin())) return true;
    }
    return false;
  }
  /// Another ring takes up what this one leaves, `slept` later on a clock that begins at 0.
  void sleep(Duration slept, ReportMemory memory) {
    auto next = std::make_unique<ReportRing>(memory);
    next->restore(ring_->streams());
    // From the last slot to the first: their order is not the ring's.
    for (std::size_t i = ring_->capacity(); i-- > 0;) {
      if (auto kept = ring_->keep(now_, i)) {
        kept->age = kept->age + slept;
        (void)next->restore(Instant{}, *kept, kPatience);
      }
    }
    now_ = {};
    ring_ = std::move(next);
  }
  void sleep(Duration slept) {
    storage_[1 - current_] = {};
    current_ = 1 - current_;
    sleep(slept, storage_[current_].memory());
  }

  std::array<ReportStorage<4, 8>, 2> storage_;
  std::size_t current_ = 0;
  std::unique_ptr<ReportRing> ring_ = std::make_unique<ReportRing>(storage_[0].memory());
  Instant now_{1'000'000};
  std::uint32_t frame_ = 0;
  ReportRing::Chosen last_;
};

TEST_F(KeptRingTest, KeepsOrderSequencesAndAges) {
  add(ReportClass::kReading, 1);
  now_ = now_ + Duration::seconds(10);
  add(ReportClass::kReading, 2);
  add(ReportClass::kEvent, 3);
  sleep(Duration::seconds(600));
  add(ReportClass::kReading, 4);
  EXPECT_EQ(ring_->next_due(now_, 1)->age_ms, 600'000U);
  EXPECT_THAT(send(), testing::ElementsAre(3, 1, 2, 4));
  EXPECT_EQ(last_.sequence, 2U);
  EXPECT_EQ(last_.held, 2U);
  EXPECT_EQ(ring_->keep(now_, 2)->age, Duration::seconds(610));
}

TEST_F(KeptRingTest, ASentOneWaitsOnceForItsAcknowledgementThenGoesAgain) {
  add(ReportClass::kReading, 1);
  EXPECT_THAT(send(), testing::ElementsAre(1));
  sleep(Duration::seconds(60));
  add(ReportClass::kReading, 2);
  EXPECT_THAT(send(), testing::ElementsAre(2)) << "the acknowledgement of the first lags a wake";
  sleep(Duration::seconds(60));
  EXPECT_THAT(send(), testing::ElementsAre(1));
  now_ = now_ + kPatience;
  EXPECT_THAT(send(), testing::ElementsAre(2)) << "who stays awake waits no longer";
}

TEST_F(KeptRingTest, ARestoredReportIsAcknowledgedIfItWasSent) {
  add(ReportClass::kReading, 1);
  send();
  add(ReportClass::kReading, 2);
  sleep(Duration::seconds(60));
  EXPECT_EQ(ring_->acknowledge(ReportClass::kReading, 2, 0), 1U);
  EXPECT_THAT(send(), testing::ElementsAre(2));
}

TEST_F(KeptRingTest, WhatWasDroppedIsCountedOn) {
  for (std::uint8_t i = 1; i <= 5; ++i) add(ReportClass::kReading, i);
  sleep(Duration::seconds(60));
  EXPECT_EQ(ring_->dropped(), 1U);
  EXPECT_EQ(add(ReportClass::kReading, 6), AddStatus::kStoredForOther);
  EXPECT_EQ(ring_->dropped(), 2U);
  EXPECT_THAT(send(), testing::ElementsAre(3, 4, 5, 6)) << "the oldest gave way";
}

TEST_F(KeptRingTest, ASmallerRingLosesWhatItCantHoldAndSaysSo) {
  for (std::uint8_t i = 1; i <= 4; ++i) add(ReportClass::kReading, i);
  ReportStorage<2, 8> small;
  sleep(Duration::seconds(60), small.memory());
  EXPECT_EQ(ring_->held(), 2U);
  EXPECT_EQ(ring_->dropped(), 2U);
}

TEST_F(KeptRingTest, TheLongOneIsKeptWhereOneLongOneHasAPlace) {
  ReportStorage<4, 8, 40> before;
  ReportStorage<4, 8, 20> after;
  sleep({}, before.memory());
  const std::array<std::uint8_t, 20> readings{9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8};
  add(ReportClass::kReading, 1);
  EXPECT_EQ(ring_->add(now_, ReportClass::kReading, readings), AddStatus::kStored);
  add(ReportClass::kReading, 2);
  sleep(Duration::seconds(60), after.memory());
  before = {};
  EXPECT_THAT(send(), testing::ElementsAre(1, 9, 2));
  EXPECT_TRUE(holds(readings));

  ReportRing::Kept second;
  second.readings = readings;
  EXPECT_FALSE(ring_->restore(now_, second, kPatience)) << "its place is taken";
  EXPECT_TRUE(holds(readings));
  sleep(Duration::seconds(60));
  EXPECT_EQ(ring_->held(), 2U);
  EXPECT_EQ(ring_->dropped(), 2U) << "in a ring of short ones it has none";
}

TEST_F(KeptRingTest, AgesCanBeSetRightLater) {
  add(ReportClass::kReading, 1);
  sleep(Duration{});
  add(ReportClass::kReading, 2);
  ring_->age_restored(Duration::seconds(45));
  EXPECT_EQ(ring_->next_due(now_, 1)->age_ms, 45'000U);
  EXPECT_EQ(ring_->keep(now_, 1)->age, Duration{}) << "what is new is as old as it seems";
}

}  // namespace
}  // namespace espial::transfer
