#pragma once

#include <nlohmann/json.hpp>
#include <string_view>
#include <variant>

#include "hub/features/configuration/file_error.hpp"

namespace espial::configuration {

/// Reads the text of a file that people write. An error is what they would not see otherwise, too:
/// of a name that stands twice in one object JSON would keep one value and lose the other. Refused
/// besides: what is nested more than 8 levels deep, and names of more than 64 bytes.
std::variant<nlohmann::json, FileError> parse_file(std::string_view text);

}  // namespace espial::configuration
