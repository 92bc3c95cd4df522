#pragma once

#include <array>
#include <cstdint>

#include "core/base/byte_reader.hpp"
#include "core/base/bytes.hpp"

namespace espial {

/// Unpredictable bytes. In the simulator they come from the run's seed, so a run can be replayed.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableByteView out) = 0;

  /// A number of 32 unpredictable bits.
  std::uint32_t u32() {
    std::array<std::uint8_t, 4> bytes{};
    fill(bytes);
    return ByteReader(bytes).u32();
  }
};

}  // namespace espial
