#include <gtest/gtest.h>

#include "core/gateway/gateway_fixture_test.hpp"
#include "core/wire/s0.hpp"

namespace espial::gateway {
namespace {

const MacAddress kModule = mac_of(1);

/// A gateway of networks 7 and 9, of which S0 may be on in either.
class S0RelayTest : public GatewayTest {
 protected:
  S0RelayTest() {
    serve_second = true;
    build();
    bring_up();
  }

  template <class Message>
  static Bytes message(const Message& content) {
    Bytes body(s0::kMaxMessageSize);
    body.resize(s0::encode(content, {body.data(), body.size()}));
    EXPECT_FALSE(body.empty());
    return body;
  }
  static Bytes search(ServerId server = kServer) {
    s0::Pairing pairing;
    pairing.server = server;
    pairing.id = 3;
    return message(pairing);
  }
  static Bytes data() { return message(s0::Values{}); }
  static Bytes set_points() {
    s0::Values values;
    values.set_points = true;
    return message(values);
  }
  static Bytes ping() { return message(s0::Ping{1}); }
  static Bytes reset(ServerId server = kServer) { return message(s0::Reset{server}); }

  void switch_on(ServerId server = kServer) { gateway->on_s0(at_ms(0), server, true); }
  void key(const MacAddress& mac) { gateway->on_keyed(at_ms(0), kServer, ByteView(mac.octets)); }
};

TEST_F(S0RelayTest, IsOffUntilSwitchedOn) {
  for (const Bytes& body : {search(), data(), ping(), Bytes{0x00}, Bytes(47)}) {
    hear(at_ms(0), kModule, body);
  }
  EXPECT_EQ(count(Count::kS0Off), 5U);
  EXPECT_TRUE(uplink.up.empty());
  down(at_ms(0), kModule, DownClass::kAuth, search());
  EXPECT_EQ(count(Count::kDownBadBody), 1U);
  EXPECT_TRUE(radio.sent.empty());
}

TEST_F(S0RelayTest, RelaysUpWhatModulesSay) {
  switch_on();
  for (const Bytes& body : {search(), data(), ping()}) hear(at_ms(0), kModule, body);
  ASSERT_EQ(uplink.up.size(), 3U);
  EXPECT_EQ(uplink.up[0].body, search());
  EXPECT_EQ(uplink.up[1].body, data());
  EXPECT_EQ(uplink.up[2].body, ping());
  EXPECT_EQ(uplink.up[0].server, kServer.value);
  EXPECT_EQ(uplink.up[0].mac, kModule);
}

TEST_F(S0RelayTest, IsOffAgainWhenSwitchedOff) {
  switch_on();
  gateway->on_s0(at_ms(0), kServer, false);
  hear(at_ms(0), kModule, data());
  EXPECT_TRUE(uplink.up.empty());
  EXPECT_EQ(count(Count::kS0Off), 1U);
}

TEST_F(S0RelayTest, StaysOnWhileTheCoordinatorIsAway) {
  switch_on();
  gateway->on_coordinator(at_ms(0), kServer, false);
  hear(at_ms(0), kModule, data());
  EXPECT_EQ(uplink.up.size(), 1U) << "the broker keeps it";
}

TEST_F(S0RelayTest, OnlyExactLengthsAreMessages) {
  switch_on();
  for (const Bytes& good : {search(), data(), ping()}) {
    Bytes body = good;
    body.push_back(0);
    hear(at_ms(0), kModule, body);
    body.resize(good.size() - 1);
    hear(at_ms(0), kModule, body);
  }
  EXPECT_EQ(count(Count::kBadLength), 6U);
  hear(at_ms(0), kModule, Bytes(36, 0x05));
  EXPECT_EQ(count(Count::kUnknownType), 1U);
  EXPECT_TRUE(uplink.up.empty());
}

TEST_F(S0RelayTest, ASearchGoesToItsNetworkOnly) {
  switch_on(kSecondServer);
  hear(at_ms(0), kModule, search(kServer));
  EXPECT_EQ(count(Count::kS0Off), 1U) << "S0 is on in the other network";
  hear(at_ms(50), kModule, search(ServerId{8}));
  EXPECT_EQ(count(Count::kNotServed), 1U);
  hear(at_ms(100), kModule, search(kSecondServer));
  ASSERT_EQ(uplink.up.size(), 1U);
  EXPECT_EQ(uplink.up[0].server, kSecondServer.value);
}

TEST_F(S0RelayTest, DataGoToEachNetworkThatHasItOn) {
  switch_on(kServer);
  switch_on(kSecondServer);
  hear(at_ms(0), kModule, data());
  ASSERT_EQ(uplink.up.size(), 2U);
  EXPECT_EQ(uplink.up[0].server, kServer.value);
  EXPECT_EQ(uplink.up[1].server, kSecondServer.value);
}

TEST_F(S0RelayTest, NeverFromAKeyedMac) {
  switch_on();
  key(kModule);
  for (const Bytes& body : {search(), data(), ping()}) hear(at_ms(0), kModule, body);
  EXPECT_EQ(count(Count::kKeyedPlain), 3U);
  EXPECT_TRUE(uplink.up.empty());
}

TEST_F(S0RelayTest, WhatOnlyServersSayIsRefused) {
  switch_on();
  hear(at_ms(0), kModule, set_points());
  hear(at_ms(0), kModule, reset());
  EXPECT_EQ(count(Count::kWrongWay), 2U);
  EXPECT_TRUE(uplink.up.empty());
}

TEST_F(S0RelayTest, AFloodOfSearchesIsHeldBack) {
  limits.burst = 2;
  build();
  bring_up();
  switch_on();
  for (std::uint8_t i = 0; i < 5; ++i) hear(at_ms(0), mac_of(i), search());
  EXPECT_EQ(uplink.up.size(), 2U);
  EXPECT_EQ(count(Count::kSearchLimited), 3U);
}

TEST_F(S0RelayTest, SendsDownAtOnceWhatServersSay) {
  switch_on();
  for (const Bytes& body : {search(), set_points(), ping(), reset()}) {
    down(at_ms(0), kModule, DownClass::kAuth, body);
    ASSERT_FALSE(radio.sent.empty());
    EXPECT_EQ(radio.sent.back().body, body);
    EXPECT_EQ(radio.sent.back().to, kModule);
    end_send(at_ms(0));
  }
}

TEST_F(S0RelayTest, SendsNothingElseDown) {
  switch_on();
  down(at_ms(0), kModule, DownClass::kAuth, data());
  down(at_ms(0), kModule, DownClass::kAuth, search(kSecondServer));
  down(at_ms(0), kModule, DownClass::kAuth, reset(kSecondServer));
  down(at_ms(0), kModule, DownClass::kAuth, Bytes{0x04});
  down(at_ms(0), kModule, DownClass::kCommand, set_points(), 1);
  key(kModule);
  down(at_ms(0), kModule, DownClass::kAuth, set_points());
  EXPECT_EQ(count(Count::kDownBadBody), 6U);
  EXPECT_TRUE(radio.sent.empty());
}

TEST_F(S0RelayTest, ASwitchOfANetworkNotServedIsCounted) {
  gateway->on_s0(at_ms(0), ServerId{8}, true);
  EXPECT_EQ(count(Count::kBadControl), 1U);
}

}  // namespace
}  // namespace espial::gateway
