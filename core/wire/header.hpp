#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/byte_writer.hpp"
#include "core/base/bytes.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

/// The version of the protocol that CONNECT, CONNACK and Hello state.
inline constexpr std::uint8_t kVersion = 1;

/// The high nibble of a packet's first byte.
enum class PacketType : std::uint8_t {
  kConnect = 1,
  kConnack = 2,
  kPublish = 3,
  kPuback = 4,
  kSealed = 5,
  kFragment = 6,
  kFragack = 7,
  kSubscribe = 8,
  kSuback = 9,
  kPingreq = 12,
  kPingresp = 13,
  kDisconnect = 14,
  kAuth = 15,
};

/// A time in ms has 48 bits: no clock counts further, and no sum of two of them overflows.
inline constexpr std::int64_t kMaxTime_ms = (std::int64_t{1} << 48) - 1;

/// The longest header: type, 255, two bytes of length.
inline constexpr std::size_t kMaxHeaderSize = 4;
/// The greatest length that a header states.
inline constexpr std::size_t kMaxStatedLength = 0xffff;

/// One packet, borrowed from the bytes it was found in.
///
///     0      1                          0      1    2  3
///    +----+----+---------              +----+----+-----+---------
///    |T  F| L  |  L bytes      or      |T  F|255 | L   |  L bytes, L >= 255
///    +----+----+---------              +----+----+-----+---------
struct Packet {
  PacketType type = PacketType::kConnect;
  std::uint8_t flags = 0;  ///< the low nibble: flags or a code
  ByteView payload;        ///< what follows the header
  ByteView whole;          ///< header and payload
};

/// The type that the first byte names, without a look at the rest: enough to route by.
/// Nothing for an empty body, for S0's (high nibble 0) and for numbers that no packet has.
std::optional<PacketType> peek_type(ByteView body);

/// Reads the packet that fills `bytes` exactly: a plain body, or a long packet put together from
/// its fragments. Only the latter may be longer than 65 539 bytes; its stated length is then 0.
Parsed<Packet> parse_packet(ByteView bytes);

/// Reads the packet at the front of `bytes`; more may follow it.
Parsed<Packet> parse_first_packet(ByteView bytes);

/// 2, or 4 where the long form is needed.
constexpr std::size_t header_size(std::size_t payload_size) { return payload_size < 255 ? 2 : 4; }

/// Writes the header of a packet of `payload_size` bytes (shortest form).
/// A payload of more than kMaxStatedLength bytes, which only fragments carry, is stated as 0.
/// @returns its size, or 0 when `out` is too small.
std::size_t encode_header(PacketType type, std::uint8_t flags, std::size_t payload_size,
                          MutableByteView out);
/// The same at the end of what `writer` has.
void write_header(PacketType type, std::uint8_t flags, std::size_t payload_size,
                  ByteWriter& writer);

}  // namespace espial::wire
