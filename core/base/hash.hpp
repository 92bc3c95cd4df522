#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"

namespace espial {

/// FNV-1a, 64 bits: spreads keys over a table and names a run of bytes in a log. Not for secrets,
/// and not against somebody who chooses the keys.
constexpr std::uint64_t fnv1a(ByteView bytes, std::uint64_t seed = 0xcbf29ce484222325u) {
  for (const std::uint8_t byte : bytes) seed = (seed ^ byte) * 0x100000001b3u;
  return seed;
}

/// For unordered containers keyed by MAC.
struct MacHash {
  std::size_t operator()(const MacAddress& mac) const {
    return static_cast<std::size_t>(fnv1a(ByteView(mac.octets)));
  }
};

}  // namespace espial
