#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace espial {

/// CRC-32 as in zip and Ethernet, over bytes that come in pieces: says that memory or flash is as
/// it was written. It stops accidents, nobody with intent.
class Crc32 {
 public:
  Crc32& add(ByteView bytes);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = UINT32_MAX;
};

}  // namespace espial
