#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace espial::store {

/// Everything but letters, digits and "/._-~" as %XX.
std::string encode_percent(std::string_view text);

/// Nothing where %XX are not two hexadecimal digits, or there is a zero byte.
std::optional<std::string> decode_percent(std::string_view text);

}  // namespace espial::store
