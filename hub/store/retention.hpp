#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace espial::store {

/// For how many days readings stay, by the kind of their function. What is older is removed day by
/// day; the sums of its hours and days stay for good.
struct Retention {
  std::optional<std::int64_t> others_days;         ///< of all other kinds; nothing: for good
  std::map<std::uint8_t, std::int64_t> kind_days;  ///< by the number of the kind

  bool empty() const { return !others_days && kind_days.empty(); }
  /// The greatest of the rules that a day of this age breaks; 0: none.
  std::int64_t due(std::int64_t age_days) const;
  /// Whether nothing may be left of a day that is as old.
  bool ends_all(std::int64_t age_days) const;
};

/// The rules as `add_retention` reads them, in one order: "1=730 6=90 365".
std::string to_text(const Retention& retention);

/// Reads "temperature=730", "200=30" (a kind by its number) or "730" (all others) into `retention`;
/// days are 1..36 525. False, and unchanged, where it is another text.
[[nodiscard]] bool add_retention(std::string_view text, Retention& retention);

}  // namespace espial::store
