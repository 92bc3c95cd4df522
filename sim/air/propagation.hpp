#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"

namespace espial::sim {

/// A place in centimetres.
struct Position {
  std::int32_t x_cm = 0;
  std::int32_t y_cm = 0;
};

/// How signals weaken on their way. The defaults are a house without chance: no shadows, no fading.
struct Propagation {
  /// Lost one metre away, antennas included.
  int loss_at_metre_db = 60;
  /// Lost besides at each doubling of the distance.
  int loss_per_doubling_db = 9;
  /// Between radios of which one has no place: they are in one room.
  int loss_in_room_db = 75;
  /// Standard deviation of what walls and furniture add to or take from one pair of radios. Drawn
  /// once a pair, the same both ways, and kept wherever the two go.
  int shadowing_db = 0;
  /// How much of Rayleigh's fading a single frame meets: 0 none, 100 all of it.
  int fading_percent = 0;
};

/// What a signal loses over this distance, whole dB, without shadows.
int path_loss_db(const Propagation& propagation, const std::optional<Position>& a,
                 const std::optional<Position>& b);

/// What the surroundings add to the loss between two radios; the order of the two does not matter.
/// At most six standard deviations.
int shadow_db(const Propagation& propagation, std::uint64_t seed, const MacAddress& a,
              const MacAddress& b);

/// By how much one frame arrives stronger or weaker than usual, from 64 random bits.
int fade_db(const Propagation& propagation, std::uint64_t chance);

/// What a receiver's filter takes from a signal of another channel; kInaudible beyond its reach.
int channel_distance_loss_db(Channel a, Channel b);
inline constexpr int kInaudible = 255;

}  // namespace espial::sim
