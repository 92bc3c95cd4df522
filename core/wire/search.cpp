#include "core/wire/search.hpp"

#include "core/wire/detail.hpp"

namespace espial::wire {
namespace {

constexpr std::uint8_t kSuccess = 1;
constexpr std::uint8_t kFailure = 2;
constexpr std::uint8_t kMovedFlag = 1;

/// Reads the plain packet of `type` that fills `body`, which has one of the two low nibbles and a
/// payload of exactly the size that follows a two-byte header in a body of `body_size`.
Refusal read(ByteView body, PacketType type, std::uint8_t flags, std::uint8_t other_flags,
             std::size_t body_size, Packet& packet) {
  const auto parsed = detail::parse_plain(body, type);
  if (!parsed) return parsed.refusal();
  packet = *parsed;
  if (packet.flags != flags && packet.flags != other_flags) return Refusal::kBadValue;
  return detail::check_size(packet.payload.size(), body_size - 2, body_size - 2);
}

}  // namespace

Parsed<Connect> parse_connect(ByteView body) {
  Packet packet;
  const Refusal refusal = read(body, PacketType::kConnect, 0, 0, kConnectSize, packet);
  if (refusal != Refusal::kNone) return refusal;

  ByteReader reader(packet.payload);
  Connect connect;
  connect.server = {reader.u8()};
  const std::uint8_t version = reader.u8();
  const std::uint8_t capabilities = reader.u8();
  const std::uint8_t rssi = reader.u8();
  reader.copy(connect.nonce);
  connect.long_bodies = detail::bit(capabilities, 0);
  connect.always_listening = detail::bit(capabilities, 1);
  if (version != kVersion) return Refusal::kBadVersion;
  if (connect.server.value == 0 || rssi != 0) return Refusal::kBadValue;
  return connect;
}

Parsed<Connack> parse_connack(ByteView body) {
  Packet packet;
  const Refusal refusal =
      read(body, PacketType::kConnack, kSuccess, kFailure, kConnackSize, packet);
  if (refusal != Refusal::kNone) return refusal;

  ByteReader reader(packet.payload);
  Connack connack;
  connack.success = packet.flags == kSuccess;
  connack.server = {reader.u8()};
  const std::uint8_t version = reader.u8();
  connack.channel = {reader.u8()};
  const std::int8_t rssi_dbm = reader.i8();
  if (rssi_dbm != 0) connack.rssi_dbm = rssi_dbm;
  const std::uint8_t state = reader.u8();
  connack.uplink_ready = detail::bit(state, 0);
  connack.coordinator_alive = detail::bit(state, 1);
  connack.long_bodies = detail::bit(state, 2);
  connack.load = reader.u8();
  connack.address = reader.mac();
  reader.copy(connack.nonce);
  reader.copy(connack.tag);
  if (version != kVersion) return Refusal::kBadVersion;
  if (connack.server.value == 0 || !connack.channel.valid()) return Refusal::kBadValue;
  return connack;
}

Parsed<Moved> parse_moved(ByteView body) {
  Packet packet;
  const Refusal refusal =
      read(body, PacketType::kDisconnect, kMovedFlag, kMovedFlag, kMovedSize, packet);
  if (refusal != Refusal::kNone) return refusal;

  ByteReader reader(packet.payload);
  Moved moved;
  moved.server = {reader.u8()};
  moved.channel = {reader.u8()};
  moved.after_ms = reader.u16();
  moved.address = reader.mac();
  reader.copy(moved.tag);
  if (moved.server.value == 0 || !moved.channel.valid()) return Refusal::kBadValue;
  return moved;
}

std::size_t encode(const Connect& packet, MutableByteView out) {
  if (packet.server.value == 0) return 0;
  return detail::begin_packet(PacketType::kConnect, 0, kConnectSize - 2, out)
      .u8(packet.server.value)
      .u8(kVersion)
      .u8(detail::bits(packet.long_bodies, packet.always_listening))
      .u8(0)
      .bytes(packet.nonce)
      .size();
}

std::size_t encode(const Connack& packet, MutableByteView out) {
  if (packet.server.value == 0 || !packet.channel.valid()) return 0;
  const std::uint8_t code = packet.success ? kSuccess : kFailure;
  return detail::begin_packet(PacketType::kConnack, code, kConnackSize - 2, out)
      .u8(packet.server.value)
      .u8(kVersion)
      .u8(packet.channel.number)
      .i8(packet.rssi_dbm.value_or(0))
      .u8(detail::bits(packet.uplink_ready, packet.coordinator_alive, packet.long_bodies))
      .u8(packet.load)
      .mac(packet.address)
      .bytes(packet.nonce)
      .bytes(packet.tag)
      .size();
}

std::size_t encode(const Moved& packet, MutableByteView out) {
  if (packet.server.value == 0 || !packet.channel.valid()) return 0;
  return detail::begin_packet(PacketType::kDisconnect, kMovedFlag, kMovedSize - 2, out)
      .u8(packet.server.value)
      .u8(packet.channel.number)
      .u16(packet.after_ms)
      .mac(packet.address)
      .bytes(packet.tag)
      .size();
}

}  // namespace espial::wire
