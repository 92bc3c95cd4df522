#include "core/wire/header.hpp"

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace espial::wire {
namespace {

constexpr std::uint8_t kLongForm = 255;

bool is_type(unsigned number) {
  return (number >= 1 && number <= 9) || (number >= 12 && number <= 15);
}

/// @param whole_size  how many bytes the packet has when its stated length is 0 in the long form;
///                    0 where that is not allowed.
Parsed<Packet> parse(ByteView bytes, std::size_t whole_size) {
  if (bytes.empty()) return Refusal::kTooShort;
  if (!is_type(bytes[0] >> 4)) return Refusal::kNotOurs;

  ByteReader reader(bytes);
  const std::uint8_t first = reader.u8();
  std::size_t length = reader.u8();
  const bool long_form = length == kLongForm;
  if (long_form) length = reader.u16();
  if (!reader.ok()) return Refusal::kTooShort;
  if (long_form && length == 0 && whole_size != 0) {
    length = whole_size - kMaxHeaderSize;
  } else if (long_form && length < kLongForm) {
    return Refusal::kNotCanonical;
  }
  if (reader.left() < length) return Refusal::kTooShort;

  Packet packet;
  packet.type = static_cast<PacketType>(first >> 4);
  packet.flags = first & 0x0f;
  packet.whole = bytes.subview(0, (long_form ? 4 : 2) + length);
  packet.payload = packet.whole.subview(long_form ? 4 : 2);
  return packet;
}

}  // namespace

std::optional<PacketType> peek_type(ByteView body) {
  if (body.empty() || !is_type(body[0] >> 4)) return std::nullopt;
  return static_cast<PacketType>(body[0] >> 4);
}

Parsed<Packet> parse_packet(ByteView bytes) {
  const bool past_stated_length = bytes.size() > kMaxHeaderSize + kMaxStatedLength;
  const auto packet = parse(bytes, past_stated_length ? bytes.size() : 0);
  if (packet && packet->whole.size() != bytes.size()) return Refusal::kBadLength;
  return packet;
}

Parsed<Packet> parse_first_packet(ByteView bytes) { return parse(bytes, 0); }

std::size_t encode_header(PacketType type, std::uint8_t flags, std::size_t payload_size,
                          MutableByteView out) {
  ByteWriter writer(out);
  write_header(type, flags, payload_size, writer);
  return writer.size();
}

void write_header(PacketType type, std::uint8_t flags, std::size_t payload_size,
                  ByteWriter& writer) {
  writer.u8(static_cast<std::uint8_t>((static_cast<unsigned>(type) << 4) | (flags & 0x0fu)));
  if (header_size(payload_size) == 2) {
    writer.u8(static_cast<std::uint8_t>(payload_size));
    return;
  }
  const std::size_t stated = payload_size > kMaxStatedLength ? 0 : payload_size;
  writer.u8(kLongForm).u16(static_cast<std::uint16_t>(stated));
}

}  // namespace espial::wire
