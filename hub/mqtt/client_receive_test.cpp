#include <array>

#include "hub/mqtt/client_fixture.hpp"

namespace espial::mqtt {
namespace {

using ClientReceive = ClientTest;

TEST_F(ClientReceive, AcknowledgesOnlyWhenTold) {
  connect(false);
  deliver(Qos::kAtLeastOnce, 7, "one");
  ASSERT_EQ(received_.size(), 1U);
  EXPECT_EQ(received_[0].payload, "one");
  EXPECT_EQ(sent(), Lines{});
  EXPECT_EQ(client_->unacknowledged_in(), 1U);
  client_->acknowledge(received_[0].ticket);
  EXPECT_EQ(sent(), Lines{"PUBACK #7"});
  EXPECT_EQ(client_->unacknowledged_in(), 0U);
}

TEST_F(ClientReceive, AcknowledgementsLeaveInOrderOfArrival) {
  connect(false);
  for (const std::uint16_t id : std::array<std::uint16_t, 3>{3, 1, 2})
    deliver(Qos::kAtLeastOnce, id, "x");
  client_->acknowledge(received_[2].ticket);
  client_->acknowledge(received_[1].ticket);
  EXPECT_EQ(sent(), Lines{});
  client_->acknowledge(received_[0].ticket);
  EXPECT_EQ(sent(), (Lines{"PUBACK #3", "PUBACK #1", "PUBACK #2"}));
}

TEST_F(ClientReceive, QosZeroNeedsNoAcknowledgement) {
  connect(false);
  deliver(Qos::kAtMostOnce, 0, "x");
  ASSERT_EQ(received_.size(), 1U);
  client_->acknowledge(received_[0].ticket);
  EXPECT_EQ(sent(), Lines{});
  EXPECT_EQ(client_->counters().stale_tickets, 0U);
}

TEST_F(ClientReceive, RefusalIsPassedOn) {
  connect(false);
  deliver(Qos::kAtLeastOnce, 7, "x");
  client_->acknowledge(received_[0].ticket, Reason::kPayloadFormatInvalid);
  EXPECT_EQ(sent(), Lines{"PUBACK #7 0x99"});
}

TEST_F(ClientReceive, TicketsOfAnEarlierConnectionAreIgnored) {
  connect(false);
  deliver(Qos::kAtLeastOnce, 7, "x");
  lose();
  connect(true);
  client_->acknowledge(received_[0].ticket);
  EXPECT_EQ(sent(), Lines{});
  EXPECT_EQ(client_->counters().stale_tickets, 1U);
  deliver(Qos::kAtLeastOnce, 7, "x", true);
  ASSERT_EQ(received_.size(), 2U);
  client_->acknowledge(received_[0].ticket);
  EXPECT_EQ(sent(), Lines{});
  client_->acknowledge(received_[1].ticket);
  client_->acknowledge(received_[1].ticket);
  EXPECT_EQ(sent(), Lines{"PUBACK #7"});
  EXPECT_EQ(client_->counters().stale_tickets, 3U);
  EXPECT_EQ(client_->counters().received_again, 1U);
}

TEST_F(ClientReceive, WhatIsGivenBackEndsTheConnectionAndComesAgain) {
  for (const Qos qos : {Qos::kAtLeastOnce, Qos::kExactlyOnce}) {
    make(default_options());
    received_.clear();
    connect(false);
    deliver(qos, 7, "x");
    deliver(qos, 8, "y");
    ASSERT_EQ(received_.size(), 2U);
    client_->give_back(now_, received_[0].ticket, "no room");
    EXPECT_EQ(client_->failure(), "no room");
    EXPECT_EQ(sent(), Lines{"DISCONNECT 0x97"});
    deliver(qos, 9, "z");
    EXPECT_EQ(received_.size(), 2U) << "nothing more of this connection is handed out";
    lose();
    connect(true);
    deliver(qos, 7, "x", true);
    ASSERT_EQ(received_.size(), 3U) << "the broker's copy of it is news";
    EXPECT_EQ(received_[2].payload, "x");
    client_->give_back(now_, received_[0].ticket, "no room");
    EXPECT_EQ(client_->failure(), "") << "a stale ticket ends nothing";
    client_->acknowledge(received_[2].ticket);
    EXPECT_EQ(sent().size(), 1U);
  }
}

TEST_F(ClientReceive, WhatCameBeforeWhatIsGivenBackIsAcknowledgedFirst) {
  connect(false);
  deliver(Qos::kAtLeastOnce, 7, "x");
  deliver(Qos::kExactlyOnce, 8, "y");
  deliver(Qos::kAtLeastOnce, 9, "z");
  client_->give_back(now_, received_[2].ticket, "no room");
  EXPECT_EQ(client_->failure(), "") << "or each connection would bring the same ones for ever";
  deliver(Qos::kAtLeastOnce, 10, "more");
  EXPECT_EQ(received_.size(), 3U);
  client_->acknowledge(received_[1].ticket);
  client_->acknowledge(received_[0].ticket);
  EXPECT_EQ(client_->failure(), "no room");
  EXPECT_EQ(sent(), (Lines{"PUBACK #7", "PUBREC #8", "DISCONNECT 0x97"}));
}

TEST_F(ClientReceive, WhatCameBeforeIsNotWaitedForWithoutEnd) {
  connect(false);
  deliver(Qos::kAtLeastOnce, 7, "x");
  deliver(Qos::kAtLeastOnce, 8, "y");
  client_->give_back(now_, received_[1].ticket, "no room");
  const Duration patience = default_options().drain_timeout;
  EXPECT_EQ(client_->next_deadline(), now_ + patience);
  pass(patience);
  EXPECT_EQ(client_->failure(), "no room");
}

TEST_F(ClientReceive, AQosTwoMessageThatIsGivenBackLateComesAgainAsWell) {
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "x");
  lose();
  connect(true);
  deliver(Qos::kExactlyOnce, 7, "x", true);
  ASSERT_EQ(received_.size(), 1U);
  client_->give_back(now_, received_[0].ticket, "no room");
  EXPECT_EQ(client_->failure(), "no room") << "this connection has swallowed the copy";
  lose();
  connect(true);
  deliver(Qos::kExactlyOnce, 7, "x", true);
  EXPECT_EQ(received_.size(), 2U);
}

TEST_F(ClientReceive, AwaitsTheReleaseOfWhatItHasAnswered) {
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "x");
  deliver(Qos::kExactlyOnce, 8, "y");
  EXPECT_FALSE(client_->awaits_release()) << "neither is acknowledged";
  client_->acknowledge(received_[1].ticket);
  EXPECT_FALSE(client_->awaits_release()) << "its PUBREC waits for the first one's";
  client_->acknowledge(received_[0].ticket);
  EXPECT_TRUE(client_->awaits_release());
  reply_ack(PacketType::kPubrel, 7);
  reply_ack(PacketType::kPubrel, 8);
  EXPECT_FALSE(client_->awaits_release());
}

TEST_F(ClientReceive, QosTwoWaitsForTheApplicationThenRunsByItself) {
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "x");
  EXPECT_EQ(sent(), Lines{});
  client_->acknowledge(received_[0].ticket);
  EXPECT_EQ(sent(), Lines{"PUBREC #7"});
  reply_ack(PacketType::kPubrel, 7);
  EXPECT_EQ(sent(), Lines{"PUBCOMP #7"});
  deliver(Qos::kExactlyOnce, 7, "y");
  EXPECT_EQ(received_.size(), 2U);
}

TEST_F(ClientReceive, QosTwoIsHandedOutOnceThoughSentAgainAfterItsPubrec) {
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "x");
  client_->acknowledge(received_[0].ticket);
  lose();
  connect(true);
  deliver(Qos::kExactlyOnce, 7, "x", true);
  EXPECT_EQ(received_.size(), 1U);
  EXPECT_EQ(sent(), Lines{"PUBREC #7"});
  reply_ack(PacketType::kPubrel, 7);
  EXPECT_EQ(sent(), Lines{"PUBCOMP #7"});
}

TEST_F(ClientReceive, QosTwoIsHandedOutOnceThoughStillHeldWhenSentAgain) {
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "x");
  lose();
  connect(true);
  deliver(Qos::kExactlyOnce, 7, "x", true);
  EXPECT_EQ(received_.size(), 1U);
  EXPECT_EQ(sent(), Lines{});
  client_->acknowledge(received_[0].ticket);
  EXPECT_EQ(sent(), Lines{"PUBREC #7"});
}

TEST_F(ClientReceive, QosTwoAcknowledgedWhileAwayIsAnsweredWhenItComesAgain) {
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "x");
  lose();
  client_->acknowledge(received_[0].ticket);
  connect(true);
  EXPECT_EQ(sent(), Lines{});
  deliver(Qos::kExactlyOnce, 7, "x", true);
  EXPECT_EQ(received_.size(), 1U);
  EXPECT_EQ(sent(), Lines{"PUBREC #7"});
  EXPECT_EQ(client_->counters().duplicates_dropped, 1U);
}

TEST_F(ClientReceive, QosTwoIdentifiersEndWithTheSession) {
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "x");
  client_->acknowledge(received_[0].ticket);
  lose();
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "y", true);
  EXPECT_EQ(received_.size(), 2U);
}

TEST_F(ClientReceive, AMessageNotMarkedAsRepeatedIsAnotherOneAfterTheBrokerForgot) {
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "x");
  client_->acknowledge(received_[0].ticket);
  lose();
  connect(true);
  deliver(Qos::kExactlyOnce, 7, "y");
  ASSERT_EQ(received_.size(), 2U);
  EXPECT_EQ(received_[1].payload, "y");
}

TEST_F(ClientReceive, ARefusedQosTwoMessageFreesItsIdentifier) {
  connect(false);
  deliver(Qos::kExactlyOnce, 7, "x");
  client_->acknowledge(received_[0].ticket, Reason::kQuotaExceeded);
  EXPECT_EQ(sent(), Lines{"PUBREC #7 0x97"});
  deliver(Qos::kExactlyOnce, 7, "y");
  EXPECT_EQ(received_.size(), 2U);
}

TEST_F(ClientReceive, ReleaseOfSomethingUnknownIsAnsweredSo) {
  connect(true);
  reply_ack(PacketType::kPubrel, 9);
  EXPECT_EQ(sent(), Lines{"PUBCOMP #9 0x92"});
  EXPECT_EQ(client_->counters().unknown_acks, 1U);
}

TEST_F(ClientReceive, MoreThanReceiveMaximumEndsTheConnection) {
  ClientOptions options = default_options();
  options.receive_maximum = 3;  // the ring behind it has four places
  make(options);
  connect(false);
  for (const std::uint16_t id : std::array<std::uint16_t, 3>{1, 2, 3})
    deliver(Qos::kAtLeastOnce, id, "x");
  EXPECT_TRUE(client_->failure().empty());
  deliver(Qos::kAtLeastOnce, 4, "x");
  EXPECT_FALSE(client_->failure().empty());
  EXPECT_EQ(sent(), Lines{"DISCONNECT 0x93"});
  EXPECT_EQ(received_.size(), 3U);
}

TEST_F(ClientReceive, PacketsMayComeByteByByte) {
  connect(false);
  std::vector<std::uint8_t> bytes;
  encode(Message{.topic = "t", .payload = as_bytes("x"), .qos = Qos::kAtLeastOnce}, 7, bytes);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_EQ(client_->on_bytes(now_, {bytes.data(), size}), 0U);
  }
  EXPECT_EQ(client_->on_bytes(now_, {bytes.data(), bytes.size()}), bytes.size());
  EXPECT_EQ(received_.size(), 1U);
}

TEST_F(ClientReceive, GarbageEndsTheConnectionWithAReason) {
  connect(false);
  reply_hex("ff ff ff");
  EXPECT_EQ(sent(), Lines{"DISCONNECT 0x81"});
  EXPECT_NE(client_->failure(), "");
  EXPECT_EQ(client_->counters().malformed, 1U);
}

TEST_F(ClientReceive, PacketsOverTheAgreedSizeEndTheConnection) {
  connect(false);
  reply_hex("30 ff ff ff 7f");
  EXPECT_EQ(sent(), Lines{"DISCONNECT 0x95"});
}

TEST_F(ClientReceive, ABrokerThatDoesNotReadOurAnswersIsLeft) {
  connect(true);
  std::vector<std::uint8_t> bytes;
  encode(Ack{.type = PacketType::kPubrel, .packet_id = 9}, bytes);
  for (int i = 0; i < 1'000'000 && client_->failure().empty(); ++i) {
    client_->on_bytes(now_, {bytes.data(), bytes.size()});
  }
  EXPECT_EQ(client_->failure(), "the broker does not read what we answer");
}

}  // namespace
}  // namespace espial::mqtt
