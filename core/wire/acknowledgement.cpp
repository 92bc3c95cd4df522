#include "core/wire/acknowledgement.hpp"

#include "core/wire/detail.hpp"

namespace espial::wire {

bool Stored::covers(std::uint16_t sequence) const {
  const auto ahead = static_cast<std::uint16_t>(sequence - floor);
  if (ahead >= 0x8000) return true;  // behind the floor, in the half circle that is the past
  if (ahead == 0 || ahead > kBitmapBits) return false;
  return ((bitmap >> (ahead - 1)) & 1u) != 0;
}

Parsed<Stored> parse_stored(const Packet& packet) {
  if (packet.type != PacketType::kPuback) return Refusal::kNotOurs;
  if (packet.flags > 1) return Refusal::kBadValue;
  const auto refusal = detail::check_size(packet.payload.size(), 2, 6);
  if (refusal != Refusal::kNone) return refusal;
  ByteReader reader(packet.payload);
  Stored stored;
  stored.stream = packet.flags == 1 ? Stream::kEvents : Stream::kReadings;
  stored.floor = reader.u16();
  stored.bitmap = detail::read_bitmap(reader);
  return stored;
}

std::size_t encode(const Stored& stored, MutableByteView out) {
  const std::uint8_t flags = stored.stream == Stream::kEvents ? 1 : 0;
  auto writer =
      detail::begin_packet(PacketType::kPuback, flags, 2 + detail::bitmap_size(stored.bitmap), out);
  writer.u16(stored.floor);
  detail::write_bitmap(writer, stored.bitmap);
  return writer.size();
}

}  // namespace espial::wire
