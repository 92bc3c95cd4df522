#include "core/coordinator/coordinator_fixture_test.hpp"
#include "core/transfer/report_ring.hpp"

namespace espial::coordinator {
namespace {

using wire::Stream;

class Reports : public CoordinatorTest {
 protected:
  void SetUp() override { join(node); }

  FakeNode node = make_node();
};

TEST_F(Reports, AreAcknowledgedOnceTheyAreStored) {
  const Token token = hear(node, node.frame(FakeNode::report(0)));
  pass(Duration::seconds(1));
  EXPECT_TRUE(downlink.sent.empty());
  EXPECT_FALSE(finished(token));
  EXPECT_EQ(events.reports, 0);
  commit();
  EXPECT_TRUE(finished(token));
  EXPECT_EQ(events.reports, 1);
  pass(kAckDelay);
  const auto sent = received(node);
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_EQ(sent[0].stored.size(), 1U);
  EXPECT_EQ(sent[0].stored[0].floor, 1);
  EXPECT_EQ(sent[0].stored[0].stream, Stream::kReadings);
}

/// A ring that overflowed for days, or a hub with an older database: what is held now lies more
/// than half the numbers of sixteen bits beyond what is stored.
TEST_F(Reports, OfANodeThatWasAwayForMoreThanHalfTheNumbersAreNew) {
  std::uint32_t at = 0;
  for (const std::uint32_t away : {30'000U, 30'000U, 40'000U, 65'000U, 100'000U}) {
    SCOPED_TRACE(away);
    const std::size_t stored = ledger.reports.size();
    const auto sequence = static_cast<std::uint16_t>(at += away);
    hear(node, node.frame(FakeNode::report(sequence)));
    settle();
    EXPECT_EQ(ledger.reports.size(), stored + 1);
    const auto sent = received(node);
    ASSERT_FALSE(sent.empty());
    ASSERT_FALSE(sent.back().stored.empty());
    EXPECT_EQ(sent.back().stored[0].floor, static_cast<std::uint16_t>(sequence + 1));
  }
}

TEST_F(Reports, OfOneFrameAreAcknowledgedTogetherInBothStreams) {
  hear(node, node.frame(FakeNode::report(0), FakeNode::report(1),
                        FakeNode::report(0, 0, Stream::kEvents)));
  commit();
  pass(kAckDelay);
  const auto sent = received(node);
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_EQ(sent[0].stored.size(), 2U);
  EXPECT_EQ(sent[0].stored[0].floor, 2);
  EXPECT_EQ(sent[0].stored[1].floor, 1);
  EXPECT_EQ(sent[0].stored[1].stream, Stream::kEvents);
  EXPECT_EQ(sent[0].time->time.ms, kTime.ms + (now - at_ms(1000)).ms());
}

TEST_F(Reports, OfTheSameSequenceAreStoredOnce) {
  hear(node, node.frame(FakeNode::report(0)));
  const Token repeat = hear(node, node.frame(FakeNode::report(0)));
  EXPECT_TRUE(finished(repeat));
  pass(Duration::seconds(1));
  EXPECT_TRUE(downlink.sent.empty());  // not stored yet: nothing to say
  settle();
  EXPECT_EQ(received(node).size(), 1U);
  hear(node, node.frame(FakeNode::report(0)));
  EXPECT_TRUE(ledger.waiting.empty());
  pass(kAckDelay);
  const auto sent = received(node);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].stored[0].floor, 1);
  EXPECT_EQ(ledger.reports.size(), 1U);
  EXPECT_EQ(count(Count::kDuplicateReports), 2U);
}

TEST_F(Reports, ThatCouldNotBeStoredAreNewAgain) {
  hear(node, node.frame(FakeNode::report(0)));
  commit(false);
  pass(Duration::seconds(1));
  EXPECT_TRUE(downlink.sent.empty());
  EXPECT_EQ(events.reports, 0);
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  EXPECT_EQ(ledger.reports.size(), 1U);
  EXPECT_EQ(received(node).at(0).stored.at(0).floor, 1);
}

TEST_F(Reports, CarryWhatTheStoreNeeds) {
  wire::Report report = FakeNode::report(5, 2);
  report.age_ms = 250;
  hear(node, node.frame(report), kGatewayA, -60, Duration::milliseconds(4000));
  ASSERT_EQ(ledger.handed.size(), 1U);
  const ReportRecord& record = ledger.handed[0].record;
  const std::int64_t heard_ms = kTime.ms + (now - at_ms(1000)).ms();
  EXPECT_EQ(record.mac, node.mac);
  EXPECT_EQ(record.module, ModuleId{1});
  EXPECT_EQ(record.stream_id, 0xabcU);
  EXPECT_EQ(record.sequence, 5U);
  EXPECT_FALSE(record.events);
  EXPECT_EQ(record.received_at.ms, heard_ms);
  EXPECT_EQ(record.taken_at.ms, heard_ms - 4250);
  EXPECT_EQ(ledger.handed[0].readings, copy(report.readings));
  EXPECT_EQ(record.session, node.session.id());
  EXPECT_EQ(record.highest_uplink_counter, node.session.next_counter() - 1);
}

TEST_F(Reports, HaveNoTimeWhereNobodyKnowsIt) {
  coordinator->set_time(now, UnixTime{}, 0);
  hear(node, node.frame(FakeNode::report(0)));
  EXPECT_FALSE(ledger.handed.at(0).record.taken_at.known());
}

TEST_F(Reports, AtQos0AreStoredAndNotAcknowledged) {
  wire::Report report = FakeNode::report(0);
  report.acknowledged = false;
  hear(node, node.frame(report));
  hear(node, node.frame(report));
  settle();
  ASSERT_EQ(ledger.reports.size(), 2U);
  EXPECT_FALSE(ledger.reports[0].record.sequence);
  EXPECT_TRUE(downlink.sent.empty());
}

TEST_F(Reports, AreOfferedOpenedAndOnlyOnce) {
  const wire::Report report = FakeNode::report(0);
  Bytes packet(wire::report_size(report));
  wire::encode(report, {packet.data(), packet.size()});
  hear(node, node.frame(report));
  hear(node, node.frame(report));
  EXPECT_EQ(events.opened, std::vector<Bytes>{packet});
}

TEST_F(Reports, BeyondTheWindowAreLeftToTheNode) {
  hear(node,
       node.frame(FakeNode::report(session::kSequenceWindowSize, session::kSequenceWindowSize)));
  EXPECT_EQ(count(Count::kTooFar), 1U);
  EXPECT_TRUE(ledger.handed.empty());
  pass(kAckDelay);
  EXPECT_EQ(received(node).at(0).stored.at(0).floor, 0);
}

TEST_F(Reports, ThatHoldMoreThanTheyCountedAreNotSane) {
  hear(node, node.frame(FakeNode::report(1, 2)));
  EXPECT_TRUE(ledger.handed.empty());
  EXPECT_EQ(refused(node, Grade::kNotSane), 1U);
}

TEST_F(Reports, AreLimitedForEachFrame) {
  std::array<std::uint8_t, 1400> buffer;
  wire::PacketsBuilder builder(buffer);
  for (std::uint16_t i = 0; i < kMaxReportsPerFrame + 3; ++i) {
    ASSERT_TRUE(builder.append(FakeNode::report(i, i)));
  }
  hear(node, node.seal(builder.bytes()));
  EXPECT_EQ(ledger.handed.size(), kMaxReportsPerFrame);
  EXPECT_EQ(count(Count::kTooManyReports), 3U);
  settle();
  EXPECT_EQ(received(node).at(0).stored.at(0).floor, kMaxReportsPerFrame);
}

TEST_F(Reports, OfAFrameThereIsNoRoomForAreLeftToTheNode) {
  std::array<std::uint8_t, 1400> buffer;
  wire::PacketsBuilder builder(buffer);
  for (std::uint16_t i = 0; i < kMaxReportsPerFrame + 1; ++i) {
    ASSERT_TRUE(builder.append(FakeNode::report(i, i)));
  }
  hear(node, node.seal(builder.bytes()));
  const Token token = hear(node, node.frame(FakeNode::report(40, 40)));
  EXPECT_EQ(count(Count::kBusy), 1U);
  EXPECT_TRUE(finished(token));
  settle();
  hear(node, node.frame(FakeNode::report(40, 40)));
  EXPECT_EQ(ledger.handed.size(), kMaxReportsPerFrame + 1U);
}

/// A record that says that a report was stored, which was not, would lose it with the next restart.
TEST_F(Reports, OfWhichTheLedgerIsNotAskedAreInNoProgress) {
  std::array<std::uint8_t, 1400> buffer;
  wire::PacketsBuilder builder(buffer);
  wire::Description description;
  description.properties.dropped = 1;
  for (std::size_t i = 0; i < pending.size(); ++i) ASSERT_TRUE(builder.append(description));
  ASSERT_TRUE(builder.append(FakeNode::report(0)));
  hear(node, node.seal(builder.bytes()));
  EXPECT_EQ(count(Count::kBusy), 1U);
  EXPECT_TRUE(ledger.handed.empty());
  commit();
  hear(node, node.frame(FakeNode::report(1, 1)));
  session::SequenceWindow window;
  ByteReader reader(ledger.handed.at(0).record.progress);
  window.load(reader);
  EXPECT_FALSE(window.acknowledgement().covers(0));
  EXPECT_TRUE(window.acknowledgement().covers(1));
  hear(node, node.frame(FakeNode::report(0)));
  EXPECT_EQ(ledger.handed.size(), 2U);
}

TEST_F(Reports, MoreFramesThanMayWaitAreTurnedAwayAndFinished) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    wire::Report report = FakeNode::report(static_cast<std::uint16_t>(i), 0);
    hear(node, node.frame(report));
  }
  EXPECT_TRUE(ledger.done.empty());
  const Token token = hear(node, node.frame(FakeNode::report(90)));
  EXPECT_EQ(count(Count::kBusy), 1U);
  EXPECT_TRUE(finished(token));
  EXPECT_EQ(ledger.handed.size(), frames.size());
}

TEST_F(Reports, ProgressCountsWhatIsUnderWayAndNotWhatFailed) {
  const auto floor_of = [](const ScriptedLedger::Report& report) {
    session::SequenceWindow window;
    ByteReader reader(report.record.progress);
    window.load(reader);
    return window.floor();
  };
  hear(node, node.frame(FakeNode::report(0, 0), FakeNode::report(1, 1)));
  EXPECT_EQ(floor_of(ledger.handed.at(0)), 1U);
  EXPECT_EQ(floor_of(ledger.handed.at(1)), 2U);
  commit(false);
  hear(node, node.frame(FakeNode::report(2, 2)));
  EXPECT_EQ(floor_of(ledger.handed.at(2)), 0U);
  hear(node, node.frame(FakeNode::report(0, 0)));
  EXPECT_EQ(floor_of(ledger.handed.at(3)), 1U);
  hear(node, node.frame(FakeNode::report(1, 1)));
  EXPECT_EQ(floor_of(ledger.handed.at(4)), 3U);
}

/// A later record with a failed one in its progress would lose that one with the next restart.
TEST_F(Reports, BetweenTwoFailuresTellOfNothingThatFails) {
  const auto covers = [](const ScriptedLedger::Report& report, std::uint32_t sequence) {
    session::SequenceWindow window;
    ByteReader reader(report.record.progress);
    window.load(reader);
    return window.acknowledgement().covers(sequence);
  };
  hear(node, node.frame(FakeNode::report(0, 0, wire::Stream::kEvents), FakeNode::report(0, 0)));
  const auto asked = std::exchange(ledger.waiting, {});
  ASSERT_EQ(asked.size(), 2U);
  coordinator->on_committed(now, asked[0].ticket, false);
  hear(node, node.frame(FakeNode::report(1, 1)));
  EXPECT_FALSE(covers(ledger.handed.at(2), 0));
  EXPECT_TRUE(covers(ledger.handed.at(2), 1));
  coordinator->on_committed(now, asked[1].ticket, false);
  hear(node, node.frame(FakeNode::report(2, 2)));
  EXPECT_FALSE(covers(ledger.handed.at(3), 0));
  EXPECT_TRUE(covers(ledger.handed.at(3), 1)) << "it may be stored yet";
  commit();
  hear(node, node.frame(FakeNode::report(0)));
  EXPECT_EQ(ledger.handed.size(), 5U);
}

TEST_F(Reports, OfANewStreamStartAnew) {
  hear(node, node.frame(FakeNode::report(0), FakeNode::report(1)));
  settle();
  downlink.take();
  node.hello.stream_id = 0xdef;
  hear(node, node.resume());
  ASSERT_TRUE(node.accept(view(downlink.take()[0].body)));
  hear(node, node.frame(FakeNode::report(0)));
  settle();
  ASSERT_EQ(ledger.reports.size(), 3U);
  EXPECT_EQ(ledger.reports[2].record.stream_id, 0xdefU);
  EXPECT_EQ(received(node).at(0).stored.at(0).floor, 1);
}

/// Sixteen bits can't tell them from repeats. Nodes pass over such sequences.
TEST_F(Reports, AfterNearlyALapOfDropsAreNewOnlyPastTheSequencesOfThoseThatAreStored) {
  for (std::uint16_t sequence = 0; sequence < 100; ++sequence) {
    hear(node, node.frame(FakeNode::report(sequence)));
    settle();
  }
  const std::size_t stored = ledger.reports.size();
  hear(node, node.frame(FakeNode::report(70, 3)));
  settle();
  EXPECT_EQ(ledger.reports.size(), stored);
  hear(node, node.frame(FakeNode::report(70 + transfer::kPassedOver, 3)));
  settle();
  EXPECT_EQ(ledger.reports.size(), stored + 1);
}

TEST_F(Reports, FramesSeenBeforeAndForgedOnesAreCounted) {
  const Bytes frame = node.frame(FakeNode::report(0));
  hear(node, frame);
  hear(node, frame);
  EXPECT_EQ(count(Count::kDuplicateFrame), 1U);
  EXPECT_EQ(refused(node, Grade::kReplayed), 1U);
  Bytes forged = node.frame(FakeNode::report(1));
  forged.back() ^= 1;
  hear(node, forged);
  EXPECT_EQ(count(Count::kNotAuthentic), 1U);
  EXPECT_EQ(refused(node, Grade::kNotAuthentic), 1U);
  hear(node, {0x50, 3, 7, 1, 0});
  EXPECT_EQ(refused(node, Grade::kTooShort), 1U);
  EXPECT_EQ(ledger.handed.size(), 1U);
}

TEST_F(Reports, AuthenticNonsenseIsNotSane) {
  hear(node, node.seal(view({0x32, 9, 1})));
  hear(node, node.seal(view({0xd0, 0})));
  hear(node, node.seal(view({0x32, 2, 0, 0})));
  hear(node, node.seal(view({0x80, 0})));
  EXPECT_EQ(refused(node, Grade::kNotSane), 4U);
}

}  // namespace
}  // namespace espial::coordinator
