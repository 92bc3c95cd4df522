#pragma once

#include "core/base/bytes.hpp"

namespace espial::sim {

/// Where bytes go that the simulator makes: a file, a test's list. The simulator itself opens none.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// Takes `bytes` after those it has.
  virtual void write(ByteView bytes) = 0;
};

}  // namespace espial::sim
