#include "core/node/long_reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "core/node/scripted_coordinator_test.hpp"
#include "core/wire/fragment.hpp"

namespace espial::node {
namespace {

using wire::FragackCode;

constexpr std::size_t kRoomV1 = wire::sealed_room(kMaxBodyV1);
constexpr std::size_t kRoomV2 = wire::sealed_room(kMaxBodyV2);

class LongReportsTest : public testing::Test {
 protected:
  Around around() { return {random_, ring_, counters_, frame_, number_, room_}; }

  /// A report of `size` bytes of readings is chosen, and too long.
  void take(std::size_t size) {
    const Bytes readings(size, 0x5a);
    (void)ring_.add(now_, transfer::ReportClass::kReading, view(readings));
    const auto chosen = ring_.next_due(now_, 1);
    ASSERT_TRUE(chosen);
    wire::Report report;
    report.sequence = static_cast<std::uint16_t>(chosen->sequence);
    report.readings = chosen->readings;
    whole_.resize(size + wire::kMaxReportHead);
    whole_.resize(wire::encode(report, {whole_.data(), whole_.size()}));
    long_.take(now_, around(), *chosen, report);
  }
  /// The parts of one frame; its bytes are kept.
  std::vector<wire::Fragment> frame() {
    frames_.emplace_back(room_);
    wire::PacketsBuilder packets({frames_.back().data(), room_});
    ++frame_;
    long_.append_last(now_, around(), packets);
    ++number_;
    std::vector<wire::Fragment> parts;
    if (packets.empty()) return parts;
    for (const wire::Packet& packet : *wire::parse_packets(packets.bytes())) {
      parts.push_back(*wire::parse_fragment(packet));
    }
    return parts;
  }
  void hear(FragackCode code, const wire::Fragment& part, std::uint16_t floor = 0) {
    std::array<std::uint8_t, 20> bytes{};
    const wire::Fragack said{code, part.message, static_cast<std::uint16_t>(part.bytes.size()),
                             floor, 0};
    const std::size_t size = wire::encode(said, bytes);
    wire::Packet packet = *wire::parse_packet(ByteView(bytes).subview(0, size));
    EXPECT_EQ(long_.on_packet(now_, around(), packet), Taking::kTaken);
  }
  Instant now_{1'000'000};
  CountingRandom random_;
  transfer::ReportStorage<4, 32, 1600> storage_;
  transfer::ReportRing ring_{storage_.memory()};
  Counters counters_;
  std::uint16_t number_ = 40;
  std::size_t room_ = kRoomV1;
  std::uint32_t frame_ = 1;
  Bytes whole_;
  std::vector<Bytes> frames_;
  LongReports long_;
};

TEST_F(LongReportsTest, SendsHeadAndReadingsOfAReportThatStaysInTheRing) {
  take(1500);
  Bytes sent;
  for (int i = 0; i < 20 && sent.size() < whole_.size(); ++i) {
    const auto parts = frame();
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0].message, 40);
    sent.insert(sent.end(), parts[0].bytes.begin(), parts[0].bytes.end());
    hear(FragackCode::kReceiving, wire::Fragment{40, 0, 0, view(whole_).subview(0, 218)},
         static_cast<std::uint16_t>(i + 1));
  }
  EXPECT_EQ(sent, whole_);
  EXPECT_EQ(ring_.held(), 1U);
  EXPECT_EQ(ring_.next_due_at(), kNever);
}

/// The coordinator counts the age from when it hears the part that says it.
TEST_F(LongReportsTest, TheFirstPartSaysTheAgeAnewEachTimeItIsSent) {
  take(1500);
  const auto parts = frame();
  const Bytes first(parts.at(0).bytes.begin(), parts.at(0).bytes.end());
  now_ = now_ + Duration::milliseconds(100);
  long_.failed(now_, frame_);
  const auto again = frame().at(0);
  EXPECT_EQ(again.message, 40);
  EXPECT_FALSE(std::equal(again.bytes.begin(), again.bytes.end(), first.begin()));
}

TEST_F(LongReportsTest, ACompleteReportWaitsForItsAcknowledgementAndIsThenSentAsAWhole) {
  take(1500);
  hear(FragackCode::kComplete, frame().at(0));
  EXPECT_EQ(counters_[Count::kLongSent], 1U);
  EXPECT_EQ(ring_.held(), 1U);
  EXPECT_GT(ring_.next_due_at(), now_ + Duration::seconds(10));
  EXPECT_LT(ring_.next_due_at(), now_ + kLongReportPause * 2);
  EXPECT_EQ(ring_.acknowledge(transfer::ReportClass::kReading, 1, 0), 1U);
}

TEST_F(LongReportsTest, AReportThatTheCoordinatorNeverTakesIsDroppedAndCounted) {
  take(1500);
  hear(FragackCode::kTooLong, frame().at(0));
  EXPECT_EQ(counters_[Count::kLongRefused], 1U);
  EXPECT_EQ(ring_.held(), 0U);
  EXPECT_EQ(ring_.dropped(), 1U);
  EXPECT_EQ(long_.send_at(), kNever);
}

TEST_F(LongReportsTest, AReportNobodyAnswersIsPutOff) {
  take(1500);
  for (int i = 0; i < 100 && counters_[Count::kLongGivenUp] == 0; ++i) {
    (void)frame();
    now_ = std::max(now_, long_.next_timer());
    long_.on_timer(now_, around());
  }
  EXPECT_EQ(counters_[Count::kLongGivenUp], 1U);
  EXPECT_EQ(ring_.held(), 1U);
  EXPECT_GT(ring_.next_due_at(), now_);
  EXPECT_NE(ring_.next_due_at(), kNever);
}

TEST_F(LongReportsTest, ASleeperStaysAwakeWhileAPacketMoves) {
  EXPECT_FALSE(long_.moves());
  take(1500);
  EXPECT_TRUE(long_.moves());
  (void)frame();
  now_ = long_.next_timer();
  long_.on_timer(now_, around());
  EXPECT_FALSE(long_.moves()) << "nobody answers";
  hear(FragackCode::kReceiving, frame().at(0), 1);
  EXPECT_TRUE(long_.moves());
  hear(FragackCode::kBusy, frame().at(0));
  EXPECT_FALSE(long_.moves());
  long_.begin_session();
  EXPECT_FALSE(long_.moves());
}

TEST_F(LongReportsTest, AReportThatLeftTheRingIsNotSentAnyFurther) {
  take(1500);
  EXPECT_FALSE(frame().empty());
  EXPECT_EQ(ring_.acknowledge(transfer::ReportClass::kReading, 1, 0), 1U);
  EXPECT_TRUE(frame().empty());
  EXPECT_EQ(long_.send_at(), kNever);
}

TEST_F(LongReportsTest, AGatewayWithShorterFramesGetsShorterPartsUnderANewNumber) {
  room_ = kRoomV2;
  take(1500);
  const auto first = frame();
  EXPECT_EQ(first.at(0).bytes.size(), 1434U);
  room_ = kRoomV1;
  const auto again = frame();
  EXPECT_EQ(again.at(0).bytes.size(), 218U);
  EXPECT_EQ(again.at(0).offset, 0U);
  EXPECT_NE(again.at(0).message, first.at(0).message);
}

TEST_F(LongReportsTest, AGatewayWithLongerFramesGetsSeveralPartsInOne) {
  take(1500);
  EXPECT_EQ(frame().size(), 1U);
  room_ = kRoomV2;
  EXPECT_EQ(frame().size(), transfer::kFirstSendWindow - 1);
}

TEST_F(LongReportsTest, PartsOfALostFrameAreSentAgain) {
  take(1500);
  const auto first = frame();
  long_.failed(now_, frame_);
  EXPECT_EQ(frame().at(0).offset, first.at(0).offset);
}

TEST_F(LongReportsTest, ANewSessionHasNothingUnderWay) {
  take(1500);
  long_.begin_session();
  EXPECT_TRUE(frame().empty());
  EXPECT_EQ(long_.next_timer(), kNever);
}

}  // namespace
}  // namespace espial::node
