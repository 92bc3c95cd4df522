#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace espial::http {

/// A request target taken apart: "/api/devices/aa%3Abb?x=1" -> {"api","devices","aa:bb"}, {x: 1}.
struct Target {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;

  /// The first value of that name, if there is one.
  std::optional<std::string_view> value(std::string_view name) const;
};

/// Most parts of a path, and most query parameters, that are read.
inline constexpr std::size_t kTargetPartsMax = 16;

/// Nothing for what is no origin-form target: no leading slash, a broken percent escape, an
/// escaped slash or zero byte, a "." or ".." segment, or more than kTargetPartsMax parts.
std::optional<Target> parse_target(std::string_view text);

/// Reads a whole decimal number without sign, blank or rest.
std::optional<std::int64_t> parse_number(std::string_view text);

}  // namespace espial::http
