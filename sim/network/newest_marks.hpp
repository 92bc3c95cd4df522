#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace espial::sim {

/// One mark for each counter of a key, of the newest kMost at least when they come one after the
/// other. A key that is used little takes little.
class NewestMarks {
 public:
  static constexpr std::size_t kMost = 64;

  /// A mark that the counter had before is gone.
  void put(std::uint64_t counter, std::uint32_t mark) {
    const auto low = static_cast<std::uint32_t>(counter);
    while (marks_.size() < kMost && !has_place_for(low)) grow();
    marks_[low % marks_.size()] = {true, low, mark};
  }
  /// @returns nothing when it has made room for newer ones, or never had any.
  std::optional<std::uint32_t> find(std::uint64_t counter) const {
    const auto low = static_cast<std::uint32_t>(counter);
    if (marks_.empty()) return std::nullopt;
    const Mark& there = marks_[low % marks_.size()];
    return there.used && there.counter == low ? std::optional(there.mark) : std::nullopt;
  }

 private:
  struct Mark {
    bool used = false;
    std::uint32_t counter = 0;
    std::uint32_t mark = 0;
  };

  bool has_place_for(std::uint32_t counter) const {
    if (marks_.empty()) return false;
    const Mark& there = marks_[counter % marks_.size()];
    return !there.used || there.counter == counter;
  }
  /// Those who had a place each have one each among twice as many.
  void grow() {
    constexpr std::size_t kFew = 4;
    std::vector<Mark> wider(std::max(kFew, 2 * marks_.size()));
    for (const Mark& mark : marks_) {
      if (mark.used) wider[mark.counter % wider.size()] = mark;
    }
    marks_ = std::move(wider);
  }

  std::vector<Mark> marks_;
};

}  // namespace espial::sim
