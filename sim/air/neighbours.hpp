#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/mac_address.hpp"
#include "sim/air/propagation.hpp"

namespace espial::sim {

/// Radios one air holds.
inline constexpr std::size_t kMaxRadios = 4096;
/// What a radio can send with, and the strongest it may be set to.
inline constexpr int kDefaultTxPowerDbm = 20;
inline constexpr int kMaxTxPowerDbm = 21;
/// What arrives weaker than this is not there: it is ten decibels below what any rate decodes.
inline constexpr int kFaintestDbm = -107;

/// Which place of an air a radio has.
using RadioIndex = std::uint16_t;

/// Who can hear whom at all, with what gets lost between them. A table that changes only when
/// somebody comes, goes or moves: a byte for each pair, so that a radio's row is read in one go.
class Neighbours {
 public:
  Neighbours(std::uint64_t seed, const Propagation& propagation)
      : seed_(seed), propagation_(propagation) {}

  /// `index` must be free. Costs a look at every radio, as do remove() and move().
  void add(RadioIndex index, const MacAddress& mac, const std::optional<Position>& position);
  void remove(RadioIndex index);
  void move(RadioIndex index, const Position& position);

  /// One more than the highest index so far.
  std::size_t size() const { return places_.size(); }
  /// What gets lost between `index` and each other radio, by index; kDeaf for those that it can't
  /// hear. Valid until the next change.
  const std::uint8_t* losses_of(RadioIndex index) const { return places_[index].losses.data(); }
  static constexpr std::uint8_t kDeaf = 255;

 private:
  struct Place {
    bool taken = false;
    MacAddress mac;
    std::optional<Position> position;
    std::vector<std::uint8_t> losses;  ///< by index
  };

  void connect(RadioIndex index);
  void disconnect(RadioIndex index);

  std::uint64_t seed_;
  Propagation propagation_;
  std::vector<Place> places_;
};

}  // namespace espial::sim
