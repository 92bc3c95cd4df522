#include "hub/store/percent.hpp"

#include <charconv>

namespace espial::store {

std::optional<std::string> decode_percent(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (text[0] == '\0') return std::nullopt;
    if (text[0] != '%') {
      plain += text[0];
      text.remove_prefix(1);
      continue;
    }
    unsigned char byte = 0;
    const char* const end = text.data() + 3;
    if (text.size() < 3 || std::from_chars(text.data() + 1, end, byte, 16).ptr != end ||
        byte == 0) {
      return std::nullopt;
    }
    plain += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return plain;
}

std::string encode_percent(std::string_view text) {
  constexpr std::string_view kPlain = "/._-~";
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_word || kPlain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace espial::store
