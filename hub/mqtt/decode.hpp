#pragma once

#include <cstddef>
#include <cstdint>

#include "hub/mqtt/packet.hpp"

// Reads packets in place: nothing is copied, every view points into the bytes given.
namespace espial::mqtt {

/// One packet, cut out of a stream.
struct Frame {
  PacketType type{};
  std::uint8_t flags = 0;  ///< the low nibble of the first byte
  ByteView body;           ///< everything behind the length
  std::size_t bytes = 0;   ///< of the whole packet
};

enum class FrameStatus : std::uint8_t {
  kComplete,
  kIncomplete,  ///< right so far; `frame.bytes` is its size if that is known, else 0
  kMalformed,   ///< type 0, flags that the type doesn't have, or a length that is none
  kTooLarge     ///< more than `max_packet_bytes`
};

/// Looks at the front of a stream.
[[nodiscard]] FrameStatus next_frame(ByteView stream, std::uint32_t max_packet_bytes, Frame& frame);

// Each of the following returns kSuccess, or with which reason the connection is to be ended:
// kMalformedPacket, kProtocolError, or a more exact one. What `packet` holds then means nothing.

[[nodiscard]] Reason decode(const Frame& frame, Connect& packet);
[[nodiscard]] Reason decode(const Frame& frame, Connack& packet);
/// Topic aliases are refused: we never offer any.
[[nodiscard]] Reason decode(const Frame& frame, Publish& packet);
[[nodiscard]] Reason decode(const Frame& frame, Ack& packet);
[[nodiscard]] Reason decode(const Frame& frame, SubscribeAck& packet);
[[nodiscard]] Reason decode(const Frame& frame, Disconnect& packet);

/// SUBSCRIBE or UNSUBSCRIBE; its lines are read one by one with `next_subscription`.
struct SubscribeRequest {
  PacketType type = PacketType::kSubscribe;
  std::uint16_t packet_id = 0;
  ByteView lines;  ///< validated
};
[[nodiscard]] Reason decode(const Frame& frame, SubscribeRequest& packet);
/// Takes a line from the front of `request.lines`; false when there is no more.
bool next_subscription(SubscribeRequest& request, Subscription& subscription);

}  // namespace espial::mqtt
