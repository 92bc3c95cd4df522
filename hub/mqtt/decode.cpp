#include "hub/mqtt/decode.hpp"

#include "hub/mqtt/byte_io.hpp"
#include "hub/mqtt/topic.hpp"

namespace espial::mqtt {
namespace {

using enum PropertyId;

/// A set of property identifiers; all of MQTT 5's are below 64.
constexpr std::uint64_t set_of(std::initializer_list<PropertyId> ids) {
  std::uint64_t set = 0;
  for (const PropertyId id : ids) set |= std::uint64_t{1} << static_cast<unsigned>(id);
  return set;
}
constexpr bool contains(std::uint64_t set, PropertyId id) { return (set & set_of({id})) != 0; }

constexpr std::uint64_t kConnectProperties =
    set_of({kSessionExpiry, kReceiveMaximum, kMaximumPacketSize, kTopicAliasMaximum,
            kRequestResponseInformation, kRequestProblemInformation, kUserProperty,
            kAuthenticationMethod, kAuthenticationData});
constexpr std::uint64_t kWillProperties =
    set_of({kWillDelay, kPayloadFormat, kMessageExpiry, kContentType, kResponseTopic,
            kCorrelationData, kUserProperty});
constexpr std::uint64_t kConnackProperties =
    set_of({kSessionExpiry, kReceiveMaximum, kMaximumQos, kRetainAvailable, kMaximumPacketSize,
            kAssignedClientId, kTopicAliasMaximum, kReasonString, kUserProperty, kWildcardAvailable,
            kSubscriptionIdsAvailable, kSharedAvailable, kServerKeepAlive, kResponseInformation,
            kServerReference, kAuthenticationMethod, kAuthenticationData});
constexpr std::uint64_t kPublishProperties =
    set_of({kPayloadFormat, kMessageExpiry, kTopicAlias, kResponseTopic, kCorrelationData,
            kUserProperty, kSubscriptionId, kContentType});
constexpr std::uint64_t kAckProperties = set_of({kReasonString, kUserProperty});
constexpr std::uint64_t kSubscribeProperties = set_of({kSubscriptionId, kUserProperty});
constexpr std::uint64_t kUnsubscribeProperties = set_of({kUserProperty});
constexpr std::uint64_t kDisconnectProperties =
    set_of({kSessionExpiry, kReasonString, kUserProperty, kServerReference});
constexpr std::uint64_t kMayRepeat = set_of({kUserProperty, kSubscriptionId});
constexpr std::uint64_t kZeroOrOne =
    set_of({kPayloadFormat, kRequestProblemInformation, kRequestResponseInformation, kMaximumQos,
            kRetainAvailable, kWildcardAvailable, kSubscriptionIdsAvailable, kSharedAvailable});
constexpr std::uint64_t kNeverZero = set_of({kReceiveMaximum, kMaximumPacketSize, kSubscriptionId});

/// Reads a packet's property block, checks what holds for every packet, and hands each property to
/// `take`. `block` becomes the whole block.
template <typename Take>
Reason read_properties(Reader& reader, std::uint64_t allowed, ByteView& block, const Take& take) {
  block = reader.bytes(reader.varint());
  if (!reader.ok()) return Reason::kMalformedPacket;
  Reader inside(block);
  std::uint64_t seen = 0;
  Property property;
  while (next_property(inside, property)) {
    const bool repeated = contains(seen, property.id) && !contains(kMayRepeat, property.id);
    seen |= set_of({property.id});
    if (!contains(allowed, property.id) || repeated) return Reason::kProtocolError;
    if (contains(kZeroOrOne, property.id) && property.number > 1) return Reason::kProtocolError;
    if (contains(kNeverZero, property.id) && property.number == 0) return Reason::kProtocolError;
    take(property);
  }
  return inside.ok() ? Reason::kSuccess : Reason::kMalformedPacket;
}

Reason read_will(Reader& reader, std::uint8_t flags, Will& will) {
  const unsigned qos = (flags >> 3) & 3;
  if (qos > 2) return Reason::kMalformedPacket;
  will.qos = static_cast<Qos>(qos);
  will.retain = (flags & 0x20) != 0;
  ByteView block;
  const Reason reason =
      read_properties(reader, kWillProperties, block, [&will](const Property& property) {
        if (property.id == kWillDelay) will.delay_s = property.number;
        if (property.id == kMessageExpiry) will.expiry_s = property.number;
      });
  will.topic = reader.text();
  will.payload = reader.binary();
  if (is_failure(reason)) return reason;
  return reader.ok() && valid_topic(will.topic) ? Reason::kSuccess : Reason::kMalformedPacket;
}

void take_connack_property(const Property& property, Connack& packet) {
  switch (property.id) {
    case kSessionExpiry:
      packet.session_expiry_s = property.number;
      break;
    case kReceiveMaximum:
      packet.receive_maximum = static_cast<std::uint16_t>(property.number);
      break;
    case kMaximumQos:
      packet.maximum_qos = static_cast<Qos>(property.number);
      break;
    case kRetainAvailable:
      packet.retain_available = property.number != 0;
      break;
    case kMaximumPacketSize:
      packet.max_packet_bytes = property.number;
      break;
    case kAssignedClientId:
      packet.assigned_client_id = property.text;
      break;
    case kReasonString:
      packet.reason_string = property.text;
      break;
    case kWildcardAvailable:
      packet.wildcard_available = property.number != 0;
      break;
    case kSharedAvailable:
      packet.shared_available = property.number != 0;
      break;
    case kServerKeepAlive:
      packet.server_keep_alive_s = static_cast<std::uint16_t>(property.number);
      break;
    default:
      break;
  }
}

/// The flags a packet of this type must have; PUBLISH has its own.
constexpr std::uint8_t required_flags(PacketType type) {
  return type == PacketType::kPubrel || type == PacketType::kSubscribe ||
                 type == PacketType::kUnsubscribe
             ? 2
             : 0;
}

/// Reads one line of a SUBSCRIBE or UNSUBSCRIBE; false when it is wrong.
bool read_subscription(Reader& reader, PacketType type, Subscription& subscription) {
  subscription = {};
  subscription.filter = reader.text();
  if (!reader.ok() || !valid_filter(subscription.filter)) return false;
  if (type == PacketType::kUnsubscribe) return true;
  const std::uint8_t options = reader.u8();
  if (!reader.ok() || (options & 3) == 3 || (options >> 4) > 2) return false;
  subscription.qos = static_cast<Qos>(options & 3);
  subscription.no_local = (options & 4) != 0;
  subscription.retain_as_published = (options & 8) != 0;
  subscription.retain_handling = static_cast<std::uint8_t>(options >> 4);
  return true;
}

/// Reads what PUBACK and its kin and DISCONNECT may leave out: a reason, then properties.
Reason read_reason(Reader& reader, std::uint64_t allowed, Reason& reason, std::string_view& text) {
  reason = Reason::kSuccess;
  text = {};
  if (reader.at_end()) return Reason::kSuccess;
  reason = static_cast<Reason>(reader.u8());
  if (reader.at_end()) return Reason::kSuccess;
  ByteView block;
  const Reason verdict = read_properties(reader, allowed, block, [&text](const Property& property) {
    if (property.id == kReasonString) text = property.text;
  });
  if (is_failure(verdict)) return verdict;
  return reader.at_end() ? Reason::kSuccess : Reason::kMalformedPacket;
}

}  // namespace

FrameStatus next_frame(ByteView stream, std::uint32_t max_packet_bytes, Frame& frame) {
  frame = {};
  if (stream.empty()) return FrameStatus::kIncomplete;
  const auto type = static_cast<PacketType>(stream[0] >> 4);
  const auto flags = static_cast<std::uint8_t>(stream[0] & 0x0F);
  if (stream[0] < 0x10) return FrameStatus::kMalformed;
  if (type != PacketType::kPublish && flags != required_flags(type)) return FrameStatus::kMalformed;
  std::size_t length = 0;
  std::size_t at = 1;
  for (unsigned shift = 0;; shift += 7, ++at) {
    if (shift > 21) return FrameStatus::kMalformed;
    if (at >= stream.size()) return FrameStatus::kIncomplete;
    length |= static_cast<std::size_t>(stream[at] & 0x7F) << shift;
    if ((stream[at] & 0x80) != 0) continue;
    if (stream[at] == 0 && shift > 0) return FrameStatus::kMalformed;  // longer than needed
    break;
  }
  ++at;
  frame.bytes = at + length;
  if (frame.bytes > max_packet_bytes) return FrameStatus::kTooLarge;
  if (frame.bytes > stream.size()) return FrameStatus::kIncomplete;
  frame.type = type;
  frame.flags = flags;
  frame.body = ByteView(stream.data() + at, length);
  return FrameStatus::kComplete;
}

Reason decode(const Frame& frame, Connect& packet) {
  packet = {};
  Reader reader(frame.body);
  const std::string_view protocol = reader.text();
  const std::uint8_t version = reader.u8();
  const std::uint8_t flags = reader.u8();
  packet.keep_alive_s = reader.u16();
  if (!reader.ok()) return Reason::kMalformedPacket;
  if (protocol != "MQTT" || version != 5) return Reason::kUnsupportedProtocolVersion;
  const bool has_will = (flags & 0x04) != 0;
  if ((flags & 0x01) != 0 || (!has_will && (flags & 0x38) != 0)) return Reason::kMalformedPacket;
  packet.clean_start = (flags & 0x02) != 0;
  ByteView block;
  Reason reason =
      read_properties(reader, kConnectProperties, block, [&packet](const Property& property) {
        if (property.id == kSessionExpiry) packet.session_expiry_s = property.number;
        if (property.id == kMaximumPacketSize) packet.max_packet_bytes = property.number;
        if (property.id == kReceiveMaximum) {
          packet.receive_maximum = static_cast<std::uint16_t>(property.number);
        }
      });
  if (is_failure(reason)) return reason;
  packet.client_id = reader.text();
  if (has_will) {
    reason = read_will(reader, flags, packet.will.emplace());
    if (is_failure(reason)) return reason;
  }
  if ((flags & 0x80) != 0) packet.user_name = reader.text();
  if ((flags & 0x40) != 0) packet.password = reader.binary();
  return reader.ok() && reader.at_end() ? Reason::kSuccess : Reason::kMalformedPacket;
}

Reason decode(const Frame& frame, Connack& packet) {
  packet = {};
  Reader reader(frame.body);
  const std::uint8_t flags = reader.u8();
  packet.reason = static_cast<Reason>(reader.u8());
  if (!reader.ok() || flags > 1) return Reason::kMalformedPacket;
  packet.session_present = flags == 1;
  // A broker of MQTT 3.1.1 answers with these two bytes and a small number.
  const bool older = reader.at_end() && packet.reason != Reason::kSuccess;
  if (older) return Reason::kUnsupportedProtocolVersion;
  if (packet.session_present && is_failure(packet.reason)) return Reason::kProtocolError;
  ByteView block;
  const Reason reason = read_properties(
      reader, kConnackProperties, block,
      [&packet](const Property& property) { take_connack_property(property, packet); });
  if (is_failure(reason)) return reason;
  return reader.at_end() ? Reason::kSuccess : Reason::kMalformedPacket;
}

Reason decode(const Frame& frame, Publish& packet) {
  packet = {};
  const unsigned qos = (frame.flags >> 1) & 3;
  packet.qos = static_cast<Qos>(qos);
  packet.retain = (frame.flags & 1) != 0;
  packet.duplicate = (frame.flags & 8) != 0;
  if (qos == 3 || (qos == 0 && packet.duplicate)) return Reason::kMalformedPacket;
  Reader reader(frame.body);
  packet.topic = reader.text();
  if (qos > 0) packet.packet_id = reader.u16();
  if (!reader.ok() || (qos > 0 && packet.packet_id == 0)) return Reason::kMalformedPacket;
  ByteView block;
  bool aliased = false;
  const Reason reason =
      read_properties(reader, kPublishProperties, block, [&](const Property& property) {
        if (property.id == kMessageExpiry) packet.expiry_s = property.number;
        if (property.id == kContentType) packet.content_type = property.text;
        if (property.id == kResponseTopic) packet.response_topic = property.text;
        if (property.id == kCorrelationData) packet.correlation_data = property.binary;
        if (property.id == kTopicAlias) aliased = true;
      });
  if (is_failure(reason)) return reason;
  if (aliased) return Reason::kTopicAliasInvalid;
  if (!valid_topic(packet.topic)) return Reason::kTopicNameInvalid;
  packet.user_properties = UserProperties(block);
  packet.payload = reader.rest();
  return Reason::kSuccess;
}

Reason decode(const Frame& frame, Ack& packet) {
  packet = {};
  packet.type = frame.type;
  Reader reader(frame.body);
  packet.packet_id = reader.u16();
  if (!reader.ok() || packet.packet_id == 0) return Reason::kMalformedPacket;
  return read_reason(reader, kAckProperties, packet.reason, packet.reason_string);
}

Reason decode(const Frame& frame, SubscribeAck& packet) {
  packet = {};
  packet.type = frame.type;
  Reader reader(frame.body);
  packet.packet_id = reader.u16();
  if (!reader.ok() || packet.packet_id == 0) return Reason::kMalformedPacket;
  ByteView block;
  const Reason reason =
      read_properties(reader, kAckProperties, block, [&packet](const Property& property) {
        if (property.id == kReasonString) packet.reason_string = property.text;
      });
  if (is_failure(reason)) return reason;
  packet.reasons = reader.rest();
  return packet.reasons.empty() ? Reason::kProtocolError : Reason::kSuccess;
}

Reason decode(const Frame& frame, Disconnect& packet) {
  packet = {};
  Reader reader(frame.body);
  return read_reason(reader, kDisconnectProperties, packet.reason, packet.reason_string);
}

Reason decode(const Frame& frame, SubscribeRequest& packet) {
  packet = {};
  packet.type = frame.type;
  Reader reader(frame.body);
  packet.packet_id = reader.u16();
  if (!reader.ok() || packet.packet_id == 0) return Reason::kMalformedPacket;
  ByteView block;
  const std::uint64_t allowed =
      frame.type == PacketType::kSubscribe ? kSubscribeProperties : kUnsubscribeProperties;
  const Reason reason = read_properties(reader, allowed, block, [](const Property&) {});
  if (is_failure(reason)) return reason;
  packet.lines = reader.rest();
  if (packet.lines.empty()) return Reason::kProtocolError;
  Subscription subscription;
  while (!reader.at_end()) {
    if (!read_subscription(reader, frame.type, subscription)) return Reason::kMalformedPacket;
  }
  return Reason::kSuccess;
}

bool next_subscription(SubscribeRequest& request, Subscription& subscription) {
  if (request.lines.empty()) return false;
  Reader reader(request.lines);
  const bool read = read_subscription(reader, request.type, subscription);
  request.lines = reader.rest();
  return read;
}

}  // namespace espial::mqtt
