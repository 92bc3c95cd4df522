#include "hub/mqtt/byte_io.hpp"
#include "hub/mqtt/client_fixture.hpp"
#include "hub/mqtt/decode.hpp"

namespace espial::mqtt {
namespace {

using ClientPublish = ClientTest;
using Done = std::vector<std::pair<std::string, Reason>>;

TEST_F(ClientPublish, QosOneIsDoneWithTheBrokersWord) {
  connect(false);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "x"), PublishError::kNone);
  EXPECT_EQ(sent(), Lines{"PUBLISH q1 #1 t x"});
  EXPECT_EQ(done_, Done{});
  reply_ack(PacketType::kPuback, 1);
  EXPECT_EQ(done_, (Done{{"x", Reason::kSuccess}}));
  EXPECT_EQ(client_->unacknowledged_out(), 0U);
}

TEST_F(ClientPublish, QosTwoIsDoneAtItsFourthPacket) {
  connect(false);
  ASSERT_EQ(publish(Qos::kExactlyOnce, "x"), PublishError::kNone);
  EXPECT_EQ(sent(), Lines{"PUBLISH q2 #1 t x"});
  reply_ack(PacketType::kPubrec, 1);
  EXPECT_EQ(sent(), Lines{"PUBREL #1"});
  EXPECT_EQ(done_, Done{});
  reply_ack(PacketType::kPubcomp, 1);
  EXPECT_EQ(done_, (Done{{"x", Reason::kSuccess}}));
}

TEST_F(ClientPublish, RefusalsAreToldAndCounted) {
  connect(false);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "x"), PublishError::kNone);
  ASSERT_EQ(publish(Qos::kExactlyOnce, "y"), PublishError::kNone);
  EXPECT_EQ(sent().size(), 2U);
  reply_ack(PacketType::kPuback, 1, Reason::kNotAuthorized);
  reply_ack(PacketType::kPubrec, 2, Reason::kQuotaExceeded);
  EXPECT_EQ(done_, (Done{{"x", Reason::kNotAuthorized}, {"y", Reason::kQuotaExceeded}}));
  EXPECT_EQ(refused_, (Lines{"t", "t"}));
  EXPECT_EQ(client_->counters().publishes_refused, 2U);
  EXPECT_EQ(sent(), Lines{});
}

TEST_F(ClientPublish, WaitsForAConnectionButQosZeroDoesNot) {
  EXPECT_EQ(publish(Qos::kAtMostOnce, "now or never"), PublishError::kNotConnected);
  EXPECT_EQ(publish(Qos::kAtLeastOnce, "later"), PublishError::kNone);
  connect(false);
  EXPECT_EQ(sent(), Lines{"PUBLISH q1 #1 t later"});
  EXPECT_EQ(publish(Qos::kAtMostOnce, "now"), PublishError::kNone);
  EXPECT_EQ(done_, (Done{{"now", Reason::kSuccess}}));
  EXPECT_EQ(sent(), Lines{"PUBLISH q0 t now"});
}

TEST_F(ClientPublish, AFullQueueSaysNo) {
  ClientOptions options = default_options();
  options.outbox.max_count = 2;
  make(options);
  EXPECT_EQ(publish(Qos::kAtLeastOnce, "a"), PublishError::kNone);
  EXPECT_EQ(publish(Qos::kAtLeastOnce, "b"), PublishError::kNone);
  EXPECT_EQ(publish(Qos::kAtLeastOnce, "c"), PublishError::kQueueFull);
  EXPECT_EQ(client_->counters().queue_full, 1U);
  connect(false);
  EXPECT_EQ(sent().size(), 2U);
  reply_ack(PacketType::kPuback, 2);  // out of turn: the place is free all the same
  EXPECT_EQ(publish(Qos::kAtLeastOnce, "d"), PublishError::kNone);

  options.outbox = {.max_count = 100, .max_bytes = 1000};
  make(options);
  EXPECT_EQ(publish(Qos::kAtLeastOnce, std::string(900, 'a')), PublishError::kNone);
  EXPECT_EQ(publish(Qos::kAtLeastOnce, std::string(900, 'b')), PublishError::kQueueFull);
}

TEST_F(ClientPublish, BadMessagesAreRefusedAtOnce) {
  connect(false);
  EXPECT_EQ(client_->publish(now_, {.topic = ""}), PublishError::kBadTopic);
  EXPECT_EQ(client_->publish(now_, {.topic = "a/+"}), PublishError::kBadTopic);
  const UserProperty property{"\xFF", "v"};
  EXPECT_EQ(client_->publish(now_, {.topic = "a", .user_properties = {&property, 1}}),
            PublishError::kBadText);
  EXPECT_EQ(client_->counters().bad_messages, 3U);
  EXPECT_EQ(sent(), Lines{});
}

TEST_F(ClientPublish, NeverMoreInFlightThanTheBrokerTakes) {
  connect(false, {.receive_maximum = 2});
  for (const char* payload : {"a", "b", "c", "d"}) {
    ASSERT_EQ(publish(Qos::kAtLeastOnce, payload), PublishError::kNone);
  }
  EXPECT_EQ(sent(), (Lines{"PUBLISH q1 #1 t a", "PUBLISH q1 #2 t b"}));
  EXPECT_EQ(sent(), Lines{});
  reply_ack(PacketType::kPuback, 1);
  reply_ack(PacketType::kPuback, 1);  // once more: must not make room twice
  EXPECT_EQ(sent(), Lines{"PUBLISH q1 #3 t c"});
}

TEST_F(ClientPublish, AResumedSessionGoesOnWhereItWas) {
  connect(false);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "one"), PublishError::kNone);
  ASSERT_EQ(publish(Qos::kExactlyOnce, "two"), PublishError::kNone);
  ASSERT_EQ(publish(Qos::kExactlyOnce, "released"), PublishError::kNone);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "acknowledged"), PublishError::kNone);
  EXPECT_EQ(sent().size(), 4U);
  reply_ack(PacketType::kPubrec, 3);
  reply_ack(PacketType::kPuback, 4);
  lose();
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "new"), PublishError::kNone);
  connect(true);
  EXPECT_EQ(sent(), (Lines{"PUBLISH dup q1 #1 t one", "PUBLISH dup q2 #2 t two", "PUBREL #3",
                           "PUBLISH q1 #5 t new"}));
  EXPECT_EQ(client_->counters().publishes_resent, 3U);
  // Strict brokers say so when the first PUBREL had arrived.
  reply_ack(PacketType::kPubcomp, 3, Reason::kPacketIdNotFound);
  EXPECT_EQ(done_.back(), (std::pair<std::string, Reason>{"released", Reason::kSuccess}));
}

TEST_F(ClientPublish, AFreshSessionGetsEverythingAsNew) {
  connect(false);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "one"), PublishError::kNone);
  ASSERT_EQ(publish(Qos::kExactlyOnce, "released"), PublishError::kNone);
  EXPECT_EQ(sent().size(), 2U);
  reply_ack(PacketType::kPubrec, 2);
  lose();
  connect(false);
  EXPECT_EQ(sent(), (Lines{"PUBLISH q1 #1 t one", "PUBLISH q2 #2 t released"}));
}

TEST_F(ClientPublish, WhatWaitsForAnotherConnectionHasLessToLive) {
  const auto publish_for = [this](std::uint32_t lifetime_s) {
    Message message;
    message.topic = "t";
    message.qos = Qos::kAtLeastOnce;
    message.expiry_s = lifetime_s;
    return client_->publish(now_, message);
  };
  const auto lifetimes_sent = [this] {
    std::vector<std::uint8_t> bytes;
    client_->take_output(now_, bytes);
    std::vector<std::uint32_t> lifetimes;
    ByteView rest(bytes.data(), bytes.size());
    Frame frame;
    while (next_frame(rest, kMaxVarint, frame) == FrameStatus::kComplete) {
      Publish message;
      EXPECT_FALSE(is_failure(decode(frame, message)));
      lifetimes.push_back(message.expiry_s.value_or(0));
      rest = rest.subview(frame.bytes);
    }
    return lifetimes;
  };
  for (const bool session_kept : {true, false}) {
    make(default_options());
    connect(false);
    ASSERT_EQ(publish_for(100), PublishError::kNone);
    ASSERT_EQ(publish_for(20), PublishError::kNone);
    EXPECT_EQ(lifetimes_sent(), (std::vector<std::uint32_t>{100, 20}));
    lose();
    now_ = now_ + Duration::milliseconds(7'900);
    ASSERT_EQ(publish_for(50), PublishError::kNone);
    connect(session_kept);
    EXPECT_EQ(lifetimes_sent(), (std::vector<std::uint32_t>{93, 13, 50}));
    lose();
    now_ = now_ + Duration::seconds(30);
    connect(session_kept);
    EXPECT_EQ(lifetimes_sent(), (std::vector<std::uint32_t>{63, 1, 20}))
        << "never 0: never expired";
  }
}

TEST_F(ClientPublish, AcknowledgementsBeforeTheSecondSendingDoNotCount) {
  connect(false);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "x"), PublishError::kNone);
  EXPECT_EQ(sent().size(), 1U);
  lose();
  connect(true);
  reply_ack(PacketType::kPuback, 1);
  EXPECT_EQ(done_, Done{});
  EXPECT_EQ(client_->counters().unknown_acks, 1U);
}

TEST_F(ClientPublish, WhatThisBrokerCanNotTakeIsRefusedForIt) {
  ASSERT_EQ(publish(Qos::kAtLeastOnce, std::string(200, 'x')), PublishError::kNone);
  ASSERT_EQ(publish(Qos::kExactlyOnce, "q2"), PublishError::kNone);
  ASSERT_EQ(client_->publish(now_, {.topic = "r", .qos = Qos::kAtLeastOnce, .retain = true}),
            PublishError::kNone);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "fits"), PublishError::kNone);
  connect(false,
          {.maximum_qos = Qos::kAtLeastOnce, .retain_available = false, .max_packet_bytes = 100});
  EXPECT_EQ(sent(), Lines{"PUBLISH q1 #4 t fits"});
  ASSERT_EQ(done_.size(), 2U);
  EXPECT_EQ(done_[0].second, Reason::kPacketTooLarge);
  EXPECT_EQ(done_[1].second, Reason::kQosNotSupported);
  EXPECT_EQ(refused_, (Lines{"t", "t", "r"}));
  EXPECT_EQ(publish(Qos::kAtMostOnce, std::string(200, 'x')), PublishError::kTooLarge);
  EXPECT_EQ(client_->publish(now_, {.topic = "r", .retain = true}), PublishError::kNotSupported);
}

TEST_F(ClientPublish, IdentifiersGoRoundWithoutMixingUp) {
  ClientOptions options = default_options();
  options.first_packet_id = Outbox::kPacketIds;
  make(options);
  connect(false);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "last"), PublishError::kNone);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "first"), PublishError::kNone);
  EXPECT_EQ(sent(), (Lines{"PUBLISH q1 #60000 t last", "PUBLISH q1 #1 t first"}));
  reply_ack(PacketType::kPuback, 1);
  EXPECT_EQ(done_, (Done{{"first", Reason::kSuccess}}));
  reply_ack(PacketType::kPuback, 60000);
  EXPECT_EQ(done_.size(), 2U);
  EXPECT_EQ(client_->unacknowledged_out(), 0U);
}

TEST_F(ClientPublish, OutputIsTakenInPortions) {
  ClientOptions options = default_options();
  options.max_unsent_bytes = 1000;
  make(options);
  connect(false);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(publish(Qos::kAtLeastOnce, std::string(600, 'x')), PublishError::kNone);
  }
  EXPECT_EQ(sent().size(), 2U);
  EXPECT_TRUE(client_->has_output());
  EXPECT_EQ(sent().size(), 2U);
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_FALSE(client_->has_output());
}

TEST_F(ClientPublish, UnknownPubrecIsAnsweredSo) {
  connect(true);
  reply_ack(PacketType::kPubrec, 5);
  EXPECT_EQ(sent(), Lines{"PUBREL #5 0x92"});
}

}  // namespace
}  // namespace espial::mqtt
