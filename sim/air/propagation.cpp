#include "sim/air/propagation.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <utility>

#include "core/base/hash.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {
namespace {

constexpr std::int64_t kFurthestCm = 10'000'000;

/// 16 * log2(value), by halving; `value` at least 1.
int log2_sixteenths(std::uint64_t value) {
  const int whole = static_cast<int>(std::bit_width(value)) - 1;
  // The mantissa in 1/2^16, squared four times: each carry is one binary digit of the logarithm.
  std::uint64_t mantissa = whole >= 16 ? value >> (whole - 16) : value << (16 - whole);
  int result = whole;
  for (int digit = 0; digit < 4; ++digit) {
    mantissa = (mantissa * mantissa) >> 16U;
    result *= 2;
    if (mantissa >> 17U != 0) {
      mantissa >>= 1U;
      ++result;
    }
  }
  return result;
}

/// Strength of a Rayleigh-faded signal against its mean: 10 log10(-ln(1 - (i + 1/2) / 64)).
constexpr std::array<std::int8_t, 64> kRayleighDb{
    -21, -16, -14, -12, -11, -10, -10, -9, -8, -8, -7, -7, -7, -6, -6, -6, -5, -5, -5, -4, -4, -4,
    -4,  -3,  -3,  -3,  -3,  -3,  -2,  -2, -2, -2, -1, -1, -1, -1, -1, -1, 0,  0,  0,  0,  0,  1,
    1,   1,   1,   1,   2,   2,   2,   2,  2,  3,  3,  3,  3,  4,  4,  4,  5,  5,  6,  7};

/// How much of a 22 MHz wide signal gets through a filter as wide, 5 MHz and more beside it: the
/// overlaps 1, .73, .27, .038, .0054, .0008 and .0002 of two such filters.
constexpr std::array<int, 7> kChannelLossDb{0, 1, 6, 14, 23, 31, 37};

}  // namespace

int path_loss_db(const Propagation& propagation, const std::optional<Position>& a,
                 const std::optional<Position>& b) {
  if (!a.has_value() || !b.has_value()) return propagation.loss_in_room_db;
  const std::int64_t x = std::clamp(a->x_cm - std::int64_t{b->x_cm}, -kFurthestCm, kFurthestCm);
  const std::int64_t y = std::clamp(a->y_cm - std::int64_t{b->y_cm}, -kFurthestCm, kFurthestCm);
  const auto squared_cm = static_cast<std::uint64_t>(x * x + y * y);
  // log2 of the squared distance in metres, in 1/16: half of it is the distance's.
  const std::uint64_t squared_m = std::max<std::uint64_t>(squared_cm / 10'000, 1);
  return propagation.loss_at_metre_db +
         propagation.loss_per_doubling_db * log2_sixteenths(squared_m) / 32;
}

int shadow_db(const Propagation& propagation, std::uint64_t seed, const MacAddress& a,
              const MacAddress& b) {
  if (propagation.shadowing_db == 0) return 0;
  const auto [first, second] = std::minmax(a, b);
  SplitMix pair(fnv1a(second.octets, fnv1a(first.octets, seed)));
  // The ones among 64 random bits: a bell curve around 32 with a standard deviation of 4.
  const int ones = std::clamp(std::popcount(pair.next()), 32 - 24, 32 + 24);
  return (ones - 32) * propagation.shadowing_db / 4;
}

int fade_db(const Propagation& propagation, std::uint64_t chance) {
  return kRayleighDb[chance % kRayleighDb.size()] * propagation.fading_percent / 100;
}

int channel_distance_loss_db(Channel a, Channel b) {
  const auto distance = static_cast<std::size_t>(std::abs(int{a.number} - int{b.number}));
  return distance < kChannelLossDb.size() ? kChannelLossDb[distance] : kInaudible;
}

}  // namespace espial::sim
