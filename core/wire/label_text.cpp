#include "core/wire/label_text.hpp"

namespace espial::wire {
namespace {

constexpr std::string_view kWord = "ESPIAL:";
constexpr std::string_view kHex = "0123456789ABCDEF";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kMacDigits = 12;
constexpr std::size_t kKeyDigits = 52;
constexpr unsigned kBitsPerDigit = 5;

/// The digit's value in `alphabet`; at least its size when there is none.
std::size_t value_of(char c, std::string_view alphabet) {
  const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return alphabet.find(upper);
}

/// Takes `word` off the front, whatever its case.
bool take(std::string_view& text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (value_of(text[i], word.substr(i, 1)) != 0) return false;
  }
  text.remove_prefix(word.size());
  return true;
}

bool take_server(std::string_view& text, ServerId& server) {
  unsigned value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < 3 && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
  }
  if (digits == 0 || text[0] == '0' || value > 255) return false;
  server = {static_cast<std::uint8_t>(value)};
  text.remove_prefix(digits);
  return true;
}

bool take_mac(std::string_view& text, MacAddress& mac) {
  if (text.size() < kMacDigits) return false;
  for (std::size_t i = 0; i < kMacDigits; ++i) {
    const std::size_t value = value_of(text[i], kHex);
    if (value >= kHex.size()) return false;
    std::uint8_t& octet = mac.octets[i / 2];
    octet = static_cast<std::uint8_t>(octet << 4U | value);
  }
  text.remove_prefix(kMacDigits);
  return true;
}

bool take_key(std::string_view& text, Key& key) {
  if (text.size() != kKeyDigits) return false;
  unsigned bits = 0;
  unsigned count = 0;
  std::size_t filled = 0;
  for (const char c : text) {
    const std::size_t value = value_of(c, kBase32);
    if (value >= kBase32.size()) return false;
    bits = bits << kBitsPerDigit | static_cast<unsigned>(value);
    count += kBitsPerDigit;
    if (count < 8) continue;
    count -= 8;
    key[filled++] = static_cast<std::uint8_t>(bits >> count);
    bits &= (1U << count) - 1;
  }
  return filled == key.size() && bits == 0;
}

}  // namespace

LabelText::LabelText(const Label& label) {
  add(kWord);
  const unsigned server = label.server.value;
  if (server >= 100) add(kHex[server / 100]);
  if (server >= 10) add(kHex[server / 10 % 10]);
  add(kHex[server % 10]);
  add(':');
  for (const std::uint8_t octet : label.mac.octets) {
    add(kHex[octet >> 4U]);
    add(kHex[octet & 0x0fU]);
  }
  add(':');
  unsigned bits = 0;
  unsigned count = 0;
  for (const std::uint8_t byte : label.key) {
    bits = bits << 8U | byte;
    count += 8;
    while (count >= kBitsPerDigit) {
      count -= kBitsPerDigit;
      add(kBase32[bits >> count & 31U]);
    }
    bits &= (1U << count) - 1;
  }
  add(kBase32[bits << (kBitsPerDigit - count) & 31U]);
}

void LabelText::add(std::string_view text) {
  for (const char c : text) add(c);
}

std::optional<Label> parse_label(std::string_view text) {
  while (!text.empty() && text.front() <= ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() <= ' ') text.remove_suffix(1);
  Label label;
  const bool good = take(text, kWord) && take_server(text, label.server) && take(text, ":") &&
                    take_mac(text, label.mac) && take(text, ":") && take_key(text, label.key);
  return good ? std::optional(label) : std::nullopt;
}

}  // namespace espial::wire
