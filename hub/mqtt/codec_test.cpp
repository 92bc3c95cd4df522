#include <gtest/gtest.h>

#include <array>

#include "hub/mqtt/decode.hpp"
#include "hub/mqtt/encode.hpp"
#include "hub/mqtt/packet_text.hpp"

namespace espial::mqtt {
namespace {

using Bytes = std::vector<std::uint8_t>;

ByteView view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

/// Cuts the one packet out of `bytes` and decodes it.
template <typename Packet>
Reason decode_one(const Bytes& bytes, Packet& packet) {
  Frame frame;
  if (next_frame(view(bytes), 1 << 20, frame) != FrameStatus::kComplete) {
    return Reason::kMalformedPacket;
  }
  return decode(frame, packet);
}

// All bytes below were put together by hand from the standard's tables.

constexpr std::string_view kConnect =
    "10 24 00 04 4d 51 54 54 05 2c 00 05 0d 11 ff ff ff ff 21 40 00 27 00 10 00 00"
    " 00 03 68 75 62 00 00 01 74 00 01 78";

TEST(Codec, ConnectGolden) {
  Connect connect;
  connect.client_id = "hub";
  connect.keep_alive_s = 5;
  connect.session_expiry_s = 0xFFFFFFFF;
  connect.receive_maximum = 16384;
  connect.max_packet_bytes = 1 << 20;
  connect.will =
      Will{.topic = "t", .payload = as_bytes("x"), .qos = Qos::kAtLeastOnce, .retain = true};
  Bytes bytes;
  encode(connect, bytes);
  EXPECT_EQ(to_hex(view(bytes)), kConnect);

  Connect back;
  ASSERT_EQ(decode_one(bytes, back), Reason::kSuccess);
  EXPECT_EQ(back.client_id, "hub");
  EXPECT_FALSE(back.clean_start);
  EXPECT_EQ(back.receive_maximum, 16384);
  ASSERT_TRUE(back.will);
  EXPECT_EQ(back.will->topic, "t");
  EXPECT_TRUE(back.will->retain);
}

TEST(Codec, PublishGolden) {
  const std::array properties{UserProperty{"k", "v"}};
  Bytes bytes;
  encode(Message{.topic = "a/b",
                 .payload = as_bytes("hi"),
                 .qos = Qos::kAtLeastOnce,
                 .expiry_s = 60,
                 .user_properties = properties},
         0x0102, bytes);
  EXPECT_EQ(to_hex(view(bytes)),
            "32 16 00 03 61 2f 62 01 02 0c 02 00 00 00 3c 26 00 01 6b 00 01 76 68 69");

  Publish back;
  ASSERT_EQ(decode_one(bytes, back), Reason::kSuccess);
  EXPECT_EQ(back.topic, "a/b");
  EXPECT_EQ(back.packet_id, 0x0102);
  EXPECT_EQ(back.expiry_s, 60U);
  EXPECT_EQ(back.user_properties.find("k"), "v");
  EXPECT_EQ(back.user_properties.find("q"), std::nullopt);
  EXPECT_TRUE(equal(back.payload, as_bytes("hi")));
}

TEST(Codec, LengthsOfTwoBytes) {
  const std::string payload(200, 'p');
  Bytes bytes;
  encode(Message{.topic = "a", .payload = as_bytes(payload)}, 0, bytes);
  EXPECT_EQ(to_hex(view(bytes).subview(0, 7)), "30 cc 01 00 01 61 00");
  EXPECT_EQ(bytes.size(), 207U);
}

TEST(Codec, SmallPacketsGolden) {
  Bytes bytes;
  encode(Ack{.type = PacketType::kPuback, .packet_id = 0x0102}, bytes);
  encode(Ack{.type = PacketType::kPubrec,
             .packet_id = 0x0102,
             .reason = Reason::kImplementationSpecificError},
         bytes);
  encode(Ack{.type = PacketType::kPubrel, .packet_id = 0x0102}, bytes);
  encode(
      Ack{.type = PacketType::kPubcomp, .packet_id = 0x0102, .reason = Reason::kPacketIdNotFound},
      bytes);
  encode_ping(PacketType::kPingreq, bytes);
  encode(Disconnect{.reason = Reason::kSuccess}, bytes);
  encode(Disconnect{.reason = Reason::kDisconnectWithWill}, bytes);
  EXPECT_EQ(to_hex(view(bytes)),
            "40 02 01 02 50 03 01 02 83 62 02 01 02 70 03 01 02 92 c0 00 e0 00 e0 01 04");
}

TEST(Codec, SubscribeGolden) {
  const std::array wanted{Subscription{
      .filter = "a/#", .qos = Qos::kAtLeastOnce, .no_local = true, .retain_handling = 1}};
  const std::array<std::string_view, 1> unwanted{"a/#"};
  Bytes bytes;
  encode_subscribe(60001, wanted, bytes);
  EXPECT_EQ(to_hex(view(bytes)), "82 09 ea 61 00 00 03 61 2f 23 15");
  SubscribeRequest request;
  ASSERT_EQ(decode_one(bytes, request), Reason::kSuccess);
  Subscription subscription;
  ASSERT_TRUE(next_subscription(request, subscription));
  EXPECT_EQ(subscription.filter, "a/#");
  EXPECT_TRUE(subscription.no_local);
  EXPECT_EQ(subscription.retain_handling, 1);
  EXPECT_FALSE(next_subscription(request, subscription));

  bytes.clear();
  encode_unsubscribe(60001, unwanted, bytes);
  EXPECT_EQ(to_hex(view(bytes)), "a2 08 ea 61 00 00 03 61 2f 23");
}

TEST(Codec, ConnackWithLimits) {
  const Bytes bytes =
      from_hex("20 17 01 00 14 21 00 14 24 01 25 00 13 00 3c 11 00 00 00 0a 1f 00 02 6f 6b");
  Connack connack;
  ASSERT_EQ(decode_one(bytes, connack), Reason::kSuccess);
  EXPECT_TRUE(connack.session_present);
  EXPECT_EQ(connack.receive_maximum, 20);
  EXPECT_EQ(connack.maximum_qos, Qos::kAtLeastOnce);
  EXPECT_FALSE(connack.retain_available);
  EXPECT_EQ(connack.server_keep_alive_s, 60);
  EXPECT_EQ(connack.session_expiry_s, 10U);
  EXPECT_EQ(connack.reason_string, "ok");
  EXPECT_TRUE(connack.wildcard_available);
}

TEST(Codec, RefusesWithTheRightReason) {
  const auto connack = [](std::string_view hex) {
    Connack packet;
    return decode_one(from_hex(hex), packet);
  };
  const auto publish = [](std::string_view hex) {
    Publish packet;
    return decode_one(from_hex(hex), packet);
  };
  EXPECT_EQ(connack("20 02 00 01"), Reason::kUnsupportedProtocolVersion);  // MQTT 3.1.1's answer
  EXPECT_EQ(connack("20 03 02 00 00"), Reason::kMalformedPacket);          // a flag too many
  EXPECT_EQ(connack("20 03 01 87 00"), Reason::kProtocolError);           // a session and a refusal
  EXPECT_EQ(connack("20 06 00 00 03 21 00 00"), Reason::kProtocolError);  // Receive Maximum 0
  EXPECT_EQ(connack("20 07 00 00 04 25 01 25 01"), Reason::kProtocolError);  // twice
  EXPECT_EQ(connack("20 05 00 00 02 25 02"), Reason::kProtocolError);        // neither yes nor no
  EXPECT_EQ(connack("20 05 00 00 02 7e 00"), Reason::kMalformedPacket);      // no such property
  EXPECT_EQ(connack("20 05 00 00 02 02 00"), Reason::kMalformedPacket);      // cut short
  EXPECT_EQ(connack("20 08 00 00 05 02 00 00 00 01"), Reason::kProtocolError);  // not in a CONNACK
  EXPECT_EQ(publish("32 06 00 01 61 00 00 00"), Reason::kMalformedPacket);  // packet identifier 0
  EXPECT_EQ(publish("36 06 00 01 61 00 01 00"), Reason::kMalformedPacket);  // QoS 3
  EXPECT_EQ(publish("38 04 00 01 61 00"), Reason::kMalformedPacket);  // a second time at QoS 0
  EXPECT_EQ(publish("30 03 00 00 00"), Reason::kTopicNameInvalid);
  EXPECT_EQ(publish("30 04 00 01 2b 00"), Reason::kTopicNameInvalid);  // "+"
  EXPECT_EQ(publish("30 07 00 01 61 03 23 00 01"), Reason::kTopicAliasInvalid);
  EXPECT_EQ(publish("30 04 00 05 61 00"),
            Reason::kMalformedPacket);  // topic longer than the packet
  EXPECT_EQ(publish("30 05 00 01 61 80 00"), Reason::kMalformedPacket);  // zero in two bytes
  EXPECT_EQ(publish("30 04 00 01 61 09"), Reason::kMalformedPacket);     // and the properties
}

TEST(Codec, FramesAreCutAtTheirLength) {
  Frame frame;
  const auto status = [&frame](std::string_view hex) {
    const Bytes bytes = from_hex(hex);
    return next_frame(view(bytes), 100, frame);
  };
  EXPECT_EQ(status(""), FrameStatus::kIncomplete);
  EXPECT_EQ(status("40"), FrameStatus::kIncomplete);
  EXPECT_EQ(status("40 02 00"), FrameStatus::kIncomplete);
  EXPECT_EQ(frame.bytes, 4U);
  EXPECT_EQ(status("40 02 00 01 ff"), FrameStatus::kComplete);
  EXPECT_EQ(frame.bytes, 4U);
  EXPECT_EQ(status("40 63"), FrameStatus::kTooLarge);  // 2 + 99 bytes
  EXPECT_EQ(status("30 80"), FrameStatus::kIncomplete);
  EXPECT_EQ(status("30 80 00"), FrameStatus::kMalformed);  // zero in two bytes
  EXPECT_EQ(status("30 ff ff ff ff 01"), FrameStatus::kMalformed);
  EXPECT_EQ(status("00 00"), FrameStatus::kMalformed);
  EXPECT_EQ(status("41 02"), FrameStatus::kMalformed);  // a flag that PUBACK doesn't have
  EXPECT_EQ(status("60 02"), FrameStatus::kMalformed);  // PUBREL without its flag
}

TEST(Codec, EveryReasonHasWords) {
  EXPECT_EQ(reason_text(Reason::kNotAuthorized), "not authorized");
  EXPECT_EQ(reason_text(Reason::kWildcardSubscriptionsNotSupported),
            "wildcard subscriptions are not supported");
  EXPECT_EQ(reason_text(static_cast<Reason>(0xFF)), "unknown reason");
}

}  // namespace
}  // namespace espial::mqtt
