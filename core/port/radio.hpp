#pragma once

#include <cstddef>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/mac_address.hpp"

namespace espial {

/// The longest ESP-NOW body of version 1, which every chip understands.
inline constexpr std::size_t kMaxBodyV1 = 250;
/// The longest ESP-NOW body of version 2 (ESP-IDF 5.4.2 and later).
inline constexpr std::size_t kMaxBodyV2 = 1470;

/// A frame the radio heard. `body` is valid only during the call that hands it over.
struct ReceivedFrame {
  MacAddress source;
  /// Absent where the platform does not tell (ESP8266).
  std::optional<MacAddress> destination;
  /// Signal strength in dBm; absent where the platform does not tell (ESP8266).
  std::optional<std::int8_t> rssi_dbm;
  Channel channel;
  ByteView body;
};

/// One ESP-NOW radio.
///
///            send() == true
///   IDLE ---------------------> SENDING
///    ^                             |
///    +------- on_sent(now, ok) ----+
///
/// One frame is in flight at a time; while SENDING, send() answers false and the caller keeps its
/// frame. Nothing here calls back before it returns: heard frames and the end of a transmission
/// reach a role through its own on_frame() and on_sent(), later.
class Radio {
 public:
  virtual ~Radio() = default;

  /// Starts sending `body` (copied before return). A unicast is acknowledged by the peer's radio,
  /// which says nothing of the peer's program; a broadcast always ends with ok.
  /// @retval true   on_sent() will follow exactly once.
  /// @retval false  busy, or `body` is longer than max_body_size(): nothing was sent.
  [[nodiscard]] virtual bool send(const MacAddress& destination, ByteView body) = 0;

  /// A chip sends only to who has one of a few places in its table of peers: gives `destination`
  /// one, where it has none. A role that talks to more than a chip has places for keeps house by
  /// this and remove_peer(); a port without such a table leaves both as they are, and one for nodes
  /// may look after its one gateway by itself.
  /// @retval false  the table is full.
  [[nodiscard]] virtual bool add_peer(const MacAddress& destination) {
    (void)destination;
    return true;
  }
  virtual void remove_peer(const MacAddress& destination) { (void)destination; }

  /// Tunes to `channel`. A radio tied to a router's channel ignores it.
  virtual void set_channel(Channel channel) = 0;

  virtual Channel channel() const = 0;
  virtual MacAddress address() const = 0;
  /// kMaxBodyV1 or kMaxBodyV2.
  virtual std::size_t max_body_size() const = 0;
};

}  // namespace espial
