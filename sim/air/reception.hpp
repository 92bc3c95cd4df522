#pragma once

#include <cstddef>

#include "sim/air/air_settings.hpp"
#include "sim/air/medium.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// Whether a radio decodes what arrived, and why not.
struct Verdict {
  enum class What : std::uint8_t { kHeard, kCollided, kForeignHit, kWeak, kFaded, kMissed, kLost };
  What what = What::kHeard;
  int dbm = 0;            ///< as this frame came; with its fading where it was followed
  bool captured = false;  ///< heard though something else was on the air
};

/// Judges one arrival of a frame of `frame_bytes` at `rate`; `foreign` is what other people's Wi-Fi
/// put beside it, and only looked at where the receiver followed the frame. Draws the frame's
/// fading and luck from `random`.
Verdict judge(const Arrival& arrival, Rate rate, std::size_t frame_bytes, Power foreign,
              const AirSettings& settings, SplitMix& random);

}  // namespace espial::sim
