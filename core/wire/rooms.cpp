#include "core/wire/rooms.hpp"

#include "core/wire/detail.hpp"
#include "core/wire/reading.hpp"

namespace espial::wire {
namespace {

constexpr std::uint8_t kSuccess = 1;
constexpr std::uint8_t kFailure = 2;
constexpr std::size_t kSubscribeSize = 10;
constexpr std::size_t kSubackSize = 44;
constexpr std::size_t kFailedSubackSize = 5;

bool valid(const Subscribe& packet) { return valid_slot(packet.slot) && valid_kind(packet.kind); }

bool valid(const Suback& packet) {
  return valid_slot(packet.slot) && valid_slot(packet.peer_slot) && valid_kind(packet.kind);
}

}  // namespace

Parsed<Subscribe> parse_subscribe(const Packet& packet) {
  const auto refusal =
      detail::check(packet, PacketType::kSubscribe, 0, kSubscribeSize, kSubscribeSize);
  if (refusal != Refusal::kNone) return refusal;
  ByteReader reader(packet.payload);
  Subscribe subscribe;
  subscribe.request = reader.u8();
  subscribe.slot = reader.u8();
  subscribe.kind = reader.u8();
  const std::uint8_t rssi = reader.u8();
  subscribe.provider = reader.mac();
  if (!valid(subscribe) || rssi != 0) return Refusal::kBadValue;
  return subscribe;
}

Parsed<Suback> parse_suback(const Packet& packet) {
  if (packet.type != PacketType::kSuback) return Refusal::kNotOurs;
  if (packet.flags != kSuccess && packet.flags != kFailure) return Refusal::kBadValue;
  const bool success = packet.flags == kSuccess;
  const std::size_t size = success ? kSubackSize : kFailedSubackSize;
  const auto refusal = detail::check_size(packet.payload.size(), size, size);
  if (refusal != Refusal::kNone) return refusal;

  ByteReader reader(packet.payload);
  Suback suback;
  suback.success = success;
  suback.request = reader.u8();
  const std::uint8_t role = reader.u8();
  suback.role = role == 0 ? Role::kSubscriber : Role::kProvider;
  suback.slot = reader.u8();
  suback.peer_slot = reader.u8();
  suback.kind = reader.u8();
  if (success) {
    suback.peer_session = reader.u8();
    suback.peer = reader.mac();
    reader.copy(suback.pair_key);
  }
  if (!valid(suback) || role > 1) return Refusal::kBadValue;
  return suback;
}

std::size_t encode(const Subscribe& packet, MutableByteView out) {
  if (!valid(packet)) return 0;
  return detail::begin_packet(PacketType::kSubscribe, 0, kSubscribeSize, out)
      .u8(packet.request)
      .u8(packet.slot)
      .u8(packet.kind)
      .u8(0)
      .mac(packet.provider)
      .size();
}

std::size_t encode(const Suback& packet, MutableByteView out) {
  if (!valid(packet)) return 0;
  auto writer = detail::begin_packet(PacketType::kSuback, packet.success ? kSuccess : kFailure,
                                     packet.success ? kSubackSize : kFailedSubackSize, out);
  writer.u8(packet.request)
      .u8(static_cast<std::uint8_t>(packet.role))
      .u8(packet.slot)
      .u8(packet.peer_slot)
      .u8(packet.kind);
  if (packet.success) writer.u8(packet.peer_session).mac(packet.peer).bytes(packet.pair_key);
  return writer.size();
}

}  // namespace espial::wire
