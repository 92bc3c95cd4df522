#include "hub/features/s0_places.hpp"

#include <charconv>
#include <string>

namespace espial::s0 {

/// 0 where the text is no number of a module: nobody's.
ModuleId Places::module_in(std::string_view text) {
  std::uint8_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return ModuleId{whole ? number : std::uint8_t{0}};
}

store::Document Places::nothing_for(std::string_view number) {
  return {std::string(kPlaceCollection), std::string(number), {}};
}

ModuleId Places::place_of(ModuleId number) const {
  const std::string* const place = documents_.find(kPlaceCollection, std::to_string(number.value));
  const ModuleId other = place == nullptr ? ModuleId{} : module_in(*place);
  return other.value == 0 ? number : other;
}

ModuleId Places::number_of(ModuleId place) const {
  for (const auto& [number, other] : documents_.all(kPlaceCollection)) {
    if (module_in(other) == place) return module_in(number);
  }
  return place;
}

std::vector<store::Document> Places::moved(ModuleId number, ModuleId place) const {
  std::vector<store::Document> changes;
  for (const auto& [other, taken] : documents_.all(kPlaceCollection)) {
    const bool stays = module_in(other) == number && number != place;
    const bool concerned = module_in(other) == number || module_in(taken) == place;
    if (concerned && !stays) changes.push_back(nothing_for(other));
  }
  if (number != place && place_of(number) != place) {
    changes.push_back(
        {std::string(kPlaceCollection), std::to_string(number.value), std::to_string(place.value)});
  }
  return changes;
}

}  // namespace espial::s0
