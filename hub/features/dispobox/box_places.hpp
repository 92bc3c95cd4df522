#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "hub/features/dispobox/answer.hpp"
#include "hub/store/documents.hpp"

namespace espial::dispobox {

/// The collection of `store::Documents`; a document's name is the number that a board says, its
/// body that of the box whose place it has, both in decimal.
inline constexpr std::string_view kPlaceCollection = "dispobox.places";

/// Boards that stand for a box of another number than the one they say: applications, floors and
/// history know the box's number only.
class BoxPlaces {
 public:
  /// `documents` outlives this object.
  explicit BoxPlaces(store::Documents& documents);

  /// The box that a board means by this number. 0: nobody, as another board has the place of it.
  std::uint8_t place_of(std::uint8_t number) const { return places_[number]; }
  /// The number that is said of this box; 0 when no board can say it.
  std::uint8_t number_of(std::uint8_t place) const;
  /// What is to be stored so that this number means that box, and no other number does.
  std::vector<store::Document> moved(std::uint8_t number, std::uint8_t place) const;
  /// What is to be stored so that every board that stands for this box means its own number again.
  std::vector<store::Document> vacated(std::uint8_t place) const;
  /// That is stored, or on its way there.
  void adopt(const std::vector<store::Document>& documents);

 private:
  void arrange();

  store::Documents& documents_;
  std::array<std::uint8_t, kBoxCount> places_{};
};

}  // namespace espial::dispobox
