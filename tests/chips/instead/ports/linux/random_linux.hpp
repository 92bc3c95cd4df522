#pragma once

#include <random>

#include "core/port/random.hpp"

namespace espial {

/// In a test on a chip: numbers that are the same in every run.
class RandomLinux final : public Random {
 public:
  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mt19937 engine_;
};

}  // namespace espial
