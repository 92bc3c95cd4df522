#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/port/random.hpp"

namespace espial::link {

/// A waiting time that doubles with every failure up to a limit, with jitter so that a house that
/// lost its power does not come back in step.
class Backoff {
 public:
  constexpr Backoff(Duration first, Duration limit) : first_(first), limit_(limit), next_(first) {}

  /// The time to wait now: between three quarters and five quarters of the present step. The next
  /// one is twice as long.
  Duration next(Random& random);

  /// The trouble is over: begin with the first step again.
  void reset() {
    next_ = first_;
    count_ = 0;
  }

  /// How often next() was called since the last reset.
  std::uint32_t count() const { return count_; }

 private:
  Duration first_;
  Duration limit_;
  Duration next_;
  std::uint32_t count_ = 0;
};

/// `span` spread over three quarters to five quarters of itself.
Duration with_jitter(Random& random, Duration span);

}  // namespace espial::link
