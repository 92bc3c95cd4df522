#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "hub/mqtt/counters.hpp"
#include "hub/mqtt/packet.hpp"

namespace espial::mqtt {

/// The right to acknowledge one received message. A default one is void.
struct Ticket {
  std::uint64_t arrival = 0;  ///< counts the messages of all connections, from 1
  std::uint16_t packet_id = 0;
  Qos qos = Qos::kAtMostOnce;
};

/// The messages of QoS 1 and 2 that the application holds, and which QoS 2 packet identifiers are
/// in use. Acknowledgements leave in the order of arrival, whatever order the application gives
/// them in; so one message that is never acknowledged holds back all that came after it.
class Inbox {
 public:
  Inbox(std::uint16_t receive_maximum, Counters& counters);

  enum class Arrival : std::uint8_t {
    kNew,        ///< hand it to the application
    kDuplicate,  ///< QoS 2 that the application has or had; answered by itself when due
    kTooMany     ///< the broker ignores our Receive Maximum
  };
  /// A PUBLISH of QoS 1 or 2 came. `ticket` is set for kNew. A duplicate whose PUBREC is due at
  /// once is written to `output`.
  [[nodiscard]] Arrival arrive(const Publish& publish, Ticket& ticket,
                               std::vector<std::uint8_t>& output);

  /// Marks a message as the application's and writes all acknowledgements that are due to `output`.
  /// Returns false for a ticket that is void, stale or used before.
  bool acknowledge(Ticket ticket, Reason reason, std::vector<std::uint8_t>& output);

  /// Forgets a message that the application could not take, so that the broker's copy of it is news
  /// again. True when this connection has to end for it: the copy comes only on another one.
  [[nodiscard]] bool give_back(Ticket ticket);
  /// All that arrived before a message that was given back is answered, and it is in the way.
  bool blocked() const { return head_ < next_ && slots_[head_ & mask_].given_back; }

  /// A PUBREL came: the identifier is free again. False when it was not in use.
  bool release(std::uint16_t packet_id);

  /// The connection is gone: all tickets of QoS 1 are stale; what is known of QoS 2 stays.
  void connection_lost();
  /// The broker has no session: nothing of before can come again.
  void session_lost();

  /// QoS 2 messages were answered with PUBREC and the broker's PUBREL is still to come.
  bool awaits_release() const;

  std::size_t size() const { return static_cast<std::size_t>(next_ - head_); }

 private:
  struct Slot {
    std::uint16_t packet_id = 0;
    Qos qos = Qos::kAtMostOnce;
    bool done = false;
    bool given_back = false;
    Reason reason = Reason::kSuccess;
  };
  /// What is known of a QoS 2 identifier between its PUBLISH and its PUBREL.
  struct Exactly {
    std::uint64_t handed_out = 0;  ///< the arrival whose ticket the application was given
    std::uint64_t slot = 0;        ///< the latest arrival, the one to be answered
    bool recorded = false;         ///< the application has acknowledged it
  };

  Slot& slot(std::uint64_t arrival) { return slots_[arrival & mask_]; }
  bool complete(std::uint64_t arrival, Reason reason, std::vector<std::uint8_t>& output);
  std::uint64_t push(const Publish& publish);

  std::vector<Slot> slots_;  ///< a ring, indexed by arrival
  std::uint64_t mask_;
  std::uint64_t limit_;
  std::uint64_t head_ = 1;  ///< oldest arrival not yet answered
  std::uint64_t next_ = 1;  ///< the next arrival's number
  std::uint64_t connection_start_ = 1;
  Counters& counters_;
  std::unordered_map<std::uint16_t, Exactly> exactly_;
};

}  // namespace espial::mqtt
