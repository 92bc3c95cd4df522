#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "station/live_state.hpp"

namespace espial::station {

/// Which of the function's fields people call `name`: as its kind says, or "field_0", "field_1" ...
/// where the kind is one of a configuration. Nothing when it has no such field.
std::optional<std::uint8_t> field_index(const FunctionState& function, std::string_view name);

}  // namespace espial::station
