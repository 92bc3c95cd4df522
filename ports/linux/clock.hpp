#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace espial {

/// The kernel's monotonic clock: never set, never back.
Instant monotonic_now();

/// The wall clock, in microseconds since 1970-01-01T00:00:00 UTC.
std::int64_t unix_time_us();
inline UnixTime unix_now() { return {unix_time_us() / 1000}; }

/// Offset of this machine's local time from UTC at this moment, in minutes.
std::int16_t local_zone_minutes();

}  // namespace espial
