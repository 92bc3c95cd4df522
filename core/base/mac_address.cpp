#include "core/base/mac_address.hpp"

namespace espial {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::array<char, kMacTextSize> to_text(const MacAddress& mac) {
  std::array<char, kMacTextSize> text{};
  for (std::size_t i = 0; i < 6; ++i) {
    text[3 * i] = kDigits[mac.octets[i] >> 4];
    text[3 * i + 1] = kDigits[mac.octets[i] & 0x0f];
    if (i < 5) text[3 * i + 2] = ':';
  }
  return text;
}

std::optional<MacAddress> parse_mac(std::string_view text) {
  if (text.size() != kMacTextSize) return std::nullopt;
  MacAddress mac;
  for (std::size_t i = 0; i < 6; ++i) {
    const auto high = hex_digit(text[3 * i]);
    const auto low = hex_digit(text[3 * i + 1]);
    if (!high || !low) return std::nullopt;
    if (i < 5 && text[3 * i + 2] != ':') return std::nullopt;
    mac.octets[i] = static_cast<std::uint8_t>((*high << 4) | *low);
  }
  return mac;
}

}  // namespace espial
