#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/base/time.hpp"
#include "sim/air/airtime.hpp"

namespace espial::sim {

/// One frame or acknowledgement as it goes over the air.
struct Transmission {
  Instant start;
  Instant end;
  Channel channel;
  Rate rate = Rate::k1;
  bool acknowledgement = false;
  /// Sent again: the same sequence, random bytes and body.
  bool retry = false;
  /// An acknowledgement has none on the air.
  MacAddress source;
  MacAddress destination;
  /// The 802.11 sequence number, 0..4095.
  std::uint16_t sequence = 0;
  /// ESP-NOW's random bytes.
  std::uint32_t random = 0;
  /// Empty in an acknowledgement. Valid during the call.
  ByteView body;
};

/// Sees everything that is sent, wherever and on whichever channel, in the order of its start. It
/// changes nothing and must not call the air.
class AirTap {
 public:
  virtual ~AirTap() = default;
  virtual void on_transmission(const Transmission& transmission) = 0;
};

}  // namespace espial::sim
