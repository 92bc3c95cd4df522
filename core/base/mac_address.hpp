#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace espial {

/// A 48-bit hardware address: what a module *is*. Locally administered addresses are normal.
struct alignas(2) MacAddress {
  std::array<std::uint8_t, 6> octets{};

  friend bool operator==(const MacAddress& a, const MacAddress& b) { return a.octets == b.octets; }
  friend bool operator!=(const MacAddress& a, const MacAddress& b) { return a.octets != b.octets; }
  friend bool operator<(const MacAddress& a, const MacAddress& b) { return a.octets < b.octets; }
};

inline constexpr MacAddress kBroadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// Length of the text form "aa:bb:cc:dd:ee:ff".
inline constexpr std::size_t kMacTextSize = 17;

/// Lower case, colons, as in the topic /device/<mac>. Not zero-terminated.
std::array<char, kMacTextSize> to_text(const MacAddress& mac);

/// Reads "aa:bb:cc:dd:ee:ff", either case; nothing for any other text.
std::optional<MacAddress> parse_mac(std::string_view text);

}  // namespace espial
