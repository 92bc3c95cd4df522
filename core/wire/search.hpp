#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

inline constexpr std::size_t kConnectSize = 10;
inline constexpr std::size_t kConnackSize = 22;
inline constexpr std::size_t kMovedSize = 16;
/// Bytes 0..17 of a CONNACK and 0..11 of a "channel moved" are under the tag that follows them.
inline constexpr std::size_t kConnackSignedSize = 18;
inline constexpr std::size_t kMovedSignedSize = 12;

using SearchNonce = std::array<std::uint8_t, 4>;
using DiscoveryTag = std::array<std::uint8_t, 4>;

/// CONNECT, plain, broadcast: "is there a gateway of this network on this channel?"
///
///     0    1    2       3        4             5    6       9
///    |10  |08  |server |version |capabilities |0   |nonce     |
struct Connect {
  ServerId server;
  bool long_bodies = false;       ///< bit 0: receives 1470-byte bodies
  bool always_listening = false;  ///< bit 1
  SearchNonce nonce{};            ///< random, new for every search
};

/// CONNACK, plain: a gateway's answer to a search. A hint: believe nothing of it before a frame of
/// the own session was opened.
///
///     0    1    2       3        4       5    6     7    8     13 14  17 18 21
///    |2c  |14  |server |version |channel|rssi|state|load|address |nonce |tag  |
struct Connack {
  bool success = false;  ///< c: 1 SUCCESS, 2 FAILURE (leads nowhere now)
  ServerId server;
  Channel channel;                      ///< the gateway's, 1..13
  std::optional<std::int8_t> rssi_dbm;  ///< at which the gateway heard the CONNECT; 0 = not known
  bool uplink_ready = false;            ///< state bit 0
  bool coordinator_alive = false;       ///< state bit 1
  bool long_bodies = false;             ///< state bit 2: receives 1470-byte bodies
  std::uint8_t load = 0;                ///< how busy it is, 0..255
  MacAddress address;                   ///< where to send to: the softAP's
  SearchNonce nonce{};                  ///< the CONNECT's
  DiscoveryTag tag{};
};

/// DISCONNECT, plain, broadcast by a gateway: "I move to another channel". A hint too.
///
///     0    1    2       3        4      5 6     11 12  15
///    |e1  |0e  |server |channel |after_ms|address |tag   |
struct Moved {
  ServerId server;
  Channel channel;  ///< the new one, 1..13
  std::uint16_t after_ms = 0;
  MacAddress address;  ///< the gateway's, as in its CONNACK
  DiscoveryTag tag{};
};

Parsed<Connect> parse_connect(ByteView body);
/// The tag is not checked: it is over body.subview(0, kConnackSignedSize).
Parsed<Connack> parse_connack(ByteView body);
/// The tag is not checked: it is over body.subview(0, kMovedSignedSize).
Parsed<Moved> parse_moved(ByteView body);

/// Each writes a whole body. @returns its size, or 0 when `out` is too small or a field is out of
/// its range. A signer encodes, computes the tag over the signed part and writes it behind.
std::size_t encode(const Connect& packet, MutableByteView out);
std::size_t encode(const Connack& packet, MutableByteView out);
std::size_t encode(const Moved& packet, MutableByteView out);

}  // namespace espial::wire
