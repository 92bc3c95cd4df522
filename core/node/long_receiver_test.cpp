#include "core/node/long_receiver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "core/node/scripted_coordinator_test.hpp"
#include "core/wire/fragment.hpp"

namespace espial::node {
namespace {

using wire::FragackCode;

class LongReceiverTest : public testing::Test {
 protected:
  /// A part of a packet from the coordinator. @returns the packet it completes.
  std::optional<wire::Packet> part_to(LongReceiver& receiver, const Bytes& packet,
                                      std::size_t index, std::size_t unit) {
    wire::Fragment fragment{3, static_cast<std::uint32_t>(index * unit),
                            static_cast<std::uint32_t>(packet.size()),
                            view(packet).subview(index * unit, unit)};
    std::array<std::uint8_t, 300> bytes{};
    const std::size_t size = wire::encode(fragment, bytes);
    wire::Packet taken = *wire::parse_packet(ByteView(bytes).subview(0, size));
    if (receiver.on_packet(now_, around(), taken) != Taking::kWhole) return std::nullopt;
    return taken;
  }
  std::optional<wire::Packet> part(const Bytes& packet, std::size_t index, std::size_t unit = 100) {
    return part_to(long_, packet, index, unit);
  }
  std::optional<wire::Fragack> answer() {
    std::array<std::uint8_t, 100> bytes{};
    wire::PacketsBuilder packets(bytes);
    ++frame_;
    long_.append_first(now_, around(), packets);
    if (packets.empty()) return std::nullopt;
    return *wire::parse_fragack(*wire::parse_packet(packets.bytes()));
  }

  Around around() { return {random_, ring_, counters_, frame_, 1, 200}; }

  Instant now_{1'000'000};
  CountingRandom random_;
  transfer::ReportStorage<1, 8> storage_;
  transfer::ReportRing ring_{storage_.memory()};
  Counters counters_;
  std::uint32_t frame_ = 1;
  std::array<std::uint8_t, 1500> incoming_{};
  LongReceiver long_{incoming_};
};

TEST_F(LongReceiverTest, SaysTheGreatestPowerOfTwoItHasRoomFor) {
  EXPECT_EQ(long_.receive_limit_log2(), 10);
  EXPECT_EQ(LongReceiver{MutableByteView{}}.receive_limit_log2(), 0);
  std::vector<std::uint8_t> bytes(2048);
  EXPECT_EQ(LongReceiver(MutableByteView(bytes.data(), 2048)).receive_limit_log2(), 11);
  EXPECT_EQ(LongReceiver(MutableByteView(bytes.data(), 2047)).receive_limit_log2(), 10);
}

TEST_F(LongReceiverTest, TakesALongPacketAndSaysSoOnceInAFrameThatArrives) {
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

TEST_F(LongReceiverTest, ANewSessionHasNothingUnderWay) {
  Bytes packet(300, 0);
  (void)part(packet, 0);
  EXPECT_TRUE(long_.moves()) << "more parts may come, and want an answer";
  long_.begin_session();
  EXPECT_FALSE(long_.moves());
  EXPECT_EQ(long_.next_timer(), kNever);
  EXPECT_FALSE(part(packet, 1));
  EXPECT_FALSE(part(packet, 2)) << "the first part belonged to the session before";
}

TEST_F(LongReceiverTest, AnswersAPauseAndDropsWhatBreaksOff) {
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

TEST_F(LongReceiverTest, RefusesWhatItCantHoldOrMakeSenseOf) {
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

TEST_F(LongReceiverTest, WithoutMemoryEverythingIsTooLong) {
  LongReceiver none{MutableByteView{}};
  EXPECT_FALSE(part_to(none, Bytes(150), 0, 150));
  EXPECT_EQ(counters_[Count::kLongTooLong], 1U);
}

}  // namespace
}  // namespace espial::node
