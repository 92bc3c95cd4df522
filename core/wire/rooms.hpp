#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/mac_address.hpp"
#include "core/wire/header.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

enum class Role : std::uint8_t { kSubscriber = 0, kProvider = 1 };

/// SUBSCRIBE, inner, up: bind my slot to a kind that another offers; or, from either end, are we
/// still bound?
///
///    |8r|0a|request|slot|kind|peer slot|peer MAC[6]|
struct Subscribe {
  Role role = Role::kSubscriber;  ///< the sender's
  std::uint8_t request = 0;       ///< the node's own number, repeated in the SUBACK
  std::uint8_t slot = 0;          ///< 0..11, or kModuleSlot
  std::uint8_t kind = 0;          ///< 1..254
  std::uint8_t peer_slot = 0;     ///< said by the provider only; 0 from the subscriber
  MacAddress peer;                ///< a subscriber's zeros = any that offers it
};

/// SUBACK, inner, down: who you are bound to. Goes to both ends.
///
///    |91|2c|request|role|slot|peer slot|kind|peer session|peer MAC[6]|pair key[32]|
///    |92|05|request|role|slot|peer slot|kind|                      FAILURE
struct Suback {
  bool success = false;
  std::uint8_t request = 0;
  Role role = Role::kSubscriber;
  std::uint8_t slot = 0;
  std::uint8_t peer_slot = 0;
  std::uint8_t kind = 0;
  std::uint8_t peer_session = 0;            ///< names the pair in SEALED frames with PEER set
  MacAddress peer;                          ///< SUCCESS only, as are the two around it
  std::array<std::uint8_t, 32> pair_key{};  ///< a secret
};

Parsed<Subscribe> parse_subscribe(const Packet& packet);
Parsed<Suback> parse_suback(const Packet& packet);

/// Each writes a whole inner packet. @returns its size, or 0 when it does not fit or a field is out
/// of its range.
std::size_t encode(const Subscribe& packet, MutableByteView out);
std::size_t encode(const Suback& packet, MutableByteView out);

}  // namespace espial::wire
