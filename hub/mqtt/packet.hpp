#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/bytes.hpp"
#include "hub/mqtt/properties.hpp"
#include "hub/mqtt/reason.hpp"

// The packets of MQTT 5 as plain structs. Every view borrows: in a decoded packet from the bytes
// that were decoded, in one to be encoded from whoever fills it in.
namespace espial::mqtt {

enum class PacketType : std::uint8_t {
  kConnect = 1,
  kConnack = 2,
  kPublish = 3,
  kPuback = 4,
  kPubrec = 5,
  kPubrel = 6,
  kPubcomp = 7,
  kSubscribe = 8,
  kSuback = 9,
  kUnsubscribe = 10,
  kUnsuback = 11,
  kPingreq = 12,
  kPingresp = 13,
  kDisconnect = 14,
  kAuth = 15,
};

enum class Qos : std::uint8_t { kAtMostOnce = 0, kAtLeastOnce = 1, kExactlyOnce = 2 };

/// What the broker publishes for us when we vanish without a DISCONNECT.
struct Will {
  std::string_view topic{};
  ByteView payload{};
  Qos qos = Qos::kAtMostOnce;
  bool retain = false;
  std::uint32_t delay_s = 0;                ///< the broker waits this long for us to come back
  std::optional<std::uint32_t> expiry_s{};  ///< lifetime of the published will
};

///     10 rl  00 04 "MQTT" 05 | flags | keep alive, 2 | properties | client id | will? user?
///     password?
struct Connect {
  std::string_view client_id{};
  bool clean_start = false;
  std::uint16_t keep_alive_s = 0;
  std::uint32_t session_expiry_s = 0;     ///< 0xFFFFFFFF: never
  std::uint16_t receive_maximum = 65535;  ///< 1..65535
  std::uint32_t max_packet_bytes = 0;     ///< 0: no limit stated
  std::optional<std::string_view> user_name{};
  std::optional<ByteView> password{};
  std::optional<Will> will{};
};

///     20 rl  session present | reason | properties
struct Connack {
  bool session_present = false;
  Reason reason = Reason::kSuccess;
  std::optional<std::uint32_t> session_expiry_s{};  ///< only when the broker changed ours
  std::uint16_t receive_maximum = 65535;  ///< QoS 1 and 2 publishes it takes unacknowledged
  Qos maximum_qos = Qos::kExactlyOnce;
  bool retain_available = true;
  std::uint32_t max_packet_bytes = 0;  ///< 0: no limit stated
  std::string_view assigned_client_id{};
  std::string_view reason_string{};
  bool wildcard_available = true;
  bool shared_available = true;
  std::optional<std::uint16_t> server_keep_alive_s{};  ///< when given it replaces ours
};

/// A PUBLISH as it came:
///     3f rl  topic | packet id, 2 (QoS 1, 2) | properties | payload        f: dup 8, qos 6, retain
///     1
struct Publish {
  std::string_view topic{};
  ByteView payload{};
  Qos qos = Qos::kAtMostOnce;
  bool retain = false;
  bool duplicate = false;
  std::uint16_t packet_id = 0;
  std::optional<std::uint32_t> expiry_s{};  ///< seconds it had left when the broker sent it
  std::string_view content_type{};
  std::string_view response_topic{};
  ByteView correlation_data{};
  UserProperties user_properties{};
};

/// A message to be published.
struct Message {
  std::string_view topic{};
  ByteView payload{};
  Qos qos = Qos::kAtMostOnce;
  bool retain = false;
  std::optional<std::uint32_t> expiry_s{};
  std::span<const UserProperty> user_properties{};
};

/// PUBACK, PUBREC, PUBREL and PUBCOMP share one shape; reason and properties may be left out.
///     t? rl  packet id, 2 | reason? | properties?
struct Ack {
  PacketType type = PacketType::kPuback;
  std::uint16_t packet_id = 0;
  Reason reason = Reason::kSuccess;
  std::string_view reason_string{};
};

/// One line of a SUBSCRIBE.
struct Subscription {
  std::string_view filter{};
  Qos qos = Qos::kAtMostOnce;
  bool no_local = false;             ///< not what we published ourselves
  bool retain_as_published = false;  ///< keep the publisher's retain flag
  /// Retained messages: 0 always sent on subscribing, 1 only for a new subscription, 2 never.
  std::uint8_t retain_handling = 0;
};

/// SUBACK and UNSUBACK.
///     t0 rl  packet id, 2 | properties | one reason for each filter
struct SubscribeAck {
  PacketType type = PacketType::kSuback;
  std::uint16_t packet_id = 0;
  ByteView reasons{};
  std::string_view reason_string{};
};

///     E0 rl  reason? | properties?
struct Disconnect {
  Reason reason = Reason::kSuccess;
  std::string_view reason_string{};
};

}  // namespace espial::mqtt
