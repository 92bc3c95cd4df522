#include "core/gateway/peer_slots.hpp"

#include <algorithm>

namespace espial::gateway {

PeerSlots::Peer* PeerSlots::find(const MacAddress& mac) {
  const auto found =
      std::find_if(peers_.begin(), peers_.end(), [&](const Peer& peer) { return peer.mac == mac; });
  return found == peers_.end() ? nullptr : &*found;
}

void PeerSlots::heard(Instant now, const MacAddress& mac) {
  if (Peer* const peer = find(mac)) peer->last_seen = now;
}

bool PeerSlots::admit(Instant now, const MacAddress& mac) {
  if (find(mac) != nullptr) return true;
  if (!radio_.add_peer(mac)) {
    if (peers_.empty()) return false;
    evict();
    counters_.add(Count::kPeersEvicted);
    if (!radio_.add_peer(mac)) return false;
  } else if (peers_.full()) {
    evict();  // from our list: the radio, which has no table or a longer one, had room
  }
  (void)peers_.push_back({mac, now});
  return true;
}

void PeerSlots::evict() {
  const auto oldest =
      std::min_element(peers_.begin(), peers_.end(),
                       [](const Peer& a, const Peer& b) { return a.last_seen < b.last_seen; });
  radio_.remove_peer(oldest->mac);
  peers_.erase(static_cast<std::size_t>(oldest - peers_.begin()));
}

}  // namespace espial::gateway
