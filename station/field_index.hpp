#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/wire/kind.hpp"
#include "station/live_state.hpp"

namespace espial::station {

/// Which of the function's fields people call `name`: as its kind says, or "field_0", "field_1" ...
/// where the kind is one of a configuration. Nothing when it has no such field.
std::optional<std::uint8_t> field_index(const FunctionState& function, std::string_view name);

/// The other way: what people call a field of a kind; nullptr: of one of a configuration.
std::string field_name(const wire::KindInfo* kind, std::uint8_t field);

}  // namespace espial::station
