#pragma once

#include <cstdint>

#include "sim/network/network.hpp"

namespace espial::sim {

/// Pairs of boards that have the same nearest gateway, and how many of them are too far apart for
/// one to know when the other one sends.
struct HiddenPairs {
  std::uint64_t pairs = 0;
  std::uint64_t hidden = 0;

  /// 0 where there is no pair.
  double percent() const;
};
HiddenPairs hidden_pairs(const NetworkSettings& network);

}  // namespace espial::sim
