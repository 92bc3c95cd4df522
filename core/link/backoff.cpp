#include "core/link/backoff.hpp"

#include <algorithm>
#include <array>

namespace espial::link {

Duration with_jitter(Random& random, Duration span) {
  std::array<std::uint8_t, 4> bytes{};
  random.fill(bytes);
  const std::uint32_t drawn =
      static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8U |
      static_cast<std::uint32_t>(bytes[2]) << 16U | static_cast<std::uint32_t>(bytes[3]) << 24U;
  // Half the span in 1/2^16 steps, so that no product overflows for spans of days.
  const std::int64_t part = (span.us / 2) * static_cast<std::int64_t>(drawn >> 16U) / 65536;
  return Duration{span.us - span.us / 4 + part};
}

Duration Backoff::next(Random& random) {
  const Duration step = next_;
  next_ = std::min(next_ * 2, limit_);
  ++count_;
  return with_jitter(random, step);
}

}  // namespace espial::link
