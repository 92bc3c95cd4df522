#include "core/wire/kind.hpp"

#include "core/wire/kinds_table.hpp"

namespace espial::wire {

TableView<KindInfo> standard_kinds() { return {kKinds, kKindCount}; }

const KindInfo* find_standard_kind(std::uint8_t number) {
  for (const KindInfo& kind : standard_kinds()) {
    if (kind.number == number) return &kind;
  }
  return nullptr;
}

const KindInfo* find_standard_kind(std::string_view name) {
  for (const KindInfo& kind : standard_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace espial::wire
