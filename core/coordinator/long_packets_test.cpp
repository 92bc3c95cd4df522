#include "core/coordinator/long_packets.hpp"

#include <gmock/gmock.h>

#include "core/coordinator/coordinator_fixture_test.hpp"
#include "core/wire/fragment.hpp"
#include "core/wire/reading.hpp"

namespace espial::coordinator {
namespace {

using wire::FragackCode;

constexpr std::size_t kUnit = 218;

/// A PUBLISH of `size` bytes of readings.
Bytes long_report(std::uint16_t sequence, std::size_t size, std::uint32_t age_ms = 0) {
  Bytes readings;
  const Bytes value(200, static_cast<std::uint8_t>(sequence));
  std::array<std::uint8_t, wire::kMaxReadingSize> reading{};
  while (readings.size() < size) {
    const std::size_t length = wire::encode(wire::Reading{1, 200, view(value)}, reading);
    readings.insert(readings.end(), reading.begin(), reading.begin() + static_cast<long>(length));
  }
  wire::Report report;
  report.sequence = sequence;
  report.age_ms = age_ms;
  report.readings = view(readings);
  Bytes packet(readings.size() + wire::kMaxReportHead);
  packet.resize(wire::encode(report, {packet.data(), packet.size()}));
  return packet;
}

class LongPackets : public CoordinatorTest {
 protected:
  static constexpr std::size_t kLongest = 4096;

  LongPackets() {
    long_packets = {{slots_.data(), slots_.size()}, {bytes_.data(), bytes_.size()}, downs_};
    build();
    for (FakeNode& node : fakes_) node.hello.receive_limit_log2 = 11;
  }
  void join_all() {
    for (FakeNode& node : fakes_) join(node);
  }
  void part(FakeNode& node, std::uint16_t message, const Bytes& packet, std::size_t index,
            Duration held = {}) {
    wire::Fragment fragment;
    fragment.message = message;
    fragment.offset = static_cast<std::uint32_t>(index * kUnit);
    fragment.total = static_cast<std::uint32_t>(packet.size());
    fragment.bytes = view(packet).subview(index * kUnit, kUnit);
    last_ = hear(node, node.frame(fragment), kGatewayA, -60, held);
  }
  void all_parts(FakeNode& node, std::uint16_t message, const Bytes& packet) {
    for (std::size_t i = 0; i * kUnit < packet.size(); ++i) part(node, message, packet, i);
  }
  /// The FRAGACKs that went down to `node`.
  std::vector<wire::Fragack> fragacks(FakeNode& node) {
    std::vector<wire::Fragack> result;
    for (const auto& down : received(node)) {
      for (const Bytes& bytes : down.packets) {
        const auto packet = wire::parse_packet(view(bytes));
        if (const auto said = wire::parse_fragack(*packet)) result.push_back(*said);
      }
    }
    return result;
  }

  std::array<transfer::LongSlot, 2> slots_;
  Bytes bytes_ = Bytes(2 * kLongest);
  std::array<LongDown, 1> downs_;
  std::array<FakeNode, 4> fakes_{make_node(1), make_node(2), make_node(3), make_node(4)};
  Token last_ = 0;
};

TEST_F(LongPackets, AReportInPartsIsHandedOnWholeAndAcknowledgedOnceItIsStored) {
  join_all();
  const Bytes packet = long_report(0, 1500);
  all_parts(fakes_[0], 1, packet);
  ASSERT_EQ(ledger.handed.size(), 1U);
  EXPECT_EQ(ledger.handed[0].readings, Bytes(packet.end() - 1624, packet.end()));
  EXPECT_FALSE(finished(last_)) << "the broker keeps the last part until all is stored";
  pass(kAckDelay);
  const auto said = fragacks(fakes_[0]);
  ASSERT_FALSE(said.empty());
  EXPECT_EQ(said.back().code, FragackCode::kComplete);
  EXPECT_EQ(count(Count::kReportsStored), 0U);
  settle();
  EXPECT_TRUE(finished(last_));
  EXPECT_EQ(count(Count::kReportsStored), 1U);
}

TEST_F(LongPackets, TheSameReportInANewMessageIsADuplicate) {
  join_all();
  const Bytes packet = long_report(0, 1500);
  all_parts(fakes_[0], 1, packet);
  settle();
  all_parts(fakes_[0], 2, packet);
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
  EXPECT_EQ(count(Count::kDuplicateReports), 1U);
}

TEST_F(LongPackets, PartsThatComeAgainAreAnsweredAgainAndDeliverNothing) {
  join_all();
  const Bytes packet = long_report(0, 1500);
  all_parts(fakes_[0], 1, packet);
  settle();
  (void)fragacks(fakes_[0]);
  part(fakes_[0], 1, packet, 3);
  settle();
  const auto said = fragacks(fakes_[0]);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].code, FragackCode::kComplete);
  EXPECT_EQ(count(Count::kPartsRepeated), 1U);
  EXPECT_EQ(ledger.handed.size(), 1U);
}

TEST_F(LongPackets, TheAgeCountsFromTheFirstPart) {
  join_all();
  const Bytes packet = long_report(0, 400, 1000);
  part(fakes_[0], 1, packet, 0, Duration::milliseconds(300));
  pass(Duration::milliseconds(2000));
  part(fakes_[0], 1, packet, 1);
  const auto& record = ledger.handed.at(0).record;
  EXPECT_EQ(record.received_at.ms - record.taken_at.ms, 1000 + 300 + 2000);
}

TEST_F(LongPackets, PartsAreAnsweredNowAndThen) {
  join_all();
  const Bytes packet = long_report(0, 3900);
  for (std::size_t i = 0; i < 4; ++i) part(fakes_[0], 1, packet, i);
  EXPECT_TRUE(fragacks(fakes_[0]).empty());
  pass(transfer::kFragackDelay + kAckDelay);
  const auto said = fragacks(fakes_[0]);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].code, FragackCode::kReceiving);
  EXPECT_EQ(said[0].floor, 4);
}

TEST_F(LongPackets, WhatIsLongerThanABufferIsRefusedWithWords) {
  join_all();
  part(fakes_[0], 1, long_report(0, kLongest), 0);
  pass(kAckDelay);
  EXPECT_EQ(fragacks(fakes_[0]).at(0).code, FragackCode::kTooLong);
  EXPECT_EQ(count(Count::kLongTooLong), 1U);
}

TEST_F(LongPackets, WithoutMemoryEverythingIsRefusedWithWords) {
  long_packets = {};
  build();
  join_all();
  part(fakes_[0], 1, long_report(0, 400), 0);
  pass(kAckDelay);
  EXPECT_EQ(fragacks(fakes_[0]).at(0).code, FragackCode::kTooLong);
}

TEST_F(LongPackets, TwoWhoNeverFinishDontKeepAThirdOut) {
  join_all();
  const Bytes packet = long_report(0, 1500);
  for (std::uint16_t message = 1; message <= 200; ++message) {
    part(fakes_[0], message, packet, 0);
    part(fakes_[1], message, packet, 0);
    part(fakes_[2], 1, packet, 0);
    pass(Duration::milliseconds(20));
    const auto said = fragacks(fakes_[2]);
    if (!said.empty() && said.back().code == FragackCode::kReceiving) break;
  }
  all_parts(fakes_[2], 1, packet);
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
  EXPECT_GT(count(Count::kLongBusy), 0U);
  EXPECT_GT(count(Count::kLongDropped), 0U);
}

TEST_F(LongPackets, ANewSessionBeginsWithNothing) {
  join_all();
  FakeNode& node = fakes_[0];
  const Bytes old = long_report(0, 400);
  part(node, 9, old, 0);
  hear(node, node.resume());
  ASSERT_TRUE(node.accept(view(downlink.take().back().body)));
  // The same number, the same length, other bytes.
  const Bytes fresh = long_report(7, 400);
  ASSERT_EQ(fresh.size(), old.size());
  part(node, 9, fresh, 1);
  EXPECT_TRUE(ledger.handed.empty());
  part(node, 9, fresh, 0);
  part(node, 9, fresh, 1);
  ASSERT_EQ(ledger.handed.size(), 1U);
  EXPECT_EQ(ledger.handed[0].readings, Bytes(fresh.end() - 406, fresh.end()));
}

TEST_F(LongPackets, NoLongPacketHoldsParts) {
  join_all();
  Bytes nested{0x60, 255, 0x2c, 1, 1, 0, 0, 0, 0, 0, 4, 0};
  nested.resize(304, 1);
  all_parts(fakes_[0], 1, nested);
  EXPECT_EQ(refused(fakes_[0], Grade::kNotSane), 1U);
  EXPECT_EQ(count(Count::kLongReceived), 1U);
  EXPECT_EQ(slots_[0].from, nullptr);
}

TEST_F(LongPackets, AForgottenNodeLeavesItsBuffer) {
  join_all();
  part(fakes_[0], 1, long_report(0, 400), 0);
  ASSERT_NE(slots_[0].from, nullptr);
  ASSERT_TRUE(coordinator->forget(now, fakes_[0].mac));
  settle();
  EXPECT_EQ(slots_[0].from, nullptr);
}

/// A packet on its way down.
class Source final : public transfer::LongSource {
 public:
  void read(std::uint32_t offset, MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(offset + i);
  }
};

class LongDownlink : public LongPackets {
 protected:
  LongDownlink() { join_all(); }

  /// The parts that went down, and the numbers under which the gateway keeps them.
  std::vector<wire::Fragment> parts() {
    std::vector<wire::Fragment> result;
    for (const auto& sent : downlink.take()) {
      if (sent.down_class == DownClass::kClear) {
        cleared_.push_back(sent.command);
        continue;
      }
      for (const Bytes& bytes : fakes_[0].open(sent.body).packets) {
        const auto fragment = wire::parse_fragment(*wire::parse_packet(view(bytes)));
        if (!fragment) continue;
        EXPECT_EQ(sent.down_class, DownClass::kCommand);
        kept_.push_back(sent.command);
        result.push_back(*fragment);
      }
    }
    return result;
  }
  void answer(FragackCode code, const wire::Fragment& part, std::uint16_t floor) {
    hear(fakes_[0], fakes_[0].frame(wire::Fragack{code, part.message, kUnit, floor, 0}));
    settle();
  }
  LongStatus send(std::uint32_t size) {
    const LongStatus status = coordinator->send_long(now, fakes_[0].mac, source_, size);
    pass({});
    return status;
  }

  Source source_;
  std::vector<std::uint32_t> kept_;
  std::vector<std::uint32_t> cleared_;
};

TEST_F(LongDownlink, GoesDownAFewPartsAtATimeAndEnds) {
  EXPECT_EQ(send(2000), LongStatus::kOk);
  const auto first = parts();
  ASSERT_EQ(first.size(), kDownWindow);
  EXPECT_EQ(first[1].offset, kUnit);
  EXPECT_EQ(first[1].total, 2000U);
  answer(FragackCode::kReceiving, first[0], 4);
  const auto second = parts();
  ASSERT_EQ(second.size(), kDownWindow);
  EXPECT_EQ(second[0].offset, 4 * kUnit);
  EXPECT_EQ(kept_[4], kept_[0]) << "it takes the place of one that arrived";
  answer(FragackCode::kComplete, first[0], 10);
  (void)parts();
  EXPECT_THAT(cleared_, testing::ElementsAreArray(kept_.begin(), kept_.begin() + 4));
  EXPECT_THAT(events.take(), testing::Contains("long ended 0"));
  EXPECT_EQ(count(Count::kLongSent), 1U);
  EXPECT_EQ(send(2000), LongStatus::kOk) << "its place is free again";
}

TEST_F(LongDownlink, IsRefusedAtOnceWhereItCantGo) {
  EXPECT_EQ(send(2049), LongStatus::kTooLong);
  EXPECT_EQ(coordinator->send_long(now, mac_of(99), source_, 10), LongStatus::kUnknownNode);
  EXPECT_EQ(send(2048), LongStatus::kOk);
  EXPECT_EQ(send(2048), LongStatus::kBusy);
  EXPECT_EQ(coordinator->send_long(now, fakes_[1].mac, source_, 10), LongStatus::kBusy)
      << "as many as there is memory for";
}

TEST_F(LongDownlink, EndsWithTheReasonThatTheNodeGives) {
  EXPECT_EQ(send(2000), LongStatus::kOk);
  answer(FragackCode::kTooLong, parts().at(0), 0);
  EXPECT_THAT(events.take(), testing::Contains("long ended 1"));
  EXPECT_EQ(count(Count::kLongNotSent), 1U);
}

TEST_F(LongDownlink, IsGivenUpWhenAListenerFallsSilent) {
  fakes_[0].always_listening = true;
  hear(fakes_[0], fakes_[0].frame(wire::PingRequest{}));
  EXPECT_EQ(send(2000), LongStatus::kOk);
  pass(Duration::seconds(100));
  EXPECT_THAT(events.take(), testing::Contains("long ended 3"));
}

TEST_F(LongDownlink, WaitsForASleeper) {
  fakes_[0].always_listening = false;
  hear(fakes_[0], fakes_[0].frame(wire::PingRequest{}));
  now = now + Duration::milliseconds(1);
  EXPECT_EQ(send(2000), LongStatus::kOk);
  const auto first = parts();
  pass(Duration::seconds(600));
  EXPECT_TRUE(parts().empty()) << "the gateway keeps them";
  EXPECT_THAT(events.take(), testing::Not(testing::Contains("long ended 3")));
  answer(FragackCode::kReceiving, first.at(0), 4);
  EXPECT_EQ(parts().size(), kDownWindow);
}

TEST_F(LongDownlink, FollowsTheNodeToAnotherGateway) {
  EXPECT_EQ(send(2000), LongStatus::kOk);
  (void)parts();
  hear(fakes_[0], fakes_[0].frame(wire::PingRequest{}), kGatewayB);
  settle();
  EXPECT_EQ(parts().size(), kDownWindow);
  EXPECT_EQ(cleared_.size(), kDownWindow);
}

TEST_F(LongDownlink, BeginsAgainInANewSessionAndEndsWithItsNode) {
  EXPECT_EQ(send(2000), LongStatus::kOk);
  (void)parts();
  hear(fakes_[0], fakes_[0].resume());
  ASSERT_TRUE(fakes_[0].accept(view(downlink.take().back().body)));
  hear(fakes_[0], fakes_[0].frame(wire::PingRequest{}));
  settle();
  const auto again = parts();
  ASSERT_FALSE(again.empty());
  EXPECT_EQ(again[0].offset, 0U);
  ASSERT_TRUE(coordinator->forget(now, fakes_[0].mac));
  settle();
  EXPECT_THAT(events.take(), testing::Contains("long ended 3"));
}

}  // namespace
}  // namespace espial::coordinator
