#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "hub/mqtt/counters.hpp"
#include "hub/mqtt/packet.hpp"

namespace espial::mqtt {

/// Why a message could not be taken for publishing.
enum class PublishError : std::uint8_t {
  kNone = 0,
  kQueueFull,     ///< the outbox has its limit of messages or bytes; try when some are acknowledged
  kNotConnected,  ///< QoS 0 only: there is nobody to send it to
  kBadTopic,      ///< empty, too long, not UTF-8, or with a wildcard
  kBadText,       ///< a user property that is too long or not UTF-8
  kTooLarge,      ///< larger than this broker takes, or than a packet can be
  kNotSupported,  ///< QoS 0 only: to be retained, and this broker doesn't
};

/// Words for a log.
std::string_view publish_error_text(PublishError error);

/// The broker's word on a published message: for QoS 1 and 2 its reason code, a refusal from 0x80;
/// for QoS 0 kSuccess as soon as it is written.
using PublishDone = std::function<void(Reason)>;

struct OutboxLimits {
  std::uint32_t max_count = 20000;
  std::uint64_t max_bytes = 16 * 1024 * 1024;  ///< of encoded packets
};

/// What CONNACK said about messages to the broker.
struct BrokerLimits {
  bool session_present = false;
  std::uint16_t receive_maximum = 65535;
  std::uint32_t max_packet_bytes = 0;  ///< 0: none stated
  Qos maximum_qos = Qos::kExactlyOnce;
  bool retain_available = true;
};

/// The messages of QoS 1 and 2 on their way to the broker, in order, over all connections.
///
/// Packet identifiers follow from a message's place in the order (1..60000, round and round), so an
/// acknowledgement finds its message without a search; those above are for SUBSCRIBE.
class Outbox {
 public:
  static constexpr std::uint16_t kPacketIds = 60000;

  /// Hears of every message that the broker refused.
  using Refused = std::function<void(std::string_view topic, Reason reason)>;

  Outbox(OutboxLimits limits, std::uint16_t first_packet_id, Counters& counters, Refused refused);

  /// Takes a message whose topic has been checked. Only kNone, kQueueFull and kTooLarge.
  [[nodiscard]] PublishError add(Instant now, const Message& message, PublishDone done);

  /// A connection is up. If the broker has kept the session, what was sent is sent again
  /// with DUP and what was half done goes on; otherwise everything is sent as new. What waited for
  /// this connection has so much less of its lifetime left, as if it had waited at the broker.
  void connection_up(Instant now, const BrokerLimits& broker);
  void connection_lost();

  /// True when `send` would write something.
  bool may_send() const;
  /// Writes what the broker's Receive Maximum permits, until `output` holds `max_output_bytes`.
  /// Messages that this broker can't take are refused with the reason that it would give.
  void send(std::vector<std::uint8_t>& output, std::size_t max_output_bytes);

  /// PUBACK, PUBREC or PUBCOMP. Writes PUBREL where one is due. False when it fits nothing sent.
  /// A completed message's `done` has been called when this returns.
  bool on_ack(const Ack& ack, std::vector<std::uint8_t>& output);

  std::size_t count() const { return live_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  enum class Stage : std::uint8_t { kWaiting, kSent, kReleased, kDone };
  struct Entry {
    std::vector<std::uint8_t> packet;  ///< as it is sent, identifier included
    PublishDone done;
    Instant added_at;
    std::uint32_t lifetime_s = 0;  ///< 0: for ever
    Qos qos = Qos::kAtLeastOnce;
    Stage stage = Stage::kWaiting;
    bool sent_before = false;
  };

  std::uint16_t packet_id_at(std::size_t index) const;
  /// The place of a message sent on this connection; `entries_.size()` when there is none.
  std::size_t find(std::uint16_t packet_id) const;
  void finish(std::size_t index, Reason reason);
  Reason refusal(const Entry& entry) const;
  void write_packet(Entry& entry, std::vector<std::uint8_t>& output);

  OutboxLimits limits_;
  Counters& counters_;
  Refused refused_;
  std::deque<Entry> entries_;
  std::uint16_t front_packet_id_;
  std::size_t cursor_ = 0;  ///< the first entry not yet sent on this connection
  std::size_t live_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint32_t quota_ = 0;
  BrokerLimits broker_;
  bool connected_ = false;
};

}  // namespace espial::mqtt
