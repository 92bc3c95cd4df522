#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/wire/header.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

/// The longest packet that parts can carry: offset and total have 24 bits.
inline constexpr std::uint32_t kMaxFragmentedSize = 0xffffff;

/// FRAGMENT, inner: part of a long packet.
///
///     0    1    2  3    4    6 7   9 10
///    |60  |len |message |offset|total|bytes|
struct Fragment {
  std::uint16_t message = 0;  ///< names the long packet among its sender's
  std::uint32_t offset = 0;   ///< of `bytes` in the whole packet, header included
  std::uint32_t total = 0;    ///< size of the whole packet, header included
  ByteView bytes;             ///< at least one; borrowed
};

/// What a receiver says of a long packet; the numbers of the air.
enum class FragackCode : std::uint8_t {
  kReceiving = 0,
  kComplete = 1,
  kTooLong = 2,  ///< refused
  kBusy = 3,     ///< refused
};

/// FRAGACK, inner: parts received.
///
///     0    1    2  3    4 5  6  7  8 ...
///    |7c  |len |message |unit |floor|bitmap, 0..4 bytes|
struct Fragack {
  FragackCode code = FragackCode::kReceiving;
  std::uint16_t message = 0;
  std::uint16_t unit = 0;    ///< size of the parts in bytes; not 0
  std::uint16_t floor = 0;   ///< every part before it is here; itself it is not
  std::uint32_t bitmap = 0;  ///< bit i: part floor + 1 + i is here
};

Parsed<Fragment> parse_fragment(const Packet& packet);
Parsed<Fragack> parse_fragack(const Packet& packet);

/// Each writes a whole inner packet. @returns its size, or 0 when it does not fit or a field is out
/// of its range.
std::size_t encode(const Fragment& packet, MutableByteView out);
/// Writes a FRAGMENT but for its `size` bytes, which the caller puts behind; packet.bytes is not
/// looked at. @returns where they begin, or 0 as encode().
std::size_t encode_head(const Fragment& packet, std::size_t size, MutableByteView out);
std::size_t encode(const Fragack& packet, MutableByteView out);

}  // namespace espial::wire
