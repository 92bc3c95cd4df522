#include "core/transfer/reassembler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "core/transfer/long_parts_test.hpp"

namespace espial::transfer {
namespace {

using wire::FragackCode;

constexpr std::uint16_t kUnit = 100;

class ReassemblerTest : public testing::Test {
 protected:
  static constexpr std::size_t kSlots = 2;
  static constexpr std::size_t kSlotSize = 8000;

  ReassemblerTest() {
    for (std::uint32_t i = 0; i < senders_.size(); ++i) senders_[i].sender = i;
  }

  /// Part `index` of a packet of `total` bytes.
  Arrival hear(std::size_t sender, std::uint16_t message, std::uint32_t index,
               std::uint32_t total = 1000, std::uint16_t unit = kUnit) {
    const BytesSource source(total, static_cast<std::uint8_t>(sender + message));
    const std::uint32_t offset = index * unit;
    const std::size_t size = std::min<std::size_t>(unit, total - offset);
    return pool_.on_fragment(now_, now_, senders_[sender],
                             {message, offset, total, {source.bytes.data() + offset, size}});
  }
  PartVerdict verdict(std::size_t sender, std::uint16_t message, std::uint32_t index,
                      std::uint32_t total = 1000, std::uint16_t unit = kUnit) {
    return hear(sender, message, index, total, unit).verdict;
  }
  /// A packet whose first part only is heard.
  PartVerdict begin(std::size_t sender, std::uint16_t message = 1, std::uint32_t total = 1000) {
    return verdict(sender, message, 0, total);
  }
  wire::Fragack said(std::size_t sender) { return pool_.fragack(senders_[sender]); }
  void pass(Duration span) { now_ = now_ + span; }

  Instant now_{1'000'000'000};
  std::array<LongSlot, kSlots> slots_;
  std::array<std::uint8_t, kSlots * kSlotSize> bytes_{};
  LongBuffers buffers_{bytes_, kSlots};
  Reassembler pool_{slots_, buffers_};
  std::array<Incoming, 6> senders_{};
};

TEST_F(ReassemblerTest, PutsPartsTogetherInAnyOrder) {
  for (const std::uint32_t index : {3U, 0U, 4U, 1U}) {
    EXPECT_EQ(verdict(0, 1, index, 450), PartVerdict::kTaken) << index;
  }
  const Arrival done = hear(0, 1, 2, 450);
  EXPECT_EQ(done.verdict, PartVerdict::kComplete);
  EXPECT_TRUE(done.answer);
  const BytesSource expected(450, 1);
  EXPECT_TRUE(
      equal(buffers_.packet(done.slot, done.size), {expected.bytes.data(), expected.bytes.size()}));
  EXPECT_EQ(said(0).code, FragackCode::kComplete);
  EXPECT_EQ(said(0).floor, 5);
  EXPECT_EQ(pool_.in_use(), 0U);
}

/// The age that the first part tells counts to when it was sent, not to when another one came.
TEST_F(ReassemblerTest, ThePacketBeginsWhenItsFirstPartIsHeard) {
  hear(0, 1, 1, 300);
  pass(Duration::seconds(2));
  hear(0, 1, 0, 300);
  const Instant first_part_at = now_;
  pass(Duration::milliseconds(400));
  hear(0, 1, 0, 300);
  EXPECT_EQ(hear(0, 1, 2, 300).since, first_part_at);
}

TEST_F(ReassemblerTest, TellsWhatIsHere) {
  hear(0, 1, 0);
  hear(0, 1, 1);
  hear(0, 1, 3);
  hear(0, 1, 6);
  const wire::Fragack ack = said(0);
  EXPECT_EQ(ack.code, FragackCode::kReceiving);
  EXPECT_EQ(ack.message, 1);
  EXPECT_EQ(ack.unit, kUnit);
  EXPECT_EQ(ack.floor, 2);
  EXPECT_EQ(ack.bitmap, 0b1001U);
  hear(0, 1, 2);
  EXPECT_EQ(said(0).floor, 4);
  EXPECT_EQ(said(0).bitmap, 0b10U);
}

TEST_F(ReassemblerTest, APacketOfOnePartIsWhole) {
  EXPECT_EQ(verdict(0, 1, 0, 30), PartVerdict::kComplete);
}

TEST_F(ReassemblerTest, AnswersAfterManyPartsOrAPauseButNotToEach) {
  for (std::uint32_t i = 0; i + 1 < kPartsPerFragack; ++i) {
    EXPECT_FALSE(hear(0, 1, i, 8000).answer) << i;
    EXPECT_EQ(pool_.next_to_tell(now_), nullptr);
  }
  EXPECT_TRUE(hear(0, 1, kPartsPerFragack - 1, 8000).answer);
  pool_.told(senders_[0]);
  EXPECT_FALSE(hear(0, 1, kPartsPerFragack, 8000).answer);
  EXPECT_EQ(pool_.next_timer(), now_ + kFragackDelay);
  pass(kFragackDelay);
  EXPECT_EQ(pool_.next_to_tell(now_), &senders_[0]);
  EXPECT_EQ(pool_.next_to_tell(now_), nullptr) << "once";
}

TEST_F(ReassemblerTest, ARepeatedPartAsksForAnAnswer) {
  hear(0, 1, 0);
  const Arrival again = hear(0, 1, 0);
  EXPECT_EQ(again.verdict, PartVerdict::kRepeated);
  EXPECT_TRUE(again.answer);
}

TEST_F(ReassemblerTest, ACompletePacketIsRememberedAndNotTakenTwice) {
  hear(0, 1, 0, 150);
  EXPECT_EQ(verdict(0, 1, 1, 150), PartVerdict::kComplete);
  for (const std::uint32_t index : {0U, 1U}) {
    pass(kRemembered);
    const Arrival again = hear(0, 1, index, 150);
    EXPECT_EQ(again.verdict, PartVerdict::kRepeated);
    EXPECT_TRUE(again.answer);
    EXPECT_EQ(said(0).code, FragackCode::kComplete);
  }
  pass(kRemembered + Duration::seconds(1));
  EXPECT_EQ(verdict(0, 1, 0, 150), PartVerdict::kTaken) << "nothing is remembered for ever";
}

TEST_F(ReassemblerTest, ANewerPacketTakesTheSendersOwnSlotAndAnOlderOneIsPassedOver) {
  hear(0, 5, 0);
  const Arrival newer = hear(0, 6, 0);
  EXPECT_EQ(newer.verdict, PartVerdict::kTaken);
  EXPECT_TRUE(newer.dropped_other);
  EXPECT_EQ(pool_.in_use(), 1U);
  EXPECT_EQ(verdict(0, 5, 1), PartVerdict::kOld);
  EXPECT_EQ(said(0).message, 6);
  EXPECT_EQ(verdict(0, 0xffff, 1), PartVerdict::kOld) << "numbers are compared modulo 65536";
}

TEST_F(ReassemblerTest, TooLongAPacketIsRefusedWithoutASlot) {
  EXPECT_EQ(begin(0, 1, kSlotSize + 1), PartVerdict::kTooLong);
  EXPECT_EQ(said(0).code, FragackCode::kTooLong);
  EXPECT_EQ(pool_.in_use(), 0U);
  EXPECT_EQ(begin(0, 1, kSlotSize + 1), PartVerdict::kRepeated);
  EXPECT_EQ(begin(1, 1, kSlotSize), PartVerdict::kTaken);
}

TEST_F(ReassemblerTest, WithoutSlotsEverythingIsTooLong) {
  LongBuffers none{{}, 0};
  Reassembler pool{{}, none};
  Incoming from;
  const Bytes bytes(100);
  const Arrival refused =
      pool.on_fragment(now_, now_, from, {1, 0, 300, {bytes.data(), bytes.size()}});
  EXPECT_EQ(refused.verdict, PartVerdict::kTooLong);
  EXPECT_TRUE(refused.answer);
  EXPECT_EQ(pool.next_timer(), kNever);
}

TEST_F(ReassemblerTest, WhatContradictsThePartsBeforeItIsRefusedAndChangesNothing) {
  hear(0, 1, 1);
  hear(0, 1, 2);
  const std::array<std::uint8_t, 200> bytes{};
  const auto part = [&](std::uint32_t offset, std::uint32_t total, std::size_t size) {
    return pool_
        .on_fragment(now_, now_, senders_[0], {1, offset, total, ByteView(bytes).subview(0, size)})
        .verdict;
  };
  EXPECT_EQ(part(300, 2000, kUnit), PartVerdict::kNotSane) << "another total";
  EXPECT_EQ(part(300, 900, kUnit), PartVerdict::kNotSane) << "another total";
  EXPECT_EQ(part(350, 1000, kUnit), PartVerdict::kNotSane) << "overlaps two";
  EXPECT_EQ(part(300, 1000, 99), PartVerdict::kNotSane) << "shorter";
  EXPECT_EQ(part(300, 1000, 200), PartVerdict::kNotSane) << "covers two";
  EXPECT_EQ(part(800, 1000, 200), PartVerdict::kNotSane) << "a last part longer than the others";
  EXPECT_EQ(part(950, 1000, 50), PartVerdict::kNotSane) << "a last part at the wrong place";
  EXPECT_EQ(said(0).floor, 0);
  EXPECT_EQ(said(0).bitmap, 0b11U);
  EXPECT_EQ(verdict(0, 1, 3), PartVerdict::kTaken);
}

TEST_F(ReassemblerTest, SingleBytesAreNoParts) {
  EXPECT_EQ(verdict(0, 1, 0, 1000, 1), PartVerdict::kNotSane);
  EXPECT_EQ(verdict(0, 1, 1, 1000, kMinPart - 1), PartVerdict::kNotSane);
  EXPECT_EQ(pool_.in_use(), 0U);
  EXPECT_EQ(verdict(0, 1, 0, 1000, kMinPart), PartVerdict::kTaken);
}

TEST_F(ReassemblerTest, TheLastPartAloneDoesNotSayHowLongTheOthersAre) {
  EXPECT_EQ(verdict(0, 1, 9), PartVerdict::kNoUnit);
  EXPECT_EQ(pool_.in_use(), 0U);
}

TEST_F(ReassemblerTest, PartsBeyondTheWindowAreRefusedAndAskForAnAnswer) {
  hear(0, 1, 0, 8000);
  EXPECT_EQ(verdict(0, 1, kReceiveWindow, 8000), PartVerdict::kTaken);
  const Arrival far = hear(0, 1, kReceiveWindow + 1, 8000);
  EXPECT_EQ(far.verdict, PartVerdict::kBeyondWindow);
  EXPECT_TRUE(far.answer);
  EXPECT_EQ(said(0).bitmap, 0x80000000U);
}

TEST_F(ReassemblerTest, AReceiverThatLostTheBeginningSaysSo) {
  EXPECT_EQ(verdict(0, 1, 40, 8000), PartVerdict::kBeyondWindow);
  EXPECT_EQ(said(0).code, FragackCode::kReceiving);
  EXPECT_EQ(said(0).floor, 0);
  EXPECT_EQ(verdict(0, 1, 0, 8000), PartVerdict::kTaken);
}

TEST_F(ReassemblerTest, OneSenderNeverHasMoreThanOneSlot) {
  for (std::uint16_t message = 1; message < 200; ++message) {
    EXPECT_EQ(begin(0, message), PartVerdict::kTaken);
    EXPECT_EQ(pool_.in_use(), 1U);
  }
  EXPECT_EQ(begin(1), PartVerdict::kTaken);
}

TEST_F(ReassemblerTest, WhoIsFastEnoughIsNotDisturbed) {
  begin(0, 1, 8000);
  begin(1, 1, 8000);
  for (std::uint32_t i = 1; i < 80; ++i) {
    // 100 bytes in 180 ms: a little more than the fair rate.
    pass(Duration::milliseconds(180));
    EXPECT_EQ(begin(2), PartVerdict::kBusy);
    const PartVerdict expected = i < 79 ? PartVerdict::kTaken : PartVerdict::kComplete;
    EXPECT_EQ(verdict(0, 1, i, 8000), expected);
    EXPECT_EQ(verdict(1, 1, i, 8000), expected);
  }
  EXPECT_EQ(said(2).code, FragackCode::kBusy);
  EXPECT_EQ(begin(2), PartVerdict::kTaken);
}

TEST_F(ReassemblerTest, AStalledPacketGivesWayAndAnotherIsNotTouched) {
  begin(0);
  begin(1);
  pass(kStalled - Duration::milliseconds(1));
  EXPECT_EQ(verdict(1, 1, 1), PartVerdict::kTaken);
  EXPECT_EQ(begin(2), PartVerdict::kBusy);
  pass(Duration::milliseconds(1));
  const Arrival taken = hear(2, 1, 0);
  EXPECT_EQ(taken.verdict, PartVerdict::kTaken);
  EXPECT_TRUE(taken.dropped_other);
  EXPECT_EQ(said(1).floor, 2) << "nobody else's progress is lost";
  EXPECT_EQ(said(0).floor, 0);
  // It comes back, and is told how it stands.
  EXPECT_EQ(verdict(0, 1, 1), PartVerdict::kBusy);
  EXPECT_EQ(said(0).code, FragackCode::kBusy);
}

TEST_F(ReassemblerTest, ACrawlingPacketGivesWay) {
  begin(0, 1, 8000);
  begin(1, 1, 8000);
  for (std::uint32_t i = 1; i < 10; ++i) {
    pass(Duration::milliseconds(900));
    EXPECT_EQ(verdict(0, 1, i, 8000), PartVerdict::kTaken);
    for (std::uint32_t k = 0; k < 6; ++k) (void)hear(1, 1, 6 * i + k - 5, 8000);
    if (begin(2) == PartVerdict::kTaken) break;
  }
  EXPECT_EQ(said(2).code, FragackCode::kReceiving);
  EXPECT_EQ(said(0).floor, 0) << "the one that crawls lost its slot";
  EXPECT_GT(said(1).floor, 20);
}

TEST_F(ReassemblerTest, ASlotThatOthersWaitForIsNotTakenByWhoHadItLast) {
  begin(0, 1, 150);
  begin(1);
  EXPECT_EQ(begin(2), PartVerdict::kBusy);
  EXPECT_EQ(verdict(0, 1, 1, 150), PartVerdict::kComplete);
  EXPECT_EQ(begin(0, 2), PartVerdict::kBusy) << "it had its turn";
  pass(kReservation - Duration::milliseconds(1));
  EXPECT_EQ(verdict(1, 1, 1), PartVerdict::kTaken);
  EXPECT_EQ(begin(0, 2), PartVerdict::kBusy);
  EXPECT_EQ(begin(2), PartVerdict::kTaken);
}

TEST_F(ReassemblerTest, OfThoseWhoWaitTheOneServedLongestAgoIsNext) {
  EXPECT_EQ(verdict(2, 1, 0, 50), PartVerdict::kComplete);
  pass(Duration::milliseconds(1));
  EXPECT_EQ(verdict(3, 1, 0, 50), PartVerdict::kComplete);
  begin(0, 1, 150);
  begin(1);
  // The one that asked first, and most often, has had its turn more recently.
  EXPECT_EQ(begin(3, 2), PartVerdict::kBusy);
  EXPECT_EQ(begin(2, 2), PartVerdict::kBusy);
  EXPECT_EQ(begin(3, 2), PartVerdict::kBusy);
  EXPECT_EQ(verdict(0, 1, 1, 150), PartVerdict::kComplete);
  EXPECT_EQ(begin(3, 2), PartVerdict::kBusy);
  EXPECT_EQ(begin(2, 2), PartVerdict::kTaken);
}

TEST_F(ReassemblerTest, AReservationEndsWhenItsSenderStaysAway) {
  begin(0, 1, 150);
  begin(1);
  EXPECT_EQ(begin(2), PartVerdict::kBusy);
  EXPECT_EQ(verdict(0, 1, 1, 150), PartVerdict::kComplete);
  pass(kReservation);
  EXPECT_EQ(verdict(1, 1, 1), PartVerdict::kTaken);
  EXPECT_EQ(begin(0, 2), PartVerdict::kTaken);
}

TEST_F(ReassemblerTest, SendersThatNeverFinishKeepNobodyOut) {
  // Four hostile senders open packet after packet, as fast as they like; one is honest.
  std::uint16_t message = 1;
  std::uint32_t done = 0;
  std::uint32_t index = 0;
  const Instant start = now_;
  while (done < 3 && now_ - start < Duration::seconds(120)) {
    pass(Duration::milliseconds(50));
    for (std::size_t hostile = 1; hostile <= 4; ++hostile) (void)begin(hostile, message);
    ++message;
    const auto number = static_cast<std::uint16_t>(done + 1);
    const PartVerdict heard = verdict(0, number, index, 8000);
    if (heard == PartVerdict::kTaken) ++index;
    if (heard == PartVerdict::kBusy) {
      index = 0;
      pass(Duration::milliseconds(1450));
    }
    if (heard == PartVerdict::kComplete) {
      index = 0;
      ++done;
    }
  }
  EXPECT_EQ(done, 3U);
}

TEST_F(ReassemblerTest, ASilentPacketIsDroppedInTime) {
  begin(0);
  EXPECT_FALSE(pool_.drop_silent(now_));
  pool_.told(senders_[0]);
  EXPECT_EQ(pool_.next_timer(), now_ + kPartsTimeout);
  pass(kPartsTimeout);
  EXPECT_TRUE(pool_.drop_silent(now_));
  EXPECT_FALSE(pool_.drop_silent(now_));
  EXPECT_EQ(pool_.in_use(), 0U);
  EXPECT_EQ(verdict(0, 1, 5), PartVerdict::kTaken) << "it may go on, from the beginning";
  EXPECT_EQ(said(0).floor, 0);
}

TEST_F(ReassemblerTest, AnEndedSessionFreesItsSlotAndForgetsItsNumbers) {
  begin(0, 9);
  pool_.forget(senders_[0]);
  EXPECT_EQ(pool_.in_use(), 0U);
  EXPECT_FALSE(senders_[0].known);
  EXPECT_EQ(begin(0, 1), PartVerdict::kTaken);
}

/// A place like a file, which may fail.
class FailingStore final : public LongStore {
 public:
  std::uint32_t capacity() const override { return 16U << 20U; }
  bool write(std::size_t, std::uint32_t offset, ByteView) override { return offset < fails_from; }
  std::uint32_t fails_from = UINT32_MAX;
};

TEST_F(ReassemblerTest, AStoreNeedNotBeMemoryAndMayFail) {
  FailingStore file;
  Reassembler pool{slots_, file};
  constexpr std::uint32_t kTotal = wire::kMaxFragmentedSize;
  const Bytes bytes(1434);
  const auto hear_part = [&](std::uint32_t index) {
    const std::size_t size = std::min<std::size_t>(1434, kTotal - index * 1434);
    return pool.on_fragment(now_, now_, senders_[0],
                            {1, index * 1434, kTotal, {bytes.data(), size}});
  };
  const std::uint32_t parts = (kTotal + 1433) / 1434;
  for (std::uint32_t i = 0; i + 1 < parts; ++i) {
    ASSERT_EQ(hear_part(i).verdict, PartVerdict::kTaken) << i;
  }
  file.fails_from = 5;
  EXPECT_EQ(hear_part(parts - 1).verdict, PartVerdict::kNotWritten);
  EXPECT_EQ(pool.fragack(senders_[0]).code, FragackCode::kBusy);
  EXPECT_EQ(pool.in_use(), 0U);
}

}  // namespace
}  // namespace espial::transfer
