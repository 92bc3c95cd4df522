#pragma once

#include <cstdint>
#include <iterator>
#include <map>

namespace espial::sim {

/// A set of counters that mostly come one after the other: its memory grows with gaps, not with
/// counters.
class CounterRuns {
 public:
  bool has(std::uint64_t counter) const {
    const auto after = runs_.upper_bound(counter);
    return after != runs_.begin() && std::prev(after)->second >= counter;
  }

  /// @retval false  it was taken before.
  bool take(std::uint64_t counter) {
    auto after = runs_.upper_bound(counter);
    if (after != runs_.begin()) {
      const auto before = std::prev(after);
      if (before->second >= counter) return false;
      if (before->second + 1 == counter) {
        before->second = counter;
        return true;
      }
    }
    runs_.emplace_hint(after, counter, counter);
    return true;
  }

  /// From 0 up to and including `last`, of a set that has none of them.
  void take_all_to(std::uint64_t last) { runs_.emplace(0, last); }

  /// As if it had not been taken.
  void give_back(std::uint64_t counter) {
    const auto after = runs_.upper_bound(counter);
    if (after == runs_.begin()) return;
    const auto run = std::prev(after);
    if (run->second < counter) return;
    const std::uint64_t last = run->second;
    if (run->first == counter) {
      runs_.erase(run);
    } else {
      run->second = counter - 1;
    }
    if (last > counter) runs_.emplace(counter + 1, last);
  }

 private:
  std::map<std::uint64_t, std::uint64_t> runs_;  ///< first to last
};

}  // namespace espial::sim
