#pragma once

#include "core/port/random.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// The Random port of a simulated device: unpredictable to nobody, the same for the same seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : random_(seed) {}

  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<std::uint8_t>(random_.next() >> 32U);
    }
  }

 private:
  SplitMix random_;
};

}  // namespace espial::sim
