#include "hub/features/configuration/nearest_name.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace espial::configuration {
namespace {

/// With a to z for A to Z; all other characters stay.
std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// How many slips lead from one to the other.
std::size_t slips(std::string_view from, std::string_view to) {
  const std::size_t width = to.size() + 1;
  std::vector<std::size_t> table((from.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& {
    return table[i * width + j];
  };
  for (std::size_t i = 0; i <= from.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= to.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t other = from[i - 1] == to[j - 1] ? 0 : 1;
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + other});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return table.back();
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
  constexpr std::size_t kLettersPerSlip = 3;
  const std::string written = lower_case(name);
  std::string_view nearest;
  std::size_t fewest = written.size() / kLettersPerSlip + 1;
  for (const std::string_view one : known) {
    const std::size_t count = slips(written, lower_case(one));
    if (count >= fewest) continue;
    fewest = count;
    nearest = one;
  }
  return nearest;
}

}  // namespace espial::configuration
