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

bool valid(const Subscribe& packet) {
  const bool subscriber = packet.role == Role::kSubscriber;
  return valid_slot(packet.slot) && valid_kind(packet.kind) && valid_slot(packet.peer_slot) &&
         (subscriber ? packet.peer_slot == 0 : packet.peer != MacAddress{});
}

bool valid(const Suback& packet) {
  return valid_slot(packet.slot) && valid_slot(packet.peer_slot) && valid_kind(packet.kind);
}

}  // namespace

Parsed<Subscribe> parse_subscribe(const Packet& packet) {
  if (packet.type != PacketType::kSubscribe) return Refusal::kNotOurs;
  if (packet.flags > static_cast<std::uint8_t>(Role::kProvider)) return Refusal::kBadValue;
  const auto refusal = detail::check_size(packet.payload.size(), kSubscribeSize, kSubscribeSize);
  if (refusal != Refusal::kNone) return refusal;
  ByteReader reader(packet.payload);
  Subscribe subscribe;
  subscribe.role = static_cast<Role>(packet.flags);
  subscribe.request = reader.u8();
  subscribe.slot = reader.u8();
  subscribe.kind = reader.u8();
  subscribe.peer_slot = reader.u8();
  subscribe.peer = reader.mac();
  if (!valid(subscribe)) return Refusal::kBadValue;
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
  return detail::begin_packet(PacketType::kSubscribe, static_cast<std::uint8_t>(packet.role),
                              kSubscribeSize, out)
      .u8(packet.request)
      .u8(packet.slot)
      .u8(packet.kind)
      .u8(packet.peer_slot)
      .mac(packet.peer)
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
