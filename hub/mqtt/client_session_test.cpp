#include "hub/mqtt/broker_warnings.hpp"
#include "hub/mqtt/client_fixture.hpp"
#include "hub/mqtt/decode.hpp"

namespace espial::mqtt {
namespace {

using ClientSession = ClientTest;

TEST_F(ClientSession, ConnectAsksForTheSessionKept) {
  ClientOptions options = default_options();
  options.user_name = "name";
  options.password = "word";
  options.will = WillOptions{.topic = "gone", .payload = "1", .delay_s = 3};
  make(options);
  client_->on_transport_up(now_);
  std::vector<std::uint8_t> bytes;
  ASSERT_TRUE(client_->take_output(now_, bytes));
  Frame frame;
  Connect connect;
  ASSERT_EQ(next_frame({bytes.data(), bytes.size()}, 1000, frame), FrameStatus::kComplete);
  ASSERT_EQ(decode(frame, connect), Reason::kSuccess);
  EXPECT_EQ(connect.client_id, "hub");
  EXPECT_FALSE(connect.clean_start);
  EXPECT_EQ(connect.session_expiry_s, 0xFFFFFFFF);
  EXPECT_EQ(connect.keep_alive_s, 5);
  EXPECT_EQ(connect.receive_maximum, 16384);
  EXPECT_EQ(connect.user_name, "name");
  ASSERT_TRUE(connect.will);
  EXPECT_EQ(connect.will->topic, "gone");
  EXPECT_EQ(connect.will->delay_s, 3U);
}

TEST_F(ClientSession, RefusalBecomesWords) {
  connect(false, {.reason = Reason::kNotAuthorized, .reason_string = "ask Ann"});
  EXPECT_EQ(client_->failure(), "the broker refused the connection: not authorized (ask Ann)");
  EXPECT_EQ(client_->counters().connects_refused, 1U);
  EXPECT_EQ(ups_, 0);
}

TEST_F(ClientSession, NothingButConnackMayComeFirstAndOnlyOnce) {
  client_->on_transport_up(now_);
  deliver(Qos::kAtMostOnce, 0, "x");
  EXPECT_FALSE(client_->failure().empty());
  EXPECT_TRUE(received_.empty());
  lose();
  EXPECT_TRUE(client_->failure().empty());
  connect(false);
  reply([](auto& out) { encode(Connack{}, out); });
  EXPECT_EQ(sent(), Lines{"DISCONNECT 0x82"});
}

TEST_F(ClientSession, RenewsSubscriptionsInAKeptSessionAndMakesThemAnewInAFreshOne) {
  ASSERT_TRUE(client_->subscribe({.filter = "a/#", .qos = Qos::kAtLeastOnce}));
  ASSERT_TRUE(client_->subscribe({.filter = "b", .qos = Qos::kExactlyOnce}));
  connect(false);
  EXPECT_EQ(sent(), Lines{"SUBSCRIBE #60001 a/#:1 b:2"});
  reply_suback(60001, {1, 2});
  ASSERT_EQ(subscribed_.size(), 2U);
  lose();
  connect(true);
  EXPECT_EQ(sent(), Lines{"SUBSCRIBE #60002 a/#:1r1 b:2r1"});
  reply_suback(60002, {1, 0x87});
  ASSERT_EQ(subscribed_.size(), 3U);  // good news is no news the second time
  EXPECT_EQ(subscribed_[2], (std::pair<std::string, Reason>{"b", Reason::kNotAuthorized}));
  lose();
  connect(false);
  EXPECT_EQ(sent(), Lines{"SUBSCRIBE #60003 a/#:1 b:2"});
}

TEST_F(ClientSession, WhatWasNotConfirmedIsAskedForAgain) {
  ASSERT_TRUE(client_->subscribe({.filter = "a"}));
  ASSERT_TRUE(client_->subscribe({.filter = "b"}));
  connect(true);
  EXPECT_EQ(sent(), Lines{"SUBSCRIBE #60001 a:0 b:0"});  // this process has never asked
  reply_suback(60001, {0, 0x87});
  EXPECT_EQ(subscribed_[1], (std::pair<std::string, Reason>{"b", Reason::kNotAuthorized}));
  EXPECT_EQ(client_->counters().subscriptions_refused, 1U);
  ASSERT_TRUE(client_->subscribe({.filter = "c"}));
  EXPECT_EQ(sent(), Lines{"SUBSCRIBE #60002 c:0"});
  lose();
  connect(true);
  EXPECT_EQ(sent(), Lines{"SUBSCRIBE #60003 a:0r1 b:0 c:0"});
}

TEST_F(ClientSession, AnswersBelongToTheLineThatAsked) {
  connect(false);
  ASSERT_TRUE(client_->subscribe({.filter = "a"}));
  ASSERT_TRUE(client_->subscribe({.filter = "b"}));
  EXPECT_EQ(sent(), (Lines{"SUBSCRIBE #60001 a:0", "SUBSCRIBE #60002 b:0"}));
  client_->unsubscribe("a");
  EXPECT_EQ(sent(), Lines{"UNSUBSCRIBE #60003 a"});
  reply_suback(60001, {0x80});
  EXPECT_TRUE(subscribed_.empty());
  reply_suback(60002, {0});
  EXPECT_EQ(subscribed_[0].first, "b");
  reply_hex("b0 04 ea 63 00 00");
  EXPECT_EQ(client_->counters().unknown_acks, 1U);  // the answer for "a", which nobody waits for
}

TEST_F(ClientSession, BadFiltersAreRefused) {
  EXPECT_FALSE(client_->subscribe({.filter = "a/#/b"}));
  connect(false);
  EXPECT_EQ(sent(), Lines{});
}

TEST_F(ClientSession, ManyFiltersGoInSeveralRequests) {
  for (int i = 0; i < 100; ++i) {
    const std::string filter = "f" + std::to_string(i);
    ASSERT_TRUE(client_->subscribe({.filter = filter}));
  }
  connect(false);
  EXPECT_EQ(sent().size(), 2U);
}

TEST_F(ClientSession, PingsInTimeAndNoticesSilence) {
  connect(false);
  EXPECT_EQ(client_->next_deadline(), now_ + Duration::milliseconds(3750));
  pass(Duration::milliseconds(3749));
  EXPECT_EQ(sent(), Lines{});
  pass(Duration::milliseconds(1));
  EXPECT_EQ(sent(), Lines{"PINGREQ"});
  reply_hex("d0 00");
  pass(Duration::milliseconds(3750));
  EXPECT_EQ(sent(), Lines{"PINGREQ"});
  while (client_->failure().empty() && client_->next_deadline() < now_ + Duration::seconds(60)) {
    pass(client_->next_deadline() - now_);
  }
  EXPECT_EQ(client_->failure(), "the broker is silent for longer than the keep-alive");
  EXPECT_EQ(now_.us, 1'000'000 + 7'500'000 + 5'000'000);
}

TEST_F(ClientSession, SendingAloneDoesNotReplaceThePing) {
  connect(false);
  for (int i = 0; i < 4; ++i) {
    pass(Duration::seconds(1));
    ASSERT_EQ(publish(Qos::kAtMostOnce, "x"), PublishError::kNone);
    const Lines lines = sent();
    EXPECT_EQ(lines.front(), i < 3 ? "PUBLISH q0 t x" : "PINGREQ");
  }
}

TEST_F(ClientSession, TheServersKeepAliveCounts) {
  connect(false, {.server_keep_alive_s = 20});
  EXPECT_EQ(client_->next_deadline(), now_ + Duration::seconds(15));
  lose();
  connect(false, {.server_keep_alive_s = 0});
  EXPECT_EQ(client_->next_deadline(), kNever);
}

TEST_F(ClientSession, NoAnswerToConnectIsAFailure) {
  client_->on_transport_up(now_);
  EXPECT_EQ(client_->next_deadline(), now_ + Duration::seconds(5));
  pass(Duration::seconds(5));
  EXPECT_EQ(client_->failure(), "the broker did not answer to CONNECT in time");
}

TEST_F(ClientSession, DisconnectSendsWhatWaitsFirst) {
  connect(false);
  ASSERT_EQ(publish(Qos::kAtLeastOnce, "x"), PublishError::kNone);
  client_->disconnect(false);
  EXPECT_EQ(sent(), (Lines{"PUBLISH q1 #1 t x", "DISCONNECT"}));
  lose();
  connect(true);
  EXPECT_EQ(sent().size(), 1U);
  client_->disconnect(true);
  EXPECT_EQ(sent(), Lines{"DISCONNECT 0x04"});
}

TEST_F(ClientSession, TheBrokersDisconnectIsTold) {
  connect(false);
  reply_hex("e0 01 8e");
  EXPECT_EQ(client_->failure(),
            "the broker ended the connection: another client connected with the same client ID");
}

TEST_F(ClientSession, WarnsOfBrokersThatMayLose) {
  const ClientOptions options = default_options();
  EXPECT_TRUE(broker_warnings(options, {}).empty());
  EXPECT_EQ(broker_warnings(options, {.receive_maximum = 20}).size(), 1U);
  EXPECT_NE(broker_warnings(options, {.receive_maximum = 20})[0].find("max_inflight_messages 0"),
            std::string::npos);
  EXPECT_EQ(broker_warnings(options, {.session_expiry_s = 60,
                                      .maximum_qos = Qos::kAtLeastOnce,
                                      .retain_available = false,
                                      .max_packet_bytes = 1000,
                                      .wildcard_available = false})
                .size(),
            5U);
}

}  // namespace
}  // namespace espial::mqtt
