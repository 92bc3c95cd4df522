#pragma once

#include <string_view>

namespace espial {

/// True when `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing past U+10FFFF.
bool is_utf8(std::string_view text);

/// The longest beginning of `text` that has at most `max_size` bytes and does not cut a character.
/// `text` must be UTF-8.
std::string_view utf8_prefix(std::string_view text, std::size_t max_size);

/// True when `text` has a control character: C0 with the zero byte, C1, or DEL. `text` must be
/// UTF-8.
bool has_control(std::string_view text);

}  // namespace espial
