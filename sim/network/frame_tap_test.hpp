#pragma once

#include <vector>

#include "core/wire/sealed.hpp"
#include "sim/air/air_tap.hpp"

namespace espial::sim {

/// Writes down every frame of which a radio sent the first attempt.
class FrameTap final : public AirTap {
 public:
  struct Frame {
    std::size_t size = 0;
    bool sealed = false;
    bool down = false;
  };
  void on_transmission(const Transmission& transmission) override {
    if (transmission.acknowledgement || transmission.retry) return;
    const auto sealed = wire::parse_sealed(transmission.body);
    frames.push_back({transmission.body.size(), bool(sealed), sealed && sealed->header.down});
  }

  std::vector<Frame> frames;
};

}  // namespace espial::sim
