#pragma once

#include <cstddef>

#include "core/base/mac_address.hpp"
#include "core/base/static_vector.hpp"
#include "core/base/time.hpp"
#include "core/gateway/counters.hpp"
#include "core/port/radio.hpp"

namespace espial::gateway {

/// Places in the table of peers of the chips, broadcast included. A radio says by itself when it is
/// full: one with fewer places does, one without such a table never does, and nobody is evicted.
inline constexpr std::size_t kMaxPeers = 20;

/// Lets a gateway send to any number of modules through a radio with few places for peers: who is
/// about to be sent to gets one, and when the radio says that it is full, the peer with the
/// smallest last_seen makes room.
class PeerSlots {
 public:
  PeerSlots(Radio& radio, Counters& counters) : radio_(radio), counters_(counters) {}

  /// A frame of `mac` was heard.
  void heard(Instant now, const MacAddress& mac);
  /// Sees to it that `mac` can be sent to.
  /// @retval false  the radio has no place for it, though one was freed.
  [[nodiscard]] bool admit(Instant now, const MacAddress& mac);

 private:
  struct Peer {
    MacAddress mac;
    Instant last_seen;
  };

  Peer* find(const MacAddress& mac);
  void evict();

  Radio& radio_;
  Counters& counters_;
  StaticVector<Peer, kMaxPeers> peers_;
};

}  // namespace espial::gateway
