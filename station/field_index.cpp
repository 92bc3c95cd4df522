#include "station/field_index.hpp"

#include "core/wire/value.hpp"

namespace espial::station {

std::optional<std::uint8_t> field_index(const FunctionState& function, std::string_view name) {
  const wire::KindInfo* const kind = wire::find_standard_kind(function.kind);
  const std::size_t count = kind == nullptr ? wire::kMaxFields : kind->fields.size();
  for (std::uint8_t i = 0; i < count; ++i) {
    if (name == field_name(kind, i)) return i;
  }
  return std::nullopt;
}

std::string field_name(const wire::KindInfo* kind, std::uint8_t field) {
  const bool known = kind != nullptr && field < kind->fields.size();
  return known ? std::string(kind->fields[field].name) : "field_" + std::to_string(field);
}

}  // namespace espial::station
