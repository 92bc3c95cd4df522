#pragma once

#include <array>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/port/crypto.hpp"
#include "core/wire/auth.hpp"
#include "core/wire/search.hpp"

namespace espial::crypto {

/// The proof in a REFUSED.
using RefusedProof = std::array<std::uint8_t, wire::kRefusedProofSize>;

/// The key that gateways hold: HKDF(no salt, network key, "espial discovery" ‖ server). It shows
/// that a gateway belongs to the network and opens nothing.
Key discovery_key(Crypto& crypto, const Key& network_key, ServerId server);

/// Tag of a CONNACK for the node `mac`, over the packet's bytes 0..17.
wire::DiscoveryTag connack_tag(Crypto& crypto, const Key& discovery_key, ByteView connack,
                               const MacAddress& mac);

/// Tag of a plain DISCONNECT, "channel moved", over the packet's bytes 0..11.
wire::DiscoveryTag moved_tag(Crypto& crypto, const Key& discovery_key, ByteView moved);

/// Proof in a REFUSED that whoever refuses has the named key. `head` is the REFUSED's bytes 0..5,
/// `challenge` bytes 5..20 of the refused packet.
RefusedProof refused_proof(Crypto& crypto, const Key& named_key, ByteView head,
                           const MacAddress& mac, ByteView challenge);

}  // namespace espial::crypto
