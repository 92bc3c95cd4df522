#include "hub/mqtt/encode.hpp"

#include "hub/mqtt/byte_io.hpp"

namespace espial::mqtt {
namespace {

constexpr std::uint8_t kProtocolVersion = 5;

/// Writes a packet's first byte at once and its length at the end of its life.
class PacketScope {
 public:
  PacketScope(PacketType type, std::uint8_t flags, std::vector<std::uint8_t>& output)
      : writer_(output) {
    writer_.u8(static_cast<std::uint8_t>(static_cast<std::uint8_t>(type) << 4 | flags));
    mark_ = writer_.begin_length();
  }
  ~PacketScope() { writer_.end_length(mark_); }
  PacketScope(const PacketScope&) = delete;
  PacketScope& operator=(const PacketScope&) = delete;
  Writer& writer() { return writer_; }

 private:
  Writer writer_;
  std::size_t mark_ = 0;
};

void property_id(Writer& writer, PropertyId id) { writer.u8(static_cast<std::uint8_t>(id)); }

void property_u8(Writer& writer, PropertyId id, std::uint8_t value) {
  property_id(writer, id);
  writer.u8(value);
}

void property_u16(Writer& writer, PropertyId id, std::uint16_t value) {
  property_id(writer, id);
  writer.u16(value);
}

void property_u32(Writer& writer, PropertyId id, std::uint32_t value) {
  property_id(writer, id);
  writer.u32(value);
}

void property_text(Writer& writer, PropertyId id, std::string_view value) {
  if (value.empty()) return;
  property_id(writer, id);
  writer.text(value);
}

void write_will(Writer& writer, const Will& will) {
  const std::size_t mark = writer.begin_length();
  if (will.delay_s > 0) property_u32(writer, PropertyId::kWillDelay, will.delay_s);
  if (will.expiry_s) property_u32(writer, PropertyId::kMessageExpiry, *will.expiry_s);
  writer.end_length(mark);
  writer.text(will.topic);
  writer.binary(will.payload);
}

std::uint8_t connect_flags(const Connect& packet) {
  unsigned flags = 0;
  if (packet.clean_start) flags |= 0x02;
  if (packet.will) {
    flags |= 0x04 | static_cast<unsigned>(packet.will->qos) << 3;
    if (packet.will->retain) flags |= 0x20;
  }
  if (packet.password) flags |= 0x40;
  if (packet.user_name) flags |= 0x80;
  return static_cast<std::uint8_t>(flags);
}

}  // namespace

void encode(const Connect& packet, std::vector<std::uint8_t>& output) {
  PacketScope scope(PacketType::kConnect, 0, output);
  Writer& writer = scope.writer();
  writer.text("MQTT");
  writer.u8(kProtocolVersion);
  writer.u8(connect_flags(packet));
  writer.u16(packet.keep_alive_s);
  const std::size_t mark = writer.begin_length();
  if (packet.session_expiry_s > 0) {
    property_u32(writer, PropertyId::kSessionExpiry, packet.session_expiry_s);
  }
  if (packet.receive_maximum != 65535) {
    property_u16(writer, PropertyId::kReceiveMaximum, packet.receive_maximum);
  }
  if (packet.max_packet_bytes > 0) {
    property_u32(writer, PropertyId::kMaximumPacketSize, packet.max_packet_bytes);
  }
  writer.end_length(mark);
  writer.text(packet.client_id);
  if (packet.will) write_will(writer, *packet.will);
  if (packet.user_name) writer.text(*packet.user_name);
  if (packet.password) writer.binary(*packet.password);
}

void encode(const Connack& packet, std::vector<std::uint8_t>& output) {
  PacketScope scope(PacketType::kConnack, 0, output);
  Writer& writer = scope.writer();
  writer.u8(packet.session_present ? 1 : 0);
  writer.u8(static_cast<std::uint8_t>(packet.reason));
  const std::size_t mark = writer.begin_length();
  using enum PropertyId;
  if (packet.session_expiry_s) property_u32(writer, kSessionExpiry, *packet.session_expiry_s);
  if (packet.receive_maximum != 65535) {
    property_u16(writer, kReceiveMaximum, packet.receive_maximum);
  }
  if (packet.maximum_qos != Qos::kExactlyOnce) {
    property_u8(writer, kMaximumQos, static_cast<std::uint8_t>(packet.maximum_qos));
  }
  if (!packet.retain_available) property_u8(writer, kRetainAvailable, 0);
  if (packet.max_packet_bytes > 0) {
    property_u32(writer, kMaximumPacketSize, packet.max_packet_bytes);
  }
  property_text(writer, kAssignedClientId, packet.assigned_client_id);
  property_text(writer, kReasonString, packet.reason_string);
  if (!packet.wildcard_available) property_u8(writer, kWildcardAvailable, 0);
  if (!packet.shared_available) property_u8(writer, kSharedAvailable, 0);
  if (packet.server_keep_alive_s) {
    property_u16(writer, kServerKeepAlive, *packet.server_keep_alive_s);
  }
  writer.end_length(mark);
}

void encode(const Message& message, std::uint16_t packet_id, std::vector<std::uint8_t>& output) {
  const auto qos = static_cast<unsigned>(message.qos);
  PacketScope scope(PacketType::kPublish,
                    static_cast<std::uint8_t>(qos << 1 | (message.retain ? 1U : 0U)), output);
  Writer& writer = scope.writer();
  writer.text(message.topic);
  if (message.qos != Qos::kAtMostOnce) writer.u16(packet_id);
  const std::size_t mark = writer.begin_length();
  if (message.expiry_s) property_u32(writer, PropertyId::kMessageExpiry, *message.expiry_s);
  for (const UserProperty& property : message.user_properties) {
    property_id(writer, PropertyId::kUserProperty);
    writer.text(property.name);
    writer.text(property.value);
  }
  writer.end_length(mark);
  writer.bytes(message.payload);
}

void encode(const Ack& packet, std::vector<std::uint8_t>& output) {
  const std::uint8_t flags = packet.type == PacketType::kPubrel ? 2 : 0;
  PacketScope scope(packet.type, flags, output);
  Writer& writer = scope.writer();
  writer.u16(packet.packet_id);
  if (packet.reason == Reason::kSuccess && packet.reason_string.empty()) return;
  writer.u8(static_cast<std::uint8_t>(packet.reason));
  if (packet.reason_string.empty()) return;
  const std::size_t mark = writer.begin_length();
  property_text(writer, PropertyId::kReasonString, packet.reason_string);
  writer.end_length(mark);
}

void encode(const SubscribeAck& packet, std::vector<std::uint8_t>& output) {
  PacketScope scope(packet.type, 0, output);
  Writer& writer = scope.writer();
  writer.u16(packet.packet_id);
  const std::size_t mark = writer.begin_length();
  property_text(writer, PropertyId::kReasonString, packet.reason_string);
  writer.end_length(mark);
  writer.bytes(packet.reasons);
}

void encode(const Disconnect& packet, std::vector<std::uint8_t>& output) {
  PacketScope scope(PacketType::kDisconnect, 0, output);
  Writer& writer = scope.writer();
  if (packet.reason == Reason::kSuccess && packet.reason_string.empty()) return;
  writer.u8(static_cast<std::uint8_t>(packet.reason));
  if (packet.reason_string.empty()) return;
  const std::size_t mark = writer.begin_length();
  property_text(writer, PropertyId::kReasonString, packet.reason_string);
  writer.end_length(mark);
}

void encode_subscribe(std::uint16_t packet_id, std::span<const Subscription> subscriptions,
                      std::vector<std::uint8_t>& output) {
  PacketScope scope(PacketType::kSubscribe, 2, output);
  Writer& writer = scope.writer();
  writer.u16(packet_id);
  writer.u8(0);  // no properties
  for (const Subscription& subscription : subscriptions) {
    writer.text(subscription.filter);
    unsigned options = static_cast<unsigned>(subscription.qos);
    if (subscription.no_local) options |= 0x04;
    if (subscription.retain_as_published) options |= 0x08;
    options |= static_cast<unsigned>(subscription.retain_handling & 3) << 4;
    writer.u8(static_cast<std::uint8_t>(options));
  }
}

void encode_unsubscribe(std::uint16_t packet_id, std::span<const std::string_view> filters,
                        std::vector<std::uint8_t>& output) {
  PacketScope scope(PacketType::kUnsubscribe, 2, output);
  Writer& writer = scope.writer();
  writer.u16(packet_id);
  writer.u8(0);  // no properties
  for (const std::string_view filter : filters) writer.text(filter);
}

void encode_ping(PacketType type, std::vector<std::uint8_t>& output) {
  PacketScope scope(type, 0, output);
}

std::uint64_t encoded_bytes_at_most(const Message& message) {
  constexpr std::uint64_t kFixed = 5 + 2 + 2 + 4 + 5;  // header, topic and id, length, expiry
  std::uint64_t bytes = kFixed + message.topic.size() + message.payload.size();
  for (const UserProperty& property : message.user_properties) {
    bytes += 5 + property.name.size() + property.value.size();
  }
  return bytes;
}

}  // namespace espial::mqtt
