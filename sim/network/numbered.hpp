#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"

namespace espial::sim {

/// The slot and kind of a board's numbered reports, and of the numbers it is commanded.
inline constexpr std::uint8_t kNumberedSlot = 1;
inline constexpr std::uint8_t kNumberedKind = 200;
/// Readings that only make a report long.
inline constexpr std::uint8_t kPaddingKind = 201;
inline constexpr std::uint8_t kCommandSlot = 2;
inline constexpr std::uint8_t kCommandKind = 10;  ///< a counter: one u32

/// What a board reports: which of its reports this is, so that whoever sees it stored can tell
/// whether it came once, whole, in its place and with the right time.
///
///     reading of kNumberedKind, 15 bytes of value
///      0 1   2     5 6      11 12      13 14
///     |life |index  |taken_ms |padding|check|
///     padding  so many readings of kPaddingKind follow, of kPaddingSize bytes each, which no other
///              report has
struct Numbered {
  /// Counts the rings a board has had: a ring that is lost takes its numbers along.
  std::uint16_t life = 0;
  bool event = false;
  /// The report's place in its stream: its sequence.
  std::uint32_t index = 0;
  /// The world's Unix time at which it was taken.
  UnixTime taken_at;
  std::uint8_t padding = 0;

  friend bool operator==(const Numbered& a, const Numbered& b) {
    return a.life == b.life && a.event == b.event && a.index == b.index &&
           a.taken_at.ms == b.taken_at.ms && a.padding == b.padding;
  }
};

inline constexpr std::size_t kNumberedSize = 18;  ///< without padding
/// The index of reports at QoS 0, which have no place in a stream.
inline constexpr std::uint32_t kOnceIndex = UINT32_MAX;
inline constexpr std::size_t kPaddingSize = 200;

/// The whole report, as Node::report() takes it.
std::vector<std::uint8_t> encode(const MacAddress& mac, const Numbered& numbered);
/// Nothing for what encode() did not write for this board and stream.
std::optional<Numbered> parse_numbered(const MacAddress& mac, bool event, ByteView readings);

}  // namespace espial::sim
