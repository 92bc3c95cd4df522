#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/wire/header.hpp"
#include "core/wire/refusal.hpp"

/// What the parsers and encoders of this room share; nothing for other rooms.
namespace espial::wire::detail {

/// The plain packet of `type` that fills `body` exactly.
inline Parsed<Packet> parse_plain(ByteView body, PacketType type) {
  if (body.empty()) return Refusal::kTooShort;
  if (peek_type(body) != type) return Refusal::kNotOurs;
  return parse_packet(body);
}

/// kNone when a payload's size lies within its picture's.
inline Refusal check_size(std::size_t size, std::size_t minimum, std::size_t maximum) {
  if (size < minimum) return Refusal::kTooShort;
  return size > maximum ? Refusal::kBadLength : Refusal::kNone;
}

/// kNone when `packet` begins with exactly this type and low nibble and its payload's size lies
/// within the picture's.
inline Refusal check(const Packet& packet, PacketType type, std::uint8_t flags, std::size_t minimum,
                     std::size_t maximum) {
  if (packet.type != type) return Refusal::kNotOurs;
  if (packet.flags != flags) return Refusal::kBadValue;
  return check_size(packet.payload.size(), minimum, maximum);
}

inline Refusal reader_refusal(const ByteReader& reader) {
  if (reader.ok()) return Refusal::kNone;
  return reader.not_canonical() ? Refusal::kNotCanonical : Refusal::kTooShort;
}

inline std::uint8_t bits(bool bit_0, bool bit_1, bool bit_2 = false, bool bit_3 = false) {
  return static_cast<std::uint8_t>((bit_0 ? 1u : 0u) | (bit_1 ? 2u : 0u) | (bit_2 ? 4u : 0u) |
                                   (bit_3 ? 8u : 0u));
}

inline bool bit(std::uint8_t byte, unsigned index) { return ((byte >> index) & 1u) != 0; }

/// Begins a packet of `payload_size` bytes in `out`.
inline ByteWriter begin_packet(PacketType type, std::uint8_t flags, std::size_t payload_size,
                               MutableByteView out) {
  // A packet is written whole or not at all.
  if (out.size() < header_size(payload_size) + payload_size) out = {};
  ByteWriter writer(out);
  write_header(type, flags, payload_size, writer);
  return writer;
}

/// The bitmap of an acknowledgement: the rest of a payload, at most four bytes.
inline std::uint32_t read_bitmap(ByteReader& reader) {
  std::uint32_t bitmap = 0;
  for (unsigned shift = 0; shift < 32 && !reader.empty(); shift += 8) {
    bitmap |= static_cast<std::uint32_t>(reader.u8()) << shift;
  }
  return bitmap;
}

inline std::size_t bitmap_size(std::uint32_t bitmap) {
  std::size_t size = 0;
  for (; bitmap != 0; bitmap >>= 8) ++size;
  return size;
}

inline void write_bitmap(ByteWriter& writer, std::uint32_t bitmap) {
  for (; bitmap != 0; bitmap >>= 8) writer.u8(static_cast<std::uint8_t>(bitmap));
}

}  // namespace espial::wire::detail
