#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"

// For tests: packets as lines that a person can compare.
namespace espial::mqtt {

/// Bytes from hexadecimal digits; blanks between them are skipped.
std::vector<std::uint8_t> from_hex(std::string_view hex);
/// Bytes as lower-case hexadecimal digits in pairs, blanks between.
std::string to_hex(ByteView bytes);

/// One line for each packet, such as `PUBLISH dup q1 #7 a/b hi`, `PUBREC #7 0x83`, `PINGREQ`;
/// `BROKEN` for what is no packet.
std::vector<std::string> packet_lines(ByteView bytes);

}  // namespace espial::mqtt
