#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace espial::sim {

/// A sum of signal strengths, linear. Whole numbers, so that what was added can be taken away again
/// without a trace, and the same on every machine.
using Power = std::uint64_t;

inline constexpr int kWeakestDbm = -127;
/// Nothing is received stronger than this: 4096 of them still fit into a Power.
inline constexpr int kStrongestDbm = -10;

namespace detail {
inline constexpr std::size_t kPowerSteps = kStrongestDbm - kWeakestDbm + 1;
constexpr std::array<Power, kPowerSteps> power_table() {
  constexpr std::array<Power, 10> kTenths{1000, 1259, 1585, 1995, 2512,
                                          3162, 3981, 5012, 6310, 7943};
  std::array<Power, kPowerSteps> table{};
  Power decade = 1;
  for (std::size_t i = 0; i < kPowerSteps; ++i) {
    table[i] = kTenths[i % 10] * decade;
    if (i % 10 == 9) decade *= 10;
  }
  return table;
}
inline constexpr std::array<Power, kPowerSteps> kPowers = power_table();
}  // namespace detail

/// The power of a signal of `dbm`, within a ten-thousandth; `dbm` is brought into range first.
constexpr Power power_of(int dbm) {
  const int clamped = dbm < kWeakestDbm ? kWeakestDbm : dbm > kStrongestDbm ? kStrongestDbm : dbm;
  return detail::kPowers[static_cast<std::size_t>(clamped - kWeakestDbm)];
}

/// The whole number of dBm at or below `power`; kWeakestDbm for less.
constexpr int dbm_of(Power power) {
  std::size_t low = 0;
  for (std::size_t step = 64; step > 0; step /= 2) {
    const std::size_t next = low + step;
    if (next < detail::kPowerSteps && detail::kPowers[next] <= power) low = next;
  }
  return static_cast<int>(low) + kWeakestDbm;
}

}  // namespace espial::sim
