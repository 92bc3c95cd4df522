#include "core/wire/packets.hpp"

namespace espial::wire {
namespace {

bool is_inner(PacketType type) { return type != PacketType::kSealed && type != PacketType::kAuth; }

}  // namespace

Parsed<Packets> parse_packets(ByteView plaintext) {
  if (plaintext.empty()) return Refusal::kTooShort;
  ByteView rest = plaintext;
  while (!rest.empty()) {
    const auto packet = parse_first_packet(rest);
    if (!packet) return packet.refusal();
    if (!is_inner(packet->type)) return Refusal::kNotOurs;
    rest = rest.subview(packet->whole.size());
  }
  return Packets(plaintext);
}

Parsed<Packet> parse_long_packet(ByteView bytes) {
  const auto packet = parse_packet(bytes);
  if (!packet) return packet.refusal();
  const bool is_part =
      packet->type == PacketType::kFragment || packet->type == PacketType::kFragack;
  if (is_part || !is_inner(packet->type)) return Refusal::kNotOurs;
  return packet;
}

}  // namespace espial::wire
