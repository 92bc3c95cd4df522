#pragma once

#include "core/port/random.hpp"

namespace espial {

/// Unpredictable bytes from the kernel. It has no state: one object may serve several threads.
class RandomLinux final : public Random {
 public:
  /// Ends the program when the system has no source of randomness, as libsodium does.
  RandomLinux();

  void fill(MutableByteView out) override;
};

}  // namespace espial
