#include "hub/store/hex.hpp"

namespace espial::store {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::size_t value_of(char c) {
  return kDigits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0x0fU];
  }
  return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t high = value_of(text[i]);
    const std::size_t low = value_of(text[i + 1]);
    if (high >= kDigits.size() || low >= kDigits.size()) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high << 4U | low));
  }
  return bytes;
}

}  // namespace espial::store
