#pragma once

#include "core/base/bytes.hpp"

namespace espial {

/// Unpredictable bytes. In the simulator they come from the run's seed, so a run can be replayed.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableByteView out) = 0;
};

}  // namespace espial
