#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/wire/header.hpp"
#include "core/wire/refusal.hpp"

/// What the fuzz targets of this room share.
namespace espial::wire {

inline void require(bool holds) {
  if (!holds) __builtin_trap();
}

/// What a parser accepts, its encoder can write; and what it wrote is read and written again as
/// the same bytes.
/// @param parse  from the bytes of a whole packet to a Parsed<T>.
template <class T, class Parse>
void require_stable(const T& value, Parse parse) {
  static std::array<std::uint8_t, kMaxHeaderSize + kMaxStatedLength> first{};
  static std::array<std::uint8_t, kMaxHeaderSize + kMaxStatedLength> second{};
  const std::size_t size = encode(value, first);
  require(size != 0);
  const auto again = parse(ByteView(first.data(), size));
  require(static_cast<bool>(again));
  require(encode(*again, second) == size);
  require(equal({first.data(), size}, {second.data(), size}));
}

/// Tries one parser of inner packets on `bytes`, framed as they are.
template <class T>
void try_inner(ByteView bytes, Parsed<T> (*parse)(const Packet&)) {
  const auto parse_bytes = [parse](ByteView whole) -> Parsed<T> {
    const auto packet = parse_packet(whole);
    if (!packet) return packet.refusal();
    return parse(*packet);
  };
  const auto parsed = parse_bytes(bytes);
  if (parsed) require_stable(*parsed, parse_bytes);
}

}  // namespace espial::wire
