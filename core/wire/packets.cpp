#include "core/wire/packets.hpp"

namespace espial::wire {

Parsed<Packets> parse_packets(ByteView plaintext) {
  if (plaintext.empty()) return Refusal::kTooShort;
  ByteView rest = plaintext;
  while (!rest.empty()) {
    const auto packet = parse_first_packet(rest);
    if (!packet) return packet.refusal();
    if (packet->type == PacketType::kSealed || packet->type == PacketType::kAuth) {
      return Refusal::kNotOurs;
    }
    rest = rest.subview(packet->whole.size());
  }
  return Packets(plaintext);
}

}  // namespace espial::wire
