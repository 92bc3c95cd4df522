#pragma once

#include <cstdint>

namespace espial::mqtt {

/// Everything a client counts, since it was made.
struct Counters {
  std::uint64_t connections = 0;       ///< CONNACKs that said yes
  std::uint64_t sessions_resumed = 0;  ///< of these, with the broker's session kept
  std::uint64_t connects_refused = 0;  ///< CONNACKs that said no
  std::uint64_t connection_failures =
      0;  ///< ended by time-out, violation, the broker's DISCONNECT or without a word
  std::uint64_t received = 0;            ///< messages handed to the application
  std::uint64_t received_bytes = 0;      ///< all bytes read
  std::uint64_t received_again = 0;      ///< of `received`, those marked as sent before
  std::uint64_t duplicates_dropped = 0;  ///< QoS 2 messages that the application already had
  std::uint64_t acknowledged = 0;        ///< PUBACKs and PUBRECs sent
  std::uint64_t given_back = 0;          ///< messages that the application had no room for
  std::uint64_t stale_tickets = 0;       ///< acknowledgements that came too late or twice
  std::uint64_t malformed = 0;           ///< packets that ended a connection
  std::uint64_t unknown_acks = 0;        ///< the broker's acknowledgements of nothing we know
  std::uint64_t published = 0;           ///< accepted by `publish`
  std::uint64_t publishes_acknowledged = 0;
  std::uint64_t publishes_refused = 0;  ///< by the broker
  std::uint64_t publishes_resent = 0;   ///< sent a second time on a later connection
  std::uint64_t queue_full = 0;         ///< `publish` said no for want of room
  std::uint64_t not_connected = 0;      ///< QoS 0 publishes while the broker was away
  std::uint64_t bad_messages = 0;       ///< `publish` said no: topic, size or QoS not possible
  std::uint64_t subscriptions_refused = 0;
  std::uint64_t sent_bytes = 0;
};

}  // namespace espial::mqtt
