#pragma once

#include <array>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/port/crypto.hpp"

namespace espial::crypto {

/// Length of the tag in a CONNACK and in a "channel moved": enough to rank hints, no more.
inline constexpr std::size_t kHintTagSize = 4;
using HintTag = std::array<std::uint8_t, kHintTagSize>;

/// How much of a CONNACK and of a "channel moved" its tag covers: everything before it.
inline constexpr std::size_t kConnackTagged = 18;
inline constexpr std::size_t kMovedTagged = 12;

/// Length of the proof in a REFUSED.
inline constexpr std::size_t kRefusedProofSize = 16;
using RefusedProof = std::array<std::uint8_t, kRefusedProofSize>;

/// The key that gateways hold: HKDF(no salt, network key, "espial discovery" ‖ server). It shows
/// that a gateway belongs to the network and opens nothing.
Key discovery_key(Crypto& crypto, const Key& network_key, ServerId server);

/// Tag of a CONNACK for the node `mac`. `before_tag` is the packet's bytes 0..17.
HintTag connack_tag(Crypto& crypto, const Key& discovery_key, ByteView before_tag,
                    const MacAddress& mac);

/// Tag of a plain DISCONNECT, "channel moved". `before_tag` is the packet's bytes 0..11.
HintTag moved_tag(Crypto& crypto, const Key& discovery_key, ByteView before_tag);

/// Proof in a REFUSED that whoever refuses has the named key. `head` is the REFUSED's bytes 0..5,
/// `challenge` bytes 5..20 of the refused packet.
RefusedProof refused_proof(Crypto& crypto, const Key& named_key, ByteView head,
                           const MacAddress& mac, ByteView challenge);

}  // namespace espial::crypto
