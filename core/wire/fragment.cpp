#include "core/wire/fragment.hpp"

#include <algorithm>

#include "core/wire/detail.hpp"

namespace espial::wire {
namespace {

constexpr std::size_t kFixedSize = 8;  // message, offset, total

bool valid(const Fragment& packet, std::size_t size) {
  return packet.total <= kMaxFragmentedSize && packet.offset <= packet.total &&
         size <= packet.total - packet.offset;
}

}  // namespace

Parsed<Fragment> parse_fragment(const Packet& packet) {
  const auto refusal =
      detail::check(packet, PacketType::kFragment, 0, kFixedSize + 1, kMaxStatedLength);
  if (refusal != Refusal::kNone) return refusal;
  ByteReader reader(packet.payload);
  Fragment fragment;
  fragment.message = reader.u16();
  fragment.offset = reader.u24();
  fragment.total = reader.u24();
  fragment.bytes = reader.rest();
  if (!valid(fragment, fragment.bytes.size())) return Refusal::kBadValue;
  return fragment;
}

Parsed<Fragack> parse_fragack(const Packet& packet) {
  if (packet.type != PacketType::kFragack) return Refusal::kNotOurs;
  if (packet.flags > static_cast<std::uint8_t>(FragackCode::kBusy)) return Refusal::kBadValue;
  const auto refusal = detail::check_size(packet.payload.size(), 6, 10);
  if (refusal != Refusal::kNone) return refusal;
  ByteReader reader(packet.payload);
  Fragack fragack;
  fragack.code = static_cast<FragackCode>(packet.flags);
  fragack.message = reader.u16();
  fragack.unit = reader.u16();
  fragack.floor = reader.u16();
  fragack.bitmap = detail::read_bitmap(reader);
  if (fragack.unit == 0) return Refusal::kBadValue;
  return fragack;
}

std::size_t encode_head(const Fragment& packet, std::size_t size, MutableByteView out) {
  if (size == 0 || !valid(packet, size) || kFixedSize + size > kMaxStatedLength) return 0;
  return detail::begin_packet(PacketType::kFragment, 0, kFixedSize + size, out)
      .u16(packet.message)
      .u24(packet.offset)
      .u24(packet.total)
      .size();
}

std::size_t encode(const Fragment& packet, MutableByteView out) {
  const std::size_t head = encode_head(packet, packet.bytes.size(), out);
  if (head == 0) return 0;
  std::copy(packet.bytes.begin(), packet.bytes.end(), out.data() + head);
  return head + packet.bytes.size();
}

std::size_t encode(const Fragack& packet, MutableByteView out) {
  if (packet.unit == 0) return 0;
  auto writer = detail::begin_packet(PacketType::kFragack, static_cast<std::uint8_t>(packet.code),
                                     6 + detail::bitmap_size(packet.bitmap), out);
  writer.u16(packet.message).u16(packet.unit).u16(packet.floor);
  detail::write_bitmap(writer, packet.bitmap);
  return writer.size();
}

}  // namespace espial::wire
