#include "hub/mqtt/inbox.hpp"

#include <algorithm>
#include <bit>

#include "hub/mqtt/encode.hpp"

namespace espial::mqtt {

Inbox::Inbox(std::uint16_t receive_maximum, Counters& counters)
    : slots_(std::bit_ceil(static_cast<std::size_t>(receive_maximum))),
      mask_(slots_.size() - 1),
      limit_(receive_maximum),
      counters_(counters) {}

Inbox::Arrival Inbox::arrive(const Publish& publish, Ticket& ticket,
                             std::vector<std::uint8_t>& output) {
  if (size() >= limit_) return Arrival::kTooMany;
  if (publish.qos == Qos::kExactlyOnce) {
    const auto known = exactly_.find(publish.packet_id);
    // Not marked as sent before and yet in use since an earlier connection: the broker has
    // forgotten that message (it crashed and came back with an older state), so this is another
    // one.
    const bool another =
        known != exactly_.end() && !publish.duplicate && known->second.slot < connection_start_;
    if (known != exactly_.end() && !another) {
      const std::uint64_t arrival = push(publish);
      known->second.slot = arrival;
      if (known->second.recorded) complete(arrival, Reason::kSuccess, output);
      return Arrival::kDuplicate;
    }
    exactly_[publish.packet_id] = {.handed_out = next_, .slot = next_, .recorded = false};
  }
  ticket = {.arrival = push(publish), .packet_id = publish.packet_id, .qos = publish.qos};
  return Arrival::kNew;
}

std::uint64_t Inbox::push(const Publish& publish) {
  slot(next_) = {.packet_id = publish.packet_id, .qos = publish.qos};
  return next_++;
}

bool Inbox::acknowledge(Ticket ticket, Reason reason, std::vector<std::uint8_t>& output) {
  if (ticket.qos != Qos::kExactlyOnce) return complete(ticket.arrival, reason, output);
  const auto known = exactly_.find(ticket.packet_id);
  if (known == exactly_.end() || known->second.handed_out != ticket.arrival) return false;
  if (known->second.recorded) return false;
  known->second.recorded = true;
  const std::uint64_t arrival = known->second.slot;
  // A refusal frees the identifier at once: no PUBREL follows it.
  if (is_failure(reason)) exactly_.erase(known);
  // Without the slot the connection was lost in between, and the broker will ask again.
  complete(arrival, reason, output);
  return true;
}

bool Inbox::complete(std::uint64_t arrival, Reason reason, std::vector<std::uint8_t>& output) {
  if (arrival < head_ || arrival >= next_ || slot(arrival).done) return false;
  slot(arrival).done = true;
  slot(arrival).reason = reason;
  for (; head_ < next_ && slot(head_).done; ++head_) {
    const Slot& due = slot(head_);
    const PacketType type =
        due.qos == Qos::kExactlyOnce ? PacketType::kPubrec : PacketType::kPuback;
    encode(Ack{.type = type, .packet_id = due.packet_id, .reason = due.reason}, output);
    ++counters_.acknowledged;
  }
  return true;
}

bool Inbox::give_back(Ticket ticket) {
  std::uint64_t arrival = ticket.arrival;
  if (ticket.qos == Qos::kExactlyOnce) {
    const auto known = exactly_.find(ticket.packet_id);
    if (known == exactly_.end() || known->second.handed_out != ticket.arrival) return false;
    if (known->second.recorded) return false;
    arrival = known->second.slot;
    exactly_.erase(known);
  }
  if (arrival < head_ || arrival >= next_ || slot(arrival).done) return false;
  slot(arrival).given_back = true;
  return true;
}

bool Inbox::awaits_release() const {
  return std::any_of(exactly_.begin(), exactly_.end(), [this](const auto& entry) {
    return entry.second.recorded && entry.second.slot < head_;
  });
}

bool Inbox::release(std::uint16_t packet_id) { return exactly_.erase(packet_id) > 0; }

void Inbox::connection_lost() {
  head_ = next_;
  connection_start_ = next_;
}

void Inbox::session_lost() { exactly_.clear(); }

}  // namespace espial::mqtt
