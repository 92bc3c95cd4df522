#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "hub/mqtt/packet.hpp"

// Appends packets to a buffer. Texts and binaries of more than 65 535 bytes are the caller's to
// refuse beforehand.
namespace espial::mqtt {

void encode(const Connect& packet, std::vector<std::uint8_t>& output);
void encode(const Connack& packet, std::vector<std::uint8_t>& output);
/// `packet_id` counts only for QoS 1 and 2.
void encode(const Message& message, std::uint16_t packet_id, std::vector<std::uint8_t>& output);
void encode(const Ack& packet, std::vector<std::uint8_t>& output);
void encode(const SubscribeAck& packet, std::vector<std::uint8_t>& output);
void encode(const Disconnect& packet, std::vector<std::uint8_t>& output);

/// At least one subscription.
///     82 rl  packet id, 2 | properties | (filter | options)...    options: retain handling 30, as
///     published 8, no local 4, qos 3
void encode_subscribe(std::uint16_t packet_id, std::span<const Subscription> subscriptions,
                      std::vector<std::uint8_t>& output);
/// At least one filter.
///     A2 rl  packet id, 2 | properties | filter...
void encode_unsubscribe(std::uint16_t packet_id, std::span<const std::string_view> filters,
                        std::vector<std::uint8_t>& output);
/// PINGREQ (`C0 00`) or PINGRESP (`D0 00`).
void encode_ping(PacketType type, std::vector<std::uint8_t>& output);

/// Upper bound of an encoded message's bytes, to be compared with limits before encoding.
std::uint64_t encoded_bytes_at_most(const Message& message);

}  // namespace espial::mqtt
