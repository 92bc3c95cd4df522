#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/wire/header.hpp"
#include "core/wire/refusal.hpp"
#include "core/wire/report.hpp"

namespace espial::wire {

/// How many numbers past the floor a bitmap tells of.
inline constexpr unsigned kBitmapBits = 32;

/// PUBACK, inner, down: stored.
///
///     0    1    2  3   4 ...
///    |4s  |len |floor  |bitmap, 0..4 bytes|
///    s  bit 0: the stream, as in PUBLISH
struct Stored {
  Stream stream = Stream::kReadings;
  std::uint16_t floor = 0;   ///< every sequence before it is stored or given up; itself it is not
  std::uint32_t bitmap = 0;  ///< bit i: floor + 1 + i is stored

  /// True when it says of `sequence` (low 16 bits, modulo) that it need not be held any longer.
  bool covers(std::uint16_t sequence) const;
};

Parsed<Stored> parse_stored(const Packet& packet);

/// Writes a whole inner packet with the shortest bitmap. @returns its size, or 0 when it does not
/// fit.
std::size_t encode(const Stored& stored, MutableByteView out);

}  // namespace espial::wire
