#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"
#include "sim/air/air_tap.hpp"

namespace espial::sim {

/// The longest 802.11 frame that write_mpdu() makes: a body of kMaxBodyV2 in six elements.
inline constexpr std::size_t kMaxMpdu = 24 + 1 + 3 + 4 + 6 * 7 + 1470 + 4;

/// Writes the 802.11 frame of a transmission, FCS included:
///
///     vendor action frame
///      0  1  2    3  4    9 10   15 16   21 22  23 24  25    27 28    31
///     |d0|rr|duration|addr1 |addr2 |ff..  |sequence|7f|18 fe 34|random  | element ... |FCS[4]|
///     rr        00, 08 when it is sent again       addr1 destination, addr2 source
///     duration  microseconds until the end of the acknowledgement; 0 in a broadcast
///     sequence  number in the upper 12 bits
///
///     element
///      0  1       2     4 5  6   7 ...
///     |dd|5 + n  |18 fe 34|04|ver|n bytes of body|
///     ver  01 for a body of at most 250 bytes, which is then the only element; otherwise each
///          element has 250 bytes but the last: 12 while more follows, 02 in the last
///
///     acknowledgement
///      0  1  2    3  4    9
///     |d4|00|00 00   |addr1 |FCS[4]|
///
/// @returns its length; 0 where `out` is too small.
std::size_t write_mpdu(const Transmission& transmission, MutableByteView out);

/// The FCS of an 802.11 frame: CRC-32 as Ethernet has it.
std::uint32_t fcs_of(ByteView frame);

}  // namespace espial::sim
