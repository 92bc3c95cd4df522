#pragma once

#include <bitset>
#include <cstddef>

namespace espial::dispobox {

/// Smooths what a presence detector says of one box: people sit still, and detectors flicker.
///
/// Over a window of sixty samples (half a minute), a free box becomes occupied when more than five
/// of them saw somebody, and an occupied one free when fewer than two did.
class Occupancy {
 public:
  static constexpr std::size_t kWindow = 60;
  static constexpr std::size_t kOccupiedAbove = 5;
  static constexpr std::size_t kFreeBelow = 2;

  Occupancy() = default;
  /// Goes on from what was known, as if the whole window had agreed.
  explicit Occupancy(bool occupied) : occupied_(occupied) {
    if (occupied) window_.set();
  }

  /// @returns whether the box is occupied now.
  bool add(bool sample) {
    window_[next_] = sample;
    next_ = (next_ + 1) % kWindow;
    const std::size_t sum = window_.count();
    if (sum > kOccupiedAbove) occupied_ = true;
    if (sum < kFreeBelow) occupied_ = false;
    return occupied_;
  }

 private:
  std::bitset<kWindow> window_;
  std::size_t next_ = 0;
  bool occupied_ = false;
};

}  // namespace espial::dispobox
