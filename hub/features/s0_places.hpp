#pragma once

#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "hub/store/documents.hpp"

namespace espial::s0 {

/// The collection of `store::Documents`; a document's name is the number that a board brings along,
/// its body that of the module whose place it has, both in decimal.
inline constexpr std::string_view kPlaceCollection = "s0.places";

/// Boards that stand for a module of another number than their own, which is built into them: the
/// configuration, the page and the history know the module's number only.
class Places {
 public:
  /// `documents` outlives this object.
  explicit Places(const store::Documents& documents) : documents_(documents) {}

  /// The module that a board of this number is; its own number unless something else is said.
  ModuleId place_of(ModuleId number) const;
  /// The number of the board that is that module.
  ModuleId number_of(ModuleId place) const;
  /// What is to be stored so that the board of that number is that module, and no other one is.
  /// Nothing where it is so already.
  std::vector<store::Document> moved(ModuleId number, ModuleId place) const;
  /// What is to be stored when there are such modules only as `is_there` says.
  template <typename IsThere>
  std::vector<store::Document> without_empty(IsThere&& is_there) const {
    std::vector<store::Document> gone;
    for (const auto& [number, place] : documents_.all(kPlaceCollection)) {
      if (!is_there(module_in(place))) gone.push_back(nothing_for(number));
    }
    return gone;
  }

 private:
  static ModuleId module_in(std::string_view text);
  static store::Document nothing_for(std::string_view number);

  const store::Documents& documents_;
};

}  // namespace espial::s0
