#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"

/// What an `espial air` process and the radios that use it say to each other over loopback UDP.
/// The first byte names the message; integers are little-endian; a datagram is exactly as drawn.
///
///     ATTACH     'A' mac[6] second mac[6] channel max_body:2     radio -> air, again every second
///     CHANNEL    'C' channel                                     radio -> air
///     SEND       'S' id:2 destination[6] body...                 radio -> air
///     DETACH     'X'                                             radio -> air
///     ATTACHED   'a'                                             air -> radio
///     RECEIVED   'R' source[6] destination[6] rssi:1 channel body...   air -> radio
///     SENT       'D' id:2 acknowledged:1                         air -> radio
namespace espial::air_datagram {

struct Attach {
  MacAddress address;
  /// A softAP's own address; the same as `address` for a radio that has just one.
  MacAddress second_address;
  Channel channel;
  std::uint16_t max_body_size = 0;
};
struct SetChannel {
  Channel channel;
};
struct Send {
  std::uint16_t id = 0;
  MacAddress destination;
  ByteView body;
};
struct Detach {};
struct Attached {};
struct Received {
  MacAddress source;
  MacAddress destination;
  std::int8_t rssi_dbm = 0;
  Channel channel;
  ByteView body;
};
struct Sent {
  std::uint16_t id = 0;
  bool acknowledged = false;
};

using Message = std::variant<Attach, SetChannel, Send, Detach, Attached, Received, Sent>;

/// Longest datagram of this format.
inline constexpr std::size_t kMaxSize = 1 + 6 + 6 + 1 + 1 + 1470;

/// Reads one datagram; nothing when it is not exactly one of the messages above or a value is out
/// of range. `body` views point into `datagram`.
std::optional<Message> parse(ByteView datagram);

/// The bytes of `message`.
std::vector<std::uint8_t> encode(const Message& message);

}  // namespace espial::air_datagram
