#pragma once

#include <span>
#include <string_view>

namespace espial::configuration {

/// The known name that a person who wrote `name` probably meant: the same but for capitals, or with
/// at most one slip for every three letters (one too many, missing, another, or two the wrong way
/// round). Of several the first of the nearest; empty where none is near.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

}  // namespace espial::configuration
