#pragma once

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/port/crypto.hpp"
#include "sim/air/air.hpp"
#include "sim/network/backbone.hpp"
#include "sim/network/watch.hpp"

namespace espial::sim {

inline constexpr ServerId kSimServer{7};
/// The world's Unix time when a run begins.
inline constexpr UnixTime kSimEpoch{1'700'000'000'000};

/// What every device of a simulated network stands in.
struct Scene {
  Crypto& crypto;
  Watch& watch;
  Air& air;
  Backbone& backbone;
  Key network_key{};
  Instant now;  ///< the world's

  UnixTime utc() const { return {kSimEpoch.ms + now.us / 1000}; }
};

}  // namespace espial::sim
