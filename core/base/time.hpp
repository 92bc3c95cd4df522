#pragma once

#include <cstdint>

namespace espial {

/// A length of time in microseconds.
struct Duration {
  std::int64_t us = 0;

  static constexpr Duration microseconds(std::int64_t n) { return {n}; }
  static constexpr Duration milliseconds(std::int64_t n) { return {n * 1000}; }
  static constexpr Duration seconds(std::int64_t n) { return {n * 1000 * 1000}; }
  constexpr std::int64_t ms() const { return us / 1000; }

  friend constexpr Duration operator+(Duration a, Duration b) { return {a.us + b.us}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.us - b.us}; }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return {a.us * n}; }
  friend constexpr bool operator==(Duration a, Duration b) { return a.us == b.us; }
  friend constexpr bool operator!=(Duration a, Duration b) { return a.us != b.us; }
  friend constexpr bool operator<(Duration a, Duration b) { return a.us < b.us; }
  friend constexpr bool operator<=(Duration a, Duration b) { return a.us <= b.us; }
  friend constexpr bool operator>(Duration a, Duration b) { return a.us > b.us; }
  friend constexpr bool operator>=(Duration a, Duration b) { return a.us >= b.us; }
};

/// A moment on a device's own monotonic clock, in microseconds since an origin that only that
/// device knows. Two devices' instants can't be compared.
struct Instant {
  std::int64_t us = 0;

  friend constexpr Instant operator+(Instant t, Duration d) { return {t.us + d.us}; }
  friend constexpr Instant operator-(Instant t, Duration d) { return {t.us - d.us}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return {a.us - b.us}; }
  friend constexpr bool operator==(Instant a, Instant b) { return a.us == b.us; }
  friend constexpr bool operator!=(Instant a, Instant b) { return a.us != b.us; }
  friend constexpr bool operator<(Instant a, Instant b) { return a.us < b.us; }
  friend constexpr bool operator<=(Instant a, Instant b) { return a.us <= b.us; }
  friend constexpr bool operator>(Instant a, Instant b) { return a.us > b.us; }
  friend constexpr bool operator>=(Instant a, Instant b) { return a.us >= b.us; }
};

/// Later than every instant a program sees: "no timer set".
inline constexpr Instant kNever{INT64_MAX};

/// Wall-clock time: milliseconds since 1970-01-01T00:00:00 UTC; 0 means "not known".
struct UnixTime {
  std::int64_t ms = 0;

  constexpr bool known() const { return ms != 0; }
  friend constexpr bool operator==(UnixTime a, UnixTime b) { return a.ms == b.ms; }
  friend constexpr bool operator<(UnixTime a, UnixTime b) { return a.ms < b.ms; }
};

}  // namespace espial
