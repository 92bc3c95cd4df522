#include "station/field_index.hpp"

#include <string>

#include "core/wire/kind.hpp"
#include "core/wire/value.hpp"

namespace espial::station {

std::optional<std::uint8_t> field_index(const FunctionState& function, std::string_view name) {
  const wire::KindInfo* const kind = wire::find_standard_kind(function.kind);
  const std::size_t count = kind == nullptr ? wire::kMaxFields : kind->fields.size();
  for (std::uint8_t i = 0; i < count; ++i) {
    if (name == (kind == nullptr ? "field_" + std::to_string(i) : kind->fields[i].name)) return i;
  }
  return std::nullopt;
}

}  // namespace espial::station
