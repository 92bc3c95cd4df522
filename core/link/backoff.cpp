#include "core/link/backoff.hpp"

#include <algorithm>

namespace espial::link {

Duration with_jitter(Random& random, Duration span) {
  // Half the span in 1/2^16 steps, so that no product overflows for spans of days.
  const std::int64_t part = (span.us / 2) * static_cast<std::int64_t>(random.u32() >> 16U) / 65536;
  return Duration{span.us - span.us / 4 + part};
}

Duration Backoff::next(Random& random) {
  const Duration step = next_;
  next_ = std::min(next_ * 2, limit_);
  ++count_;
  return with_jitter(random, step);
}

}  // namespace espial::link
