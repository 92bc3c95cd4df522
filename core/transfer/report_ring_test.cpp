#include "core/transfer/report_ring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace espial::transfer {
namespace {

constexpr Duration kRepeat = Duration::milliseconds(500);

class ReportRingTest : public testing::Test {
 protected:
  AddStatus add(ReportClass report_class, std::uint8_t mark) {
    const std::array<std::uint8_t, 1> bytes{mark};
    return ring_.add(now_, report_class, bytes);
  }
  /// Sends everything due as one frame. @returns the marks in order.
  std::vector<int> send(std::uint32_t frame) {
    std::vector<int> marks;
    while (const auto chosen = ring_.next_due(now_, frame)) {
      marks.push_back(chosen->readings[0]);
      last_ = *chosen;
      ring_.sent(now_, chosen->slot, frame, kRepeat);
    }
    return marks;
  }

  ReportStorage<4, 8> storage_;
  ReportRing ring_{storage_.memory()};
  Instant now_{1'000'000};
  ReportRing::Chosen last_;
};

TEST_F(ReportRingTest, SendsEventsFirstThenReadingsThenQos0EachInOrder) {
  add(ReportClass::kOnce, 1);
  add(ReportClass::kReading, 2);
  add(ReportClass::kEvent, 3);
  add(ReportClass::kReading, 4);
  EXPECT_THAT(send(1), testing::ElementsAre(3, 2, 4, 1));
  EXPECT_EQ(ring_.held(), 3U);
}

TEST_F(ReportRingTest, EachStreamHasItsOwnSequence) {
  add(ReportClass::kReading, 1);
  add(ReportClass::kReading, 2);
  add(ReportClass::kEvent, 3);
  auto chosen = ring_.next_due(now_, 1);
  EXPECT_EQ(chosen->sequence, 0U);
  ring_.sent(now_, chosen->slot, 1, kRepeat);
  send(1);
  EXPECT_EQ(last_.sequence, 1U);
  EXPECT_EQ(last_.held, 1U);
}

TEST_F(ReportRingTest, AFullRingGivesUpQos0ThenTheOldestReadingThenEvents) {
  add(ReportClass::kReading, 1);
  add(ReportClass::kOnce, 2);
  add(ReportClass::kReading, 3);
  EXPECT_EQ(add(ReportClass::kEvent, 4), AddStatus::kStored);
  EXPECT_EQ(add(ReportClass::kReading, 5), AddStatus::kStoredForOther);
  EXPECT_EQ(ring_.counters().dropped[2], 1U);
  EXPECT_EQ(add(ReportClass::kOnce, 6), AddStatus::kFull);
  EXPECT_EQ(add(ReportClass::kEvent, 7), AddStatus::kStoredForOther);
  EXPECT_EQ(ring_.counters().dropped[0], 1U);
  EXPECT_THAT(send(1), testing::ElementsAre(4, 7, 3, 5));
}

TEST_F(ReportRingTest, OnlyEventsHeldMeansReadingsAreRefusedAndEventsReplaceEvents) {
  for (std::uint8_t i = 1; i <= 4; ++i) add(ReportClass::kEvent, i);
  EXPECT_EQ(add(ReportClass::kReading, 5), AddStatus::kFull);
  EXPECT_EQ(add(ReportClass::kEvent, 6), AddStatus::kStoredForOther);
  EXPECT_EQ(ring_.counters().dropped[0], 1U);
  EXPECT_EQ(ring_.counters().dropped[1], 1U);
  EXPECT_EQ(ring_.dropped(), 2U);
  EXPECT_THAT(send(1), testing::ElementsAre(2, 3, 4, 6));
}

TEST_F(ReportRingTest, AGivenUpReportMovesTheOldestHeld) {
  for (std::uint8_t i = 1; i <= 5; ++i) add(ReportClass::kReading, i);
  send(1);
  EXPECT_EQ(last_.sequence, 4U);
  EXPECT_EQ(last_.held, 3U);
}

TEST_F(ReportRingTest, AnAcknowledgementFreesBelowTheFloorAndByBitmap) {
  for (std::uint8_t i = 1; i <= 4; ++i) add(ReportClass::kReading, i);
  send(1);
  EXPECT_EQ(ring_.acknowledge(ReportClass::kReading, 1, 0b10), 2U);
  now_ = now_ + kRepeat;
  EXPECT_THAT(send(2), testing::ElementsAre(2, 3));
  EXPECT_EQ(ring_.counters().acknowledged, 2U);
}

TEST_F(ReportRingTest, AnAcknowledgementOfOneStreamLeavesTheOther) {
  add(ReportClass::kReading, 1);
  add(ReportClass::kEvent, 2);
  send(1);
  EXPECT_EQ(ring_.acknowledge(ReportClass::kEvent, 1, 0), 1U);
  EXPECT_EQ(ring_.held(), 1U);
  EXPECT_EQ(ring_.acknowledge(ReportClass::kOnce, 1, 0), 0U);
}

TEST_F(ReportRingTest, WhatWasNeverSentCantBeAcknowledged) {
  add(ReportClass::kReading, 1);
  send(1);
  add(ReportClass::kReading, 2);
  EXPECT_EQ(ring_.acknowledge(ReportClass::kReading, 2, 0), 1U);
  EXPECT_EQ(ring_.held(), 1U);
}

TEST_F(ReportRingTest, AFloorBeyondEverythingTakenIsRefused) {
  add(ReportClass::kReading, 1);
  send(1);
  EXPECT_EQ(ring_.acknowledge(ReportClass::kReading, 500, 0), 0U);
  EXPECT_EQ(ring_.held(), 1U);
}

TEST_F(ReportRingTest, WhatATornRecordTookBackIsFreedByAFloorFurtherThanTheAirHolds) {
  // The record is of a time before 50 were stored; 0 was in the air then, and is now the oldest.
  ring_.restore({{60, 0}, 0});
  const std::array<std::uint8_t, 1> bytes{1};
  ReportRing::Kept kept;
  kept.sent = true;
  kept.readings = bytes;
  ASSERT_TRUE(ring_.restore(now_, kept, {}));
  EXPECT_EQ(ring_.acknowledge(ReportClass::kReading, 50, 0), 1U) << "or it is said for ever";
}

TEST_F(ReportRingTest, AQos0ReportOfAFrameThatTheRadioRefusedIsHeldAgain) {
  add(ReportClass::kOnce, 1);
  add(ReportClass::kReading, 2);
  send(1);
  EXPECT_EQ(ring_.held(), 1U);
  ring_.failed(now_, 1, kRepeat, true);
  EXPECT_EQ(ring_.held(), 2U);
  now_ = now_ + kRepeat;
  EXPECT_THAT(send(2), testing::ElementsAre(2, 1));
  ring_.failed(now_, 2, kRepeat, false);
  EXPECT_EQ(ring_.held(), 1U) << "sent once, heard or not";
}

TEST_F(ReportRingTest, RepeatsAfterTheTimeoutWithTheAgeOfThen) {
  add(ReportClass::kReading, 1);
  send(1);
  EXPECT_EQ(last_.age_ms, 0U);
  EXPECT_FALSE(ring_.next_due(now_, 2).has_value());
  EXPECT_EQ(ring_.next_due_at(), now_ + kRepeat);
  now_ = now_ + kRepeat;
  EXPECT_THAT(send(2), testing::ElementsAre(1));
  EXPECT_EQ(last_.age_ms, 500U);
  EXPECT_EQ(ring_.most_attempts(), 2);
}

TEST_F(ReportRingTest, AFailedFrameIsDueAgainAndOnlyWhatWasInIt) {
  add(ReportClass::kReading, 1);
  send(1);
  add(ReportClass::kReading, 2);
  send(2);
  ring_.failed(now_, 2, Duration::milliseconds(20), false);
  now_ = now_ + Duration::milliseconds(20);
  EXPECT_THAT(send(3), testing::ElementsAre(2));
}

TEST_F(ReportRingTest, ResendAllMakesEverythingDueInOrder) {
  for (std::uint8_t i = 1; i <= 3; ++i) add(ReportClass::kReading, i);
  send(1);
  ring_.resend_all(now_);
  EXPECT_THAT(send(2), testing::ElementsAre(1, 2, 3));
}

TEST_F(ReportRingTest, NoSequenceMeansAStoredOneHoweverLongNothingIsAcknowledged) {
  const auto ahead_of = [this](std::uint16_t floor) {
    const std::uint32_t newest = ring_.streams().next_sequence[0] - 1;
    return static_cast<std::uint16_t>(newest - floor);
  };
  constexpr std::uint16_t kFloor = 1000;
  for (int i = 0; i < kFloor; ++i) add(ReportClass::kReading, 1);
  send(1);
  ring_.acknowledge(ReportClass::kReading, kFloor, 0);
  std::uint32_t most_ahead = 0;
  std::uint32_t least_later = UINT16_MAX;
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    add(ReportClass::kReading, 1);
    most_ahead = std::max<std::uint32_t>(most_ahead, ahead_of(kFloor));
    if (i >= kNearlyALap) least_later = std::min<std::uint32_t>(least_later, ahead_of(kFloor));
  }
  EXPECT_LT(most_ahead, kNearlyALap);
  EXPECT_GE(most_ahead, kNearlyALap - 0x1000);
  EXPECT_GE(least_later, kNearlyALap - 0x1000 + kPassedOver - 0x10000);
  const std::uint16_t floor = kFloor + ahead_of(kFloor) + 1;
  send(2);
  EXPECT_EQ(ring_.acknowledge(ReportClass::kReading, floor, 0), 4U);
  add(ReportClass::kReading, 1);
  EXPECT_EQ(ahead_of(floor), 0);
}

TEST_F(ReportRingTest, WhatWasAcknowledgedALapAgoIsNotWhatWasPassedOver) {
  constexpr std::uint16_t kFloor = 1000;
  for (std::uint32_t i = 0; i < kNearlyALap - 2; ++i) {
    add(ReportClass::kReading, 1);
    if (i + 1 != kFloor) continue;
    send(1);
    ring_.acknowledge(ReportClass::kReading, kFloor, 0);
  }
  for (std::uint8_t mark = 2; mark <= 5; ++mark) add(ReportClass::kReading, mark);
  EXPECT_THAT(send(2), testing::ElementsAre(2, 3)) << "the others are too far from them";
  EXPECT_EQ(ring_.acknowledge(ReportClass::kReading, kFloor, 0), 0U);
  EXPECT_EQ(ring_.acknowledge(ReportClass::kReading, kNearlyALap, 0), 2U);
  EXPECT_THAT(send(3), testing::ElementsAre(4, 5));
  EXPECT_EQ(last_.sequence, kNearlyALap + kPassedOver + 1);
}

TEST_F(ReportRingTest, OnlyWhatTakesASequenceIsCounted) {
  for (int i = 0; i < 4; ++i) add(ReportClass::kEvent, 1);
  for (std::uint32_t i = 0; i < 0x10000; ++i) {
    add(ReportClass::kReading, 2);
    add(ReportClass::kOnce, 3);
  }
  EXPECT_EQ(ring_.streams().next_sequence[0], 0U);
  EXPECT_EQ(ring_.streams().next_sequence[1], 4U);
}

TEST_F(ReportRingTest, TooLongAReportIsRefused) {
  const std::array<std::uint8_t, 9> bytes{};
  EXPECT_EQ(ring_.add(now_, ReportClass::kReading, bytes), AddStatus::kTooLong);
  EXPECT_TRUE(ring_.empty());
  EXPECT_EQ(ring_.next_due_at(), kNever);
}

TEST(ReportRingWindowTest, NoMoreThanAnAcknowledgementCanNameAreInFlight) {
  ReportStorage<40, 8> storage;
  ReportRing ring{storage.memory()};
  const std::array<std::uint8_t, 1> bytes{};
  for (int i = 0; i < 40; ++i)
    ASSERT_EQ(ring.add({}, ReportClass::kReading, bytes), AddStatus::kStored);
  const auto send = [&](std::uint32_t frame) {
    std::uint32_t sent = 0;
    while (const auto chosen = ring.next_due({}, frame)) {
      EXPECT_LT(chosen->held, kMaxInFlight);
      ring.sent({}, chosen->slot, frame, kRepeat);
      ++sent;
    }
    return sent;
  };
  EXPECT_EQ(send(1), kMaxInFlight);
  EXPECT_EQ(send(2), 0U);
  EXPECT_EQ(ring.acknowledge(ReportClass::kReading, 2, 0), 2U);
  EXPECT_EQ(send(3), 2U);
}

TEST(ReportRingWindowTest, SequencesPassTheSixteenBitsOfTheAir) {
  ReportStorage<4, 8> storage;
  ReportRing ring{storage.memory()};
  const std::array<std::uint8_t, 1> bytes{};
  for (std::uint32_t i = 0; i < 70'000; ++i) {
    ASSERT_EQ(ring.add({}, ReportClass::kReading, bytes), AddStatus::kStored);
    const auto chosen = ring.next_due({}, i + 1);
    ASSERT_TRUE(chosen.has_value());
    ASSERT_EQ(chosen->sequence, i);
    ring.sent({}, chosen->slot, i + 1, kRepeat);
    ASSERT_EQ(ring.acknowledge(ReportClass::kReading, static_cast<std::uint16_t>(i + 1), 0), 1U);
  }
}

class LongReportRingTest : public testing::Test {
 protected:
  AddStatus add(std::size_t size, std::uint8_t mark, ReportClass c = ReportClass::kReading) {
    const std::vector<std::uint8_t> bytes(size, mark);
    return ring_.add({}, c, {bytes.data(), bytes.size()});
  }

  ReportStorage<3, 8, 100> storage_;
  ReportRing ring_{storage_.memory()};
};

TEST_F(LongReportRingTest, OneReportAtATimeMayBeLong) {
  EXPECT_EQ(add(8, 1), AddStatus::kStored);
  EXPECT_EQ(add(100, 2), AddStatus::kStored);
  EXPECT_EQ(add(9, 3), AddStatus::kFull);
  EXPECT_EQ(ring_.counters().dropped[0], 1U);
  EXPECT_EQ(add(101, 4), AddStatus::kTooLong);
  EXPECT_EQ(add(8, 5), AddStatus::kStored);
  const auto first = ring_.next_due({}, 1);
  ring_.sent({}, first->slot, 1, kRepeat);
  const auto second = ring_.next_due({}, 1);
  EXPECT_EQ(second->sequence, 1U);
  EXPECT_EQ(second->readings.size(), 100U);
  EXPECT_EQ(second->readings[99], 2);
  ring_.sent({}, second->slot, 1, kRepeat);
  EXPECT_EQ(ring_.next_due({}, 1)->readings[0], 5);
  EXPECT_EQ(ring_.acknowledge(ReportClass::kReading, 2, 0), 2U);
  EXPECT_EQ(add(50, 6), AddStatus::kStored) << "its place is free again";
}

TEST_F(LongReportRingTest, ALongReportGivesWayToShortOnesAsTheyDoAndItsPlaceWithIt) {
  EXPECT_EQ(add(100, 1), AddStatus::kStored);
  for (std::uint8_t mark = 2; mark <= 3; ++mark) EXPECT_EQ(add(8, mark), AddStatus::kStored);
  const auto chosen = ring_.next_due({}, 1);
  EXPECT_TRUE(ring_.holds(*chosen));
  EXPECT_EQ(add(8, 4), AddStatus::kStoredForOther);
  EXPECT_FALSE(ring_.holds(*chosen)) << "another report has its slot";
  EXPECT_EQ(add(100, 5), AddStatus::kStoredForOther);
}

TEST_F(LongReportRingTest, WhatIsPostponedWaitsAndWhatIsGivenUpIsPassed) {
  add(100, 1);
  add(8, 2);
  const std::size_t slot = ring_.next_due({}, 1)->slot;
  ring_.postpone(slot, kNever);
  EXPECT_EQ(ring_.next_due({}, 1)->readings[0], 2);
  ring_.give_up(slot);
  EXPECT_EQ(ring_.dropped(), 1U);
  EXPECT_EQ(ring_.next_due({}, 1)->held, 0U);
}

TEST(ReportRingWindowTest, AReportLongerThanASlotCanSayIsRefused) {
  constexpr std::size_t kSlotBytes = 8;
  std::array<ReportSlot, 2> slots;
  std::vector<std::uint8_t> memory(2 * kSlotBytes + kMaxReportSize + 1, 0);
  std::vector<std::uint8_t> long_bytes(kMaxReportSize + 1);
  ReportRing ring{{slots, {memory.data(), 2 * kSlotBytes}, {long_bytes.data(), long_bytes.size()}}};
  const std::vector<std::uint8_t> report(kMaxReportSize + 1, 7);
  EXPECT_EQ(ring.add({}, ReportClass::kReading, {report.data(), report.size()}),
            AddStatus::kTooLong);
  EXPECT_EQ(std::count(memory.begin(), memory.end(), 7), 0) << "nothing is overwritten";
  EXPECT_EQ(ring.add({}, ReportClass::kReading, {report.data(), kMaxReportSize}),
            AddStatus::kStored);
  EXPECT_EQ(ring.next_due({}, 1)->readings.size(), kMaxReportSize);
}

TEST(ReportRingWindowTest, ARingWithoutMemoryRefusesEverything) {
  ReportRing ring{ReportMemory{}};
  const std::array<std::uint8_t, 1> bytes{};
  EXPECT_EQ(ring.add({}, ReportClass::kEvent, bytes), AddStatus::kTooLong);
  EXPECT_EQ(ring.add({}, ReportClass::kEvent, {}), AddStatus::kFull);
}

}  // namespace
}  // namespace espial::transfer
