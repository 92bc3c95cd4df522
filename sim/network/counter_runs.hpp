#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>

namespace espial::sim {

/// A set of counters that mostly come one after the other: its memory grows with gaps, not with
/// counters. The run that grew last stands in the object itself, so the usual next counter touches
/// nothing else.
class CounterRuns {
 public:
  bool has(std::uint64_t counter) const {
    if (newest_ && newest_->first <= counter && counter <= newest_->last) return true;
    const auto after = others_.upper_bound(counter);
    return after != others_.begin() && std::prev(after)->second >= counter;
  }

  /// @retval false  it was taken before.
  bool take(std::uint64_t counter) {
    if (has(counter)) return false;
    if (newest_ && newest_->last + 1 == counter) {
      newest_->last = counter;
      return true;
    }
    const auto after = others_.upper_bound(counter);
    if (after != others_.begin() && std::prev(after)->second + 1 == counter) {
      std::prev(after)->second = counter;
      return true;
    }
    begin_run({counter, counter});
    return true;
  }

  /// From 0 up to and including `last`, of a set that has none of them.
  void take_all_to(std::uint64_t last) { begin_run({0, last}); }

  /// As if it had not been taken.
  void give_back(std::uint64_t counter) {
    if (!has(counter)) return;
    if (newest_) others_.emplace(newest_->first, newest_->last);
    newest_.reset();
    const auto run = std::prev(others_.upper_bound(counter));
    const std::uint64_t last = run->second;
    if (run->first == counter) {
      others_.erase(run);
    } else {
      run->second = counter - 1;
    }
    if (last > counter) others_.emplace(counter + 1, last);
  }

 private:
  struct Run {
    std::uint64_t first;
    std::uint64_t last;
  };

  void begin_run(const Run& run) {
    if (newest_) others_.emplace(newest_->first, newest_->last);
    newest_ = run;
  }

  std::optional<Run> newest_;
  std::map<std::uint64_t, std::uint64_t> others_;  ///< first to last; none overlaps another
};

}  // namespace espial::sim
