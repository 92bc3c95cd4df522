#include "core/transfer/long_sender.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "core/transfer/long_parts_test.hpp"

namespace espial::transfer {
namespace {

constexpr std::uint16_t kUnit = 100;

/// What the jitter leaves of a waiting time at least.
Duration three_quarters(Duration span) { return Duration{span.us / 4 * 3}; }

class LongSenderTest : public testing::Test {
 protected:
  void begin(std::uint32_t size, std::uint32_t window = kSendWindow) {
    source_ = BytesSource(size);
    sender_.begin(now_, 7, size, kUnit, window);
  }
  /// Sends everything that is due, each part in a frame of its own. @returns the parts.
  std::vector<int> send() {
    std::vector<int> parts;
    while (const auto sent = next_part(now_, sender_, random_, source_, frame_ + 1)) {
      ++frame_;
      parts.push_back(static_cast<int>(sent->part));
    }
    return parts;
  }
  std::optional<LongEnd> hear(wire::FragackCode code, std::uint16_t floor = 0,
                              std::uint32_t bitmap = 0, std::uint16_t message = 7) {
    return sender_.on_fragack(now_, random_, {code, message, kUnit, floor, bitmap});
  }
  std::optional<LongEnd> receiving(std::uint16_t floor, std::uint32_t bitmap = 0) {
    return hear(wire::FragackCode::kReceiving, floor, bitmap);
  }
  std::optional<LongEnd> silence() {
    now_ = std::max(now_, sender_.next_timer());
    return sender_.on_timer(now_);
  }

  Instant now_{1'000'000};
  SeededRandom random_{1};
  BytesSource source_{0};
  LongSender sender_;
  std::uint32_t frame_ = 0;
};

TEST_F(LongSenderTest, CutsAPacketIntoPartsOfWhichTheLastIsShorter) {
  begin(250);
  const auto first = next_part(now_, sender_, random_, source_, 1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->fragment.message, 7);
  EXPECT_EQ(first->fragment.total, 250U);
  EXPECT_EQ(first->bytes, Bytes(source_.bytes.begin(), source_.bytes.begin() + 100));
  (void)next_part(now_, sender_, random_, source_, 2);
  const auto last = next_part(now_, sender_, random_, source_, 3);
  EXPECT_EQ(last->fragment.offset, 200U);
  EXPECT_EQ(last->bytes, Bytes(source_.bytes.begin() + 200, source_.bytes.end()));
  EXPECT_EQ(sender_.send_at(), kNever);
}

TEST_F(LongSenderTest, BeginsWithFewPartsAndGoesOnWithTheWindowOnceItIsHeard) {
  begin(100 * kUnit);
  EXPECT_THAT(send(), testing::ElementsAre(0, 1, 2, 3));
  EXPECT_FALSE(receiving(2));
  const auto more = send();
  EXPECT_EQ(more.front(), 4);
  EXPECT_EQ(more.back(), 2 + static_cast<int>(kSendWindow) - 1);
}

TEST_F(LongSenderTest, SendsAgainOnlyWhatABitmapLacksAndOnlyWhatIsLateForSure) {
  begin(100 * kUnit, 8);
  send();
  EXPECT_FALSE(receiving(4));
  EXPECT_THAT(send(), testing::ElementsAre(4, 5, 6, 7, 8, 9, 10, 11));
  // 4 and 6 are missing behind 7; of 8 and later nobody knows yet.
  EXPECT_FALSE(receiving(4, 0b101));
  EXPECT_THAT(send(), testing::ElementsAre(4, 6));
  EXPECT_FALSE(receiving(4, 0b101));
  EXPECT_THAT(send(), testing::IsEmpty());
}

TEST_F(LongSenderTest, SendsAgainWhatTheRadioCouldNotBring) {
  begin(300);
  EXPECT_THAT(send(), testing::ElementsAre(0, 1, 2));
  sender_.failed(now_, 2);
  EXPECT_THAT(send(), testing::ElementsAre(1));
}

TEST_F(LongSenderTest, AfterASilenceKnocksWithOnePartAndWaitsTwiceAsLong) {
  begin(300);
  send();
  const Instant first = sender_.next_timer();
  EXPECT_GE(first, now_ + three_quarters(kPartTimeout));
  EXPECT_LT(first, now_ + kPartTimeout * 2);
  EXPECT_FALSE(silence());
  EXPECT_THAT(send(), testing::ElementsAre(0));
  EXPECT_GE(sender_.next_timer(), now_ + three_quarters(kPartTimeout * 2));
}

TEST_F(LongSenderTest, TheAnswerToAKnockTellsOfAllThatWasLost) {
  begin(400);
  send();
  EXPECT_FALSE(silence());
  EXPECT_THAT(send(), testing::ElementsAre(0));
  EXPECT_FALSE(receiving(1));
  EXPECT_THAT(send(), testing::ElementsAre(1, 2, 3));
}

TEST_F(LongSenderTest, GivesUpAfterSoManySilencesInARow) {
  begin(300);
  for (int i = 1; i < kPartTries; ++i) {
    send();
    EXPECT_FALSE(silence()) << i;
  }
  send();
  EXPECT_EQ(silence(), LongEnd::kGivenUp);
  EXPECT_FALSE(sender_.active());
  EXPECT_EQ(sender_.next_timer(), kNever);
}

TEST_F(LongSenderTest, ProgressForgivesSilences) {
  begin(100 * kUnit);
  for (std::uint16_t part = 1; part <= 3 * kPartTries; ++part) {
    send();
    EXPECT_FALSE(silence());
    send();
    EXPECT_FALSE(receiving(part));
  }
  EXPECT_TRUE(sender_.active());
}

TEST_F(LongSenderTest, EndsWhenTheReceiverHasItOrNeverWill) {
  begin(300);
  EXPECT_FALSE(hear(wire::FragackCode::kComplete, 3, 0, 8)) << "another message";
  EXPECT_EQ(hear(wire::FragackCode::kComplete, 3), LongEnd::kComplete);
  EXPECT_FALSE(hear(wire::FragackCode::kComplete, 3)) << "it is over";
  begin(300);
  EXPECT_EQ(hear(wire::FragackCode::kTooLong, 0, 0, 8), LongEnd::kTooLong);
}

TEST_F(LongSenderTest, ABusyReceiverIsAskedAgainAfterAPauseAndNotForEver) {
  begin(3000);
  EXPECT_EQ(send().size(), kFirstSendWindow);
  std::optional<LongEnd> end;
  int pauses = 0;
  while (!end && pauses < 1000) {
    end = hear(wire::FragackCode::kBusy);
    // The same word to each part of the frame says no more.
    EXPECT_FALSE(hear(wire::FragackCode::kBusy));
    if (end) break;
    ++pauses;
    EXPECT_THAT(send(), testing::IsEmpty());
    EXPECT_GE(sender_.send_at(), now_ + three_quarters(kBusyPause));
    EXPECT_EQ(sender_.next_timer(), kNever);
    now_ = sender_.send_at();
    EXPECT_EQ(send().size(), kFirstSendWindow);
  }
  EXPECT_EQ(end, LongEnd::kBusy);
  EXPECT_EQ(pauses, kBusyTries);
}

TEST_F(LongSenderTest, AnAnswerThatWasOvertakenChangesNothing) {
  begin(100 * kUnit);
  send();
  EXPECT_FALSE(receiving(4));
  send();
  EXPECT_FALSE(receiving(2, 0b1));
  EXPECT_THAT(send(), testing::IsEmpty());
}

TEST_F(LongSenderTest, AReceiverThatForgotIsServedFromWhereItStandsAndNotForEver) {
  begin(100 * kUnit);
  send();
  std::optional<LongEnd> end;
  for (int i = 0; i < kForgottenTries; ++i) {
    EXPECT_FALSE(receiving(4));
    send();
    EXPECT_FALSE(silence());
    EXPECT_THAT(send(), testing::ElementsAre(4));
    EXPECT_FALSE(receiving(0)) << i;
    EXPECT_EQ(send().front(), 0);
  }
  EXPECT_FALSE(receiving(4));
  send();
  EXPECT_FALSE(silence());
  EXPECT_EQ(receiving(0), LongEnd::kGivenUp);
}

TEST_F(LongSenderTest, BelievesNoWordAboutPartsThereAreNot) {
  begin(300);
  send();
  EXPECT_FALSE(receiving(3));
  EXPECT_FALSE(receiving(60'000));
  EXPECT_THAT(send(), testing::IsEmpty());
  EXPECT_FALSE(
      sender_.on_fragack(now_, random_, {wire::FragackCode::kReceiving, 7, kUnit + 1, 1, 0}));
  EXPECT_FALSE(
      sender_.on_fragack(now_, random_, {wire::FragackCode::kComplete, 7, kUnit + 1, 3, 0}));
  EXPECT_TRUE(sender_.active());
}

TEST_F(LongSenderTest, ANewPacketHasANewerNumberWhateverItIsOffered) {
  begin(100);
  begin(100);
  EXPECT_EQ(next_part(now_, sender_, random_, source_, 1)->fragment.message, 8);
  sender_.begin(now_, 500, 100, kUnit);
  EXPECT_EQ(next_part(now_, sender_, random_, source_, 2)->fragment.message, 500);
}

TEST_F(LongSenderTest, CountsPartsPastTheSixteenBitsOfTheAir) {
  constexpr std::uint32_t kParts = 70'000;
  begin(kParts * kUnit);
  std::uint32_t floor = 0;
  while (floor < kParts - 1) {
    const auto sent = send();
    ASSERT_FALSE(sent.empty());
    ASSERT_EQ(static_cast<std::uint32_t>(sent.front()), floor);
    floor = std::min(static_cast<std::uint32_t>(sent.back()) + 1, kParts - 1);
    ASSERT_FALSE(receiving(static_cast<std::uint16_t>(floor)));
  }
  EXPECT_THAT(send(), testing::IsEmpty());
}

TEST(PartSizeTest, FillsTheFrame) {
  for (std::size_t room = 11; room <= 1446; ++room) {
    const std::uint16_t size = part_size(room);
    Bytes bytes(size, 1);
    std::array<std::uint8_t, 1500> out{};
    wire::Fragment part{1, 0, 5000, {bytes.data(), bytes.size()}};
    EXPECT_LE(wire::encode(part, out), room) << room;
    EXPECT_GT(wire::encode(part, out), 0U) << room;
    bytes.push_back(1);
    part.bytes = {bytes.data(), bytes.size()};
    EXPECT_GT(wire::encode(part, out), room) << room;
  }
  EXPECT_EQ(part_size(10), 0);
}

}  // namespace
}  // namespace espial::transfer
