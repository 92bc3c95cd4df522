#include "core/gateway/gateway.hpp"

#include "core/crypto/discovery.hpp"
#include "core/gateway/gateway_fixture_test.hpp"
#include "core/wire/header.hpp"

namespace espial::gateway {
namespace {

using testing::Test;

class Search : public GatewayTest {
 protected:
  wire::Connack answer() {
    EXPECT_EQ(radio.sent.size(), 1U);
    if (radio.sent.empty()) return {};
    const auto parsed = wire::parse_connack(view(radio.sent.back().body));
    EXPECT_TRUE(parsed);
    return *parsed;
  }
};

TEST_F(Search, IsAnsweredWithWhatANodeNeeds) {
  bring_up();
  hear(at_ms(1), mac_of(1), connect(), std::int8_t{-61});
  const wire::Connack connack = answer();
  EXPECT_EQ(radio.sent.back().to, mac_of(1));
  EXPECT_TRUE(connack.success);
  EXPECT_EQ(connack.server, kServer);
  EXPECT_EQ(connack.channel.number, 6);
  EXPECT_EQ(connack.rssi_dbm, std::int8_t{-61});
  EXPECT_TRUE(connack.uplink_ready);
  EXPECT_TRUE(connack.coordinator_alive);
  EXPECT_TRUE(connack.long_bodies);
  EXPECT_EQ(connack.address, mac_of(0xaa));
  EXPECT_EQ(connack.nonce, (wire::SearchNonce{1, 2, 3, 4}));
  Key key;
  key.fill(0x5a);
  const Bytes& body = radio.sent.back().body;
  EXPECT_EQ(
      connack.tag,
      crypto::connack_tag(crypto, key, view(body).subview(0, wire::kConnackSignedSize), mac_of(1)));
}

TEST_F(Search, IsAnsweredUnderAChangedDiscoveryKeyFromThenOn) {
  bring_up();
  Key changed;
  changed.fill(0xd1);
  gateway->set_discovery_key(ServerId{99}, Key{});
  gateway->set_discovery_key(kServer, changed);
  hear(at_ms(1), mac_of(1), connect());
  const wire::Connack connack = answer();
  const ByteView signed_part = view(radio.sent.back().body).subview(0, wire::kConnackSignedSize);
  EXPECT_EQ(connack.tag, crypto::connack_tag(crypto, changed, signed_part, mac_of(1)));
}

TEST_F(Search, FailsWithoutUplink) {
  gateway->on_coordinator(at_ms(0), kServer, true);
  hear(at_ms(1), mac_of(1), connect());
  EXPECT_FALSE(answer().success);
  EXPECT_FALSE(answer().uplink_ready);
}

TEST_F(Search, FailsWithoutThatNetworksCoordinator) {
  serve_second = true;
  build();
  gateway->on_uplink_ready(at_ms(0), true);
  gateway->on_coordinator(at_ms(0), kSecondServer, true);
  hear(at_ms(1), mac_of(1), connect());
  EXPECT_FALSE(answer().success);
  EXPECT_FALSE(answer().coordinator_alive);
}

TEST_F(Search, OfAnotherNetworkIsNotAnswered) {
  bring_up();
  hear(at_ms(1), mac_of(1), connect(ServerId{8}));
  EXPECT_TRUE(radio.sent.empty());
  EXPECT_EQ(count(Count::kNotServed), 1U);
}

TEST_F(Search, IsLimitedForAMacAndInAll) {
  limits.burst = 3;
  limits.refill = Duration::seconds(1);
  build();
  bring_up();
  hear(at_ms(1), mac_of(1), connect());
  hear(at_ms(5), mac_of(1), connect());
  EXPECT_EQ(count(Count::kSearchLimited), 1U);
  hear(at_ms(5), mac_of(2), connect());
  hear(at_ms(5), mac_of(3), connect());
  EXPECT_EQ(count(Count::kConnectsAnswered), 3U);
  hear(at_ms(5), mac_of(4), connect());
  EXPECT_EQ(count(Count::kSearchLimited), 2U);
  hear(at_ms(2005), mac_of(4), connect());
  EXPECT_EQ(count(Count::kConnectsAnswered), 4U);
}

TEST_F(Search, OfSomebodyWeakIsAnsweredWhileFewSearch) {
  limits.burst = 4;
  limits.refill = Duration::seconds(1);
  build();
  bring_up();
  constexpr std::int8_t kWeak = kNear_dbm - kWeakSpan_db;
  hear(at_ms(1), mac_of(1), connect(), kWeak);
  hear(at_ms(1), mac_of(2), connect(), kWeak);
  EXPECT_EQ(count(Count::kConnectsAnswered), 2U);
  hear(at_ms(1), mac_of(3), connect(), kWeak);
  EXPECT_EQ(count(Count::kConnectsAnswered), 2U);
  hear(at_ms(1), mac_of(3), connect(), kNear_dbm);
  hear(at_ms(1), mac_of(4), connect(), std::nullopt);
  EXPECT_EQ(count(Count::kConnectsAnswered), 4U);
}

TEST_F(Search, IsNotAnsweredWhenNobodyListensAnyMore) {
  bring_up();
  hear(at_ms(0), mac_of(1), connect());
  hear(at_ms(0), mac_of(2), connect());
  hear(at_ms(20), mac_of(3), connect());
  end_send(at_ms(0) + kAnswerWithin + Duration::milliseconds(1), false);
  ASSERT_EQ(radio.sent.size(), 2U);
  EXPECT_EQ(radio.sent[1].to, mac_of(3)) << "neither again nor too late";
  EXPECT_EQ(count(Count::kAnswerDropped), 1U);
}

TEST_F(Search, LeavesRoomForJoins) {
  bring_up();
  for (std::uint8_t i = 1; i <= kMaxUrgent; ++i) hear(at_ms(0), mac_of(i), connect());
  EXPECT_EQ(count(Count::kAnswerDropped), std::uint32_t{kMaxUrgent / 2});
  down(at_ms(0), mac_of(1), DownClass::kAuth, auth(wire::AuthStep::kJoinAccept));
  EXPECT_EQ(count(Count::kUrgentDropped), 0U);
}

class Relay : public GatewayTest {};

TEST_F(Relay, CarriesJoinsResumesAndSealedFramesAsTheyCame) {
  bring_up();
  const std::vector<Bytes> bodies = {auth(wire::AuthStep::kJoin), auth(wire::AuthStep::kResume),
                                     sealed(false, 1)};
  for (const Bytes& body : bodies) hear(at_ms(1), mac_of(1), body, std::int8_t{-70});
  ASSERT_EQ(uplink.up.size(), 3U);
  for (std::size_t i = 0; i < bodies.size(); ++i) EXPECT_EQ(uplink.up[i].body, bodies[i]);
  EXPECT_EQ(uplink.up[0].server, 7);
  EXPECT_EQ(uplink.up[0].mac, mac_of(1));
  EXPECT_EQ(uplink.up[0].rssi_dbm, std::int8_t{-70});
  EXPECT_EQ(uplink.up[0].channel, 6);
  EXPECT_EQ(uplink.up[0].held_ms, 0);
}

TEST_F(Relay, DropsWhatGoesTheOtherWay) {
  bring_up();
  hear(at_ms(1), mac_of(1), sealed(true, 1));
  hear(at_ms(1), mac_of(1), sealed(false, 1, false, kServer, true));
  hear(at_ms(1), mac_of(1), auth(wire::AuthStep::kJoinAccept));
  hear(at_ms(1), mac_of(1), {0xd0, 0});
  EXPECT_EQ(count(Count::kWrongWay), 4U);
  EXPECT_TRUE(uplink.up.empty());
}

TEST_F(Search, InAnotherVersionIsNotAnsweredAndCountedAsThat) {
  bring_up();
  Bytes later = connect();
  later[3] = wire::kVersion + 1;
  hear(at_ms(1), mac_of(1), later);
  EXPECT_FALSE(radio.busy);
  EXPECT_EQ(count(Count::kOtherVersion), 1U);
}

TEST_F(Relay, DropsOtherNetworksAndBrokenFramesEachWithItsReason) {
  bring_up();
  hear(at_ms(1), mac_of(1), sealed(false, 1, false, ServerId{8}));
  hear(at_ms(1), mac_of(1), auth(wire::AuthStep::kJoin, ServerId{8}));
  EXPECT_EQ(count(Count::kNotServed), 2U);
  hear(at_ms(1), mac_of(1), {});
  hear(at_ms(1), mac_of(1), {0x50, 4, 7, 1});
  EXPECT_EQ(count(Count::kTooShort), 2U);
  Bytes longer = sealed(false, 1);
  longer.push_back(0);
  hear(at_ms(1), mac_of(1), longer);
  Bytes longest(kMaxBodyV2 + 1);
  const wire::SealedHeader header{kServer, 1, 0, false, false, false, false};
  const std::size_t plaintext = longest.size() - wire::sealed_size(0) - 2;
  ASSERT_NE(wire::encode_sealed_header(header, plaintext, {longest.data(), longest.size()}), 0U);
  hear(at_ms(1), mac_of(1), longest);
  EXPECT_EQ(count(Count::kBadLength), 2U);
  hear(at_ms(1), mac_of(1), Bytes(46, 0));
  hear(at_ms(1), mac_of(1), {0xa0, 0});
  EXPECT_EQ(count(Count::kS0Off), 1U);
  EXPECT_EQ(count(Count::kUnknownType), 1U);
  EXPECT_TRUE(uplink.up.empty());
  EXPECT_TRUE(radio.sent.empty());
}

TEST_F(Relay, CountsWhatComesToTheStationsAddress) {
  bring_up();
  const Bytes body = sealed(false, 1);
  for (const auto& [to, expected] :
       {std::pair<std::optional<MacAddress>, unsigned>{mac_of(0xaa), 0},
        {std::nullopt, 0},
        {kBroadcast, 0},
        {radio.address(), 1}}) {
    gateway->on_frame(at_ms(0), {mac_of(1), to, -50, Channel{6}, view(body)});
    EXPECT_EQ(count(Count::kToStation), expected);
  }
  EXPECT_EQ(uplink.up.size(), 4U) << "it is carried all the same";
}

TEST_F(Relay, HoldsFramesWhileTheUplinkIsDownAndTellsForHowLong) {
  hear(at_ms(100), mac_of(1), sealed(false, 1));
  hear(at_ms(200), mac_of(2), {0x30, 1, 9});
  EXPECT_EQ(gateway->held_count(), 2U);
  gateway->on_uplink_ready(at_ms(1100), true);
  EXPECT_EQ(gateway->held_count(), 0U);
  ASSERT_EQ(uplink.up.size(), 1U);
  EXPECT_EQ(uplink.up[0].held_ms, 1000);
  ASSERT_EQ(uplink.device.size(), 1U);
  EXPECT_EQ(uplink.device[0].body, (Bytes{0x30, 1, 9}));
}

TEST_F(Relay, DropsTheOldestOfAFullRing) {
  for (std::uint8_t i = 1; i <= 6; ++i) hear(at_ms(i), mac_of(i), sealed(false, i));
  // 200 bytes take three frames of 32 + HeldRing::kOverhead.
  EXPECT_EQ(count(Count::kHeldDropped), 3U);
  gateway->on_uplink_ready(at_ms(10), true);
  ASSERT_EQ(uplink.up.size(), 3U);
  EXPECT_EQ(uplink.up[0].mac, mac_of(4));
  EXPECT_EQ(uplink.up[2].mac, mac_of(6));
}

TEST_F(Relay, KeepsTheOrderWhenTheUplinkRefuses) {
  bring_up();
  uplink.takes = false;
  hear(at_ms(1), mac_of(1), sealed(false, 1));
  uplink.takes = true;
  hear(at_ms(2), mac_of(1), sealed(false, 2));
  EXPECT_TRUE(uplink.up.empty());
  ASSERT_NE(gateway->next_timer(), kNever);
  gateway->on_timer(gateway->next_timer());
  ASSERT_EQ(uplink.up.size(), 2U);
  EXPECT_EQ(uplink.up[0].body.back(), 1);
  EXPECT_EQ(uplink.up[1].body.back(), 2);
  EXPECT_EQ(gateway->next_timer(), kNever);
}

class Plain : public GatewayTest {
 protected:
  const Bytes publish{0x30, 2, 8, 8};
  static Bytes list(std::initializer_list<std::uint8_t> macs) {
    Bytes bytes;
    for (const std::uint8_t n : macs) {
      const MacAddress mac = mac_of(n);
      bytes.insert(bytes.end(), mac.octets.begin(), mac.octets.end());
    }
    return bytes;
  }
};

TEST_F(Plain, PublishGoesToItsDeviceTopicOnly) {
  bring_up();
  hear(at_ms(1), mac_of(1), publish, std::nullopt);
  ASSERT_EQ(uplink.device.size(), 1U);
  EXPECT_EQ(uplink.device[0].mac, mac_of(1));
  EXPECT_EQ(uplink.device[0].body, publish);
  EXPECT_FALSE(uplink.device[0].rssi_dbm);
  EXPECT_TRUE(uplink.up.empty());
}

TEST_F(Plain, PublishOfAKeyedMacIsForged) {
  bring_up();
  gateway->on_keyed(at_ms(0), kServer, view(list({1, 2})));
  hear(at_ms(1), mac_of(2), publish);
  EXPECT_TRUE(uplink.device.empty());
  EXPECT_EQ(count(Count::kKeyedPlain), 1U);
  hear(at_ms(1), mac_of(3), publish);
  EXPECT_EQ(uplink.device.size(), 1U);
}

TEST_F(Plain, ANewListReplacesItsNetworksOldOne) {
  serve_second = true;
  build();
  bring_up();
  gateway->on_keyed(at_ms(0), kServer, view(list({1})));
  gateway->on_keyed(at_ms(0), kSecondServer, view(list({2})));
  gateway->on_keyed(at_ms(0), kServer, view(list({3})));
  hear(at_ms(1), mac_of(1), publish);
  EXPECT_EQ(uplink.device.size(), 1U);
  hear(at_ms(1), mac_of(2), publish);
  hear(at_ms(1), mac_of(3), publish);
  EXPECT_EQ(count(Count::kKeyedPlain), 2U);
}

TEST_F(Plain, AListThatDoesNotFitMakesDeafRatherThanForged) {
  bring_up();
  gateway->on_keyed(at_ms(0), kServer, view(list({1, 2, 3, 4})));
  EXPECT_EQ(count(Count::kKeyedListFull), 1U);
  hear(at_ms(1), mac_of(9), publish);
  EXPECT_TRUE(uplink.device.empty());
  gateway->on_keyed(at_ms(0), kServer, view(list({1})));
  hear(at_ms(1), mac_of(9), publish);
  EXPECT_EQ(uplink.device.size(), 1U);
}

TEST_F(Plain, AMalformedListIsIgnored) {
  bring_up();
  gateway->on_keyed(at_ms(0), kServer, view(list({1})));
  gateway->on_keyed(at_ms(0), kServer, view(Bytes(7)));
  gateway->on_keyed(at_ms(0), ServerId{8}, view(list({2})));
  EXPECT_EQ(count(Count::kBadControl), 2U);
  hear(at_ms(1), mac_of(1), publish);
  EXPECT_EQ(count(Count::kKeyedPlain), 1U);
}

TEST_F(Plain, InnerPacketsStayOutside) {
  bring_up();
  for (const Bytes& packet :
       {Bytes{0x40, 0}, Bytes{0x60, 0}, Bytes{0x70, 0}, Bytes{0x80, 0}, Bytes{0xc0, 0}}) {
    hear(at_ms(1), mac_of(1), packet);
    down(at_ms(1), mac_of(1), DownClass::kAck, packet);
  }
  EXPECT_TRUE(uplink.up.empty());
  EXPECT_TRUE(radio.sent.empty());
  EXPECT_EQ(count(Count::kWrongWay), 5U);
  EXPECT_EQ(count(Count::kDownBadBody), 5U);
}

TEST_F(Plain, SetGoesDownUnlessKeyed) {
  gateway->on_keyed(at_ms(0), kServer, view(list({1})));
  gateway->on_device_set(at_ms(1), mac_of(1), view(publish));
  EXPECT_EQ(count(Count::kSetKeyed), 1U);
  gateway->on_device_set(at_ms(1), mac_of(2), view(publish));
  ASSERT_EQ(radio.sent.size(), 1U);
  EXPECT_EQ(radio.sent[0].to, mac_of(2));
  EXPECT_EQ(radio.sent[0].body, publish);
  gateway->on_device_set(at_ms(1), mac_of(2), {});
  gateway->on_device_set(at_ms(1), mac_of(2), view(Bytes(257, 0x30)));
  EXPECT_EQ(count(Count::kDownBadBody), 2U);
}

TEST(Counters, HaveDistinctNames) {
  std::vector<std::string_view> names;
  for (int i = 0; i < static_cast<int>(Count::kNumber); ++i) {
    const std::string_view name = to_text(static_cast<Count>(i));
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 0) << name;
    names.push_back(name);
  }
  EXPECT_EQ(to_text(Count::kKeyedListFull), "keyed_list_full");
}

}  // namespace
}  // namespace espial::gateway
