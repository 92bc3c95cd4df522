#include "core/node/long_packets.hpp"

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

class LongPacketsTest : public testing::Test {
 protected:
  LongPackets::Around around() { return {random_, ring_, counters_, number_, room_}; }

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
    long_.append_parts(now_, around(), ++frame_, packets);
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
    long_.on_fragack(now_, around(), *wire::parse_packet(ByteView(bytes).subview(0, size)));
  }
  /// A part of a packet from the coordinator. @returns the packet it completes.
  std::optional<wire::Packet> part(const Bytes& packet, std::size_t index, std::size_t unit = 100) {
    wire::Fragment fragment{3, static_cast<std::uint32_t>(index * unit),
                            static_cast<std::uint32_t>(packet.size()),
                            view(packet).subview(index * unit, unit)};
    std::array<std::uint8_t, 300> bytes{};
    const std::size_t size = wire::encode(fragment, bytes);
    return long_.on_fragment(now_, counters_,
                             *wire::parse_packet(ByteView(bytes).subview(0, size)));
  }
  std::optional<wire::Fragack> answer() {
    std::array<std::uint8_t, 100> bytes{};
    wire::PacketsBuilder packets(bytes);
    long_.append_answer(now_, ++frame_, packets);
    if (packets.empty()) return std::nullopt;
    return *wire::parse_fragack(*wire::parse_packet(packets.bytes()));
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
  std::array<std::uint8_t, 1500> incoming_{};
  LongPackets long_{incoming_};
};

TEST_F(LongPacketsTest, SaysTheGreatestPowerOfTwoItHasRoomFor) {
  EXPECT_EQ(long_.receive_limit_log2(), 10);
  EXPECT_EQ(LongPackets{MutableByteView{}}.receive_limit_log2(), 0);
  std::vector<std::uint8_t> bytes(2048);
  EXPECT_EQ(LongPackets(MutableByteView(bytes.data(), 2048)).receive_limit_log2(), 11);
  EXPECT_EQ(LongPackets(MutableByteView(bytes.data(), 2047)).receive_limit_log2(), 10);
}

TEST_F(LongPacketsTest, SendsHeadAndReadingsOfAReportThatStaysInTheRing) {
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

TEST_F(LongPacketsTest, ACompleteReportWaitsForItsAcknowledgementAndIsThenSentAsAWhole) {
  take(1500);
  hear(FragackCode::kComplete, frame().at(0));
  EXPECT_EQ(counters_[Count::kLongSent], 1U);
  EXPECT_EQ(ring_.held(), 1U);
  EXPECT_GT(ring_.next_due_at(), now_ + Duration::seconds(10));
  EXPECT_LT(ring_.next_due_at(), now_ + kLongReportPause * 2);
  EXPECT_EQ(ring_.acknowledge(transfer::ReportClass::kReading, 1, 0), 1U);
}

TEST_F(LongPacketsTest, AReportThatTheCoordinatorNeverTakesIsDroppedAndCounted) {
  take(1500);
  hear(FragackCode::kTooLong, frame().at(0));
  EXPECT_EQ(counters_[Count::kLongRefused], 1U);
  EXPECT_EQ(ring_.held(), 0U);
  EXPECT_EQ(ring_.dropped(), 1U);
  EXPECT_EQ(long_.send_at(), kNever);
}

TEST_F(LongPacketsTest, AReportNobodyAnswersIsPutOff) {
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

TEST_F(LongPacketsTest, ASleeperStaysAwakeWhileAPacketMoves) {
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
  (void)part(Bytes(300), 0);
  EXPECT_TRUE(long_.moves()) << "more parts may come, and want an answer";
}

TEST_F(LongPacketsTest, AReportThatLeftTheRingIsNotSentAnyFurther) {
  take(1500);
  EXPECT_FALSE(frame().empty());
  EXPECT_EQ(ring_.acknowledge(transfer::ReportClass::kReading, 1, 0), 1U);
  EXPECT_TRUE(frame().empty());
  EXPECT_EQ(long_.send_at(), kNever);
}

TEST_F(LongPacketsTest, AGatewayWithShorterFramesGetsShorterPartsUnderANewNumber) {
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

TEST_F(LongPacketsTest, AGatewayWithLongerFramesGetsSeveralPartsInOne) {
  take(1500);
  EXPECT_EQ(frame().size(), 1U);
  room_ = kRoomV2;
  EXPECT_EQ(frame().size(), transfer::kFirstSendWindow - 1);
}

TEST_F(LongPacketsTest, PartsOfALostFrameAreSentAgain) {
  take(1500);
  const auto first = frame();
  long_.failed(now_, frame_);
  EXPECT_EQ(frame().at(0).offset, first.at(0).offset);
}

TEST_F(LongPacketsTest, ANewSessionHasNothingUnderWay) {
  take(1500);
  Bytes packet(300, 0);
  (void)part(packet, 0);
  long_.begin_session();
  EXPECT_TRUE(frame().empty());
  EXPECT_EQ(long_.next_timer(), kNever);
  EXPECT_FALSE(part(packet, 1));
  EXPECT_FALSE(part(packet, 2)) << "the first part belonged to the session before";
}

TEST_F(LongPacketsTest, TakesALongPacketAndSaysSoOnceInAFrameThatArrives) {
  Bytes packet{0x21, 255, 0, 1};
  packet.resize(260, 7);
  EXPECT_FALSE(part(packet, 0));
  EXPECT_FALSE(answer());
  EXPECT_FALSE(part(packet, 2));
  const auto whole = part(packet, 1);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->type, wire::PacketType::kConnack);
  EXPECT_EQ(whole->payload.size(), 256U);
  EXPECT_EQ(answer()->code, FragackCode::kComplete);
  EXPECT_FALSE(answer());
  long_.failed(now_, frame_ - 1);
  EXPECT_EQ(answer()->code, FragackCode::kComplete);
  EXPECT_FALSE(part(packet, 1));
  EXPECT_TRUE(answer());
  EXPECT_EQ(counters_[Count::kLongReceived], 1U);
  EXPECT_EQ(counters_[Count::kPartsRepeated], 1U);
}

TEST_F(LongPacketsTest, AnswersAPauseAndDropsWhatBreaksOff) {
  const Bytes packet(900, 0);
  (void)part(packet, 0);
  EXPECT_EQ(long_.next_timer(), now_ + transfer::kFragackDelay);
  now_ = long_.next_timer();
  long_.on_timer(now_, around());
  EXPECT_EQ(answer()->floor, 1);
  now_ = long_.next_timer();
  long_.on_timer(now_, around());
  EXPECT_EQ(counters_[Count::kLongDropped], 1U);
  EXPECT_EQ(long_.next_timer(), kNever);
}

TEST_F(LongPacketsTest, RefusesWhatItCantHoldOrMakeSenseOf) {
  EXPECT_FALSE(part(Bytes(1025), 0));
  EXPECT_EQ(counters_[Count::kLongTooLong], 1U);
  EXPECT_EQ(answer()->code, FragackCode::kTooLong);
  long_.begin_session();
  EXPECT_FALSE(part(Bytes(900), 0, 10));
  EXPECT_EQ(counters_[Count::kPartsRefused], 1U);
  const Bytes nested{0x60, 10, 0, 0, 0, 0, 0, 9, 0, 0, 1, 1};
  EXPECT_FALSE(part(nested, 0));
  EXPECT_EQ(counters_[Count::kBadInner], 1U);
}

TEST_F(LongPacketsTest, WithoutMemoryEverythingIsTooLong) {
  LongPackets none{MutableByteView{}};
  std::array<std::uint8_t, 300> bytes{};
  const Bytes packet(150);
  const std::size_t size = wire::encode(wire::Fragment{1, 0, 150, view(packet)}, bytes);
  EXPECT_FALSE(
      none.on_fragment(now_, counters_, *wire::parse_packet(ByteView(bytes).subview(0, size))));
  EXPECT_EQ(counters_[Count::kLongTooLong], 1U);
}

}  // namespace
}  // namespace espial::node
