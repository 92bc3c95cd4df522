#include "core/base/utf8.hpp"

#include <cstdint>

namespace espial {
namespace {

bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xc0u) == 0x80u; }

/// Bytes of the character that begins with `first`; 0 where none begins so.
std::size_t sequence_size(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

/// The second byte is what tells overlong forms, surrogates and numbers past U+10FFFF.
bool second_byte_allowed(std::uint8_t first, std::uint8_t second) {
  switch (first) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second <= 0x9f;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second <= 0x8f;
    default:
      return true;
  }
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    const std::size_t size = sequence_size(first);
    if (size == 0 || size > text.size()) return false;
    for (std::size_t i = 1; i < size; ++i) {
      if (!is_continuation(text[i])) return false;
    }
    if (size > 1 && !second_byte_allowed(first, static_cast<std::uint8_t>(text[1]))) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_size) {
  if (text.size() <= max_size) return text;
  std::size_t size = max_size;
  while (size > 0 && is_continuation(text[size])) --size;
  return text.substr(0, size);
}

bool has_control(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<std::uint8_t>(text[at]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && static_cast<std::uint8_t>(text[at + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace espial
