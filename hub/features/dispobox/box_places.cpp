#include "hub/features/dispobox/box_places.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace espial::dispobox {
namespace {

/// 0 where the text is no number of a box.
std::uint8_t box_in(std::string_view text) {
  std::uint8_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && number < kBoxCount ? number : std::uint8_t{0};
}

store::Document document(std::string_view number, std::string place) {
  return {std::string(kPlaceCollection), std::string(number), std::move(place)};
}

}  // namespace

BoxPlaces::BoxPlaces(store::Documents& documents) : documents_(documents) { arrange(); }

void BoxPlaces::arrange() {
  for (std::size_t i = 0; i < kBoxCount; ++i) places_[i] = static_cast<std::uint8_t>(i);
  std::array<std::uint8_t, kBoxCount> moved{};
  for (const auto& [number, place] : documents_.all(kPlaceCollection)) {
    moved[box_in(number)] = box_in(place);
  }
  moved[0] = 0;
  for (const std::uint8_t place : moved) places_[place] = 0;
  for (std::size_t i = 0; i < kBoxCount; ++i) {
    if (moved[i] != 0) places_[i] = moved[i];
  }
}

std::uint8_t BoxPlaces::number_of(std::uint8_t place) const {
  const auto found = std::find(places_.begin() + 1, places_.end(), place);
  return found == places_.end() ? std::uint8_t{0}
                                : static_cast<std::uint8_t>(found - places_.begin());
}

std::vector<store::Document> BoxPlaces::vacated(std::uint8_t place) const {
  std::vector<store::Document> changes;
  for (const auto& [number, taken] : documents_.all(kPlaceCollection)) {
    if (box_in(taken) == place) changes.push_back(document(number, {}));
  }
  return changes;
}

std::vector<store::Document> BoxPlaces::moved(std::uint8_t number, std::uint8_t place) const {
  std::vector<store::Document> changes = vacated(place);
  const std::string own = std::to_string(number);
  std::erase_if(changes, [&own](const store::Document& one) { return one.name == own; });
  changes.push_back(document(own, number == place ? std::string() : std::to_string(place)));
  return changes;
}

void BoxPlaces::adopt(const std::vector<store::Document>& documents) {
  for (const store::Document& one : documents) documents_.adopt(one);
  arrange();
}

}  // namespace espial::dispobox
