#include "core/wire/sealed.hpp"

#include <algorithm>

#include "core/wire/detail.hpp"

namespace espial::wire {
namespace {

constexpr std::uint8_t kMoreBit = 1u << 1;
constexpr std::size_t kFixedPayload = 4;  // server, session, counter
constexpr std::size_t kMinPlaintext = 2;  // an inner packet without payload

}  // namespace

Parsed<SealedFrame> parse_sealed(ByteView body) {
  const auto packet = detail::parse_plain(body, PacketType::kSealed);
  if (!packet) return packet.refusal();
  if (packet->payload.size() < kFixedPayload + kMinPlaintext + kSealTagSize) {
    return Refusal::kTooShort;
  }

  ByteReader reader(packet->payload);
  SealedFrame frame;
  frame.header.down = detail::bit(packet->flags, 0);
  frame.header.more = detail::bit(packet->flags, 1);
  frame.header.listening = detail::bit(packet->flags, 2);
  frame.header.peer = detail::bit(packet->flags, 3);
  frame.header.server = {reader.u8()};
  frame.header.session = reader.u8();
  frame.header.counter = reader.u16();
  frame.associated_data = associated_data(body);
  frame.sealed = reader.rest();
  if (frame.header.server.value == 0) return Refusal::kBadValue;
  return frame;
}

std::size_t encode_sealed_header(const SealedHeader& header, std::size_t plaintext_size,
                                 MutableByteView out) {
  const std::size_t payload_size = kFixedPayload + plaintext_size + kSealTagSize;
  if (header.server.value == 0 || payload_size > kMaxStatedLength) return 0;
  const std::uint8_t flags = detail::bits(header.down, header.more, header.listening, header.peer);
  return detail::begin_packet(PacketType::kSealed, flags, payload_size, out)
      .u8(header.server.value)
      .u8(header.session)
      .u16(header.counter)
      .size();
}

AssociatedData associated_data(ByteView body) {
  AssociatedData data;
  const bool long_form = body.size() > 1 && body[1] == 255;
  const ByteView header = body.subview(0, long_form ? kMaxSealedHeaderSize : kMinSealedHeaderSize);
  std::copy(header.begin(), header.end(), data.bytes.begin());
  data.size = header.size();
  data.bytes[0] = static_cast<std::uint8_t>(data.bytes[0] & ~kMoreBit);
  return data;
}

bool set_more(MutableByteView body, bool more) {
  if (!parse_sealed(body)) return false;
  const std::uint8_t cleared = static_cast<std::uint8_t>(body[0] & ~kMoreBit);
  body[0] = more ? static_cast<std::uint8_t>(cleared | kMoreBit) : cleared;
  return true;
}

}  // namespace espial::wire
