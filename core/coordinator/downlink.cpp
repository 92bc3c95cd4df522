// Sealed frames on their way down, and the counters they use up.

#include <algorithm>

#include "core/coordinator/coordinator.hpp"
#include "core/wire/acknowledgement.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::coordinator {

void Coordinator::schedule_ack(Instant now, NodeEntry& node) {
  if (node.ack_due) return;
  node.ack_due = true;
  node.ack_wanted = false;
  node.ack_at = now + kAckDelay;
  node.next_ack = kNone;
  const std::uint32_t index = index_of(node);
  if (last_ack_ == kNone) {
    first_ack_ = index;
  } else {
    nodes_.at(last_ack_)->next_ack = index;
  }
  last_ack_ = index;
}

void Coordinator::unlink_ack(NodeEntry& node) {
  if (!node.ack_due) return;
  const std::uint32_t index = index_of(node);
  std::uint32_t previous = kNone;
  for (std::uint32_t i = first_ack_; i != index; i = nodes_.at(i)->next_ack) previous = i;
  (previous == kNone ? first_ack_ : nodes_.at(previous)->next_ack) = node.next_ack;
  if (last_ack_ == index) last_ack_ = previous;
  node.ack_due = false;
}

void Coordinator::run_acks(Instant now) {
  while (first_ack_ != kNone && nodes_.at(first_ack_)->ack_at <= now) {
    NodeEntry& node = *nodes_.at(first_ack_);
    first_ack_ = node.next_ack;
    if (first_ack_ == kNone) last_ack_ = kNone;
    node.ack_due = false;
    send_ack(now, node);
  }
}

/// Everything the node should know, in one frame: an ack replaces the one before it, so each says
/// all of it.
void Coordinator::send_ack(Instant now, NodeEntry& node) {
  if (!can_send(now, node)) return;
  std::array<std::uint8_t, wire::sealed_room(kMaxBodyV1)> buffer;
  wire::PacketsBuilder packets(buffer);
  bool fits = append_time(now, packets);
  for (std::size_t i = 0; i < node.streams.size(); ++i) {
    if (!node.streams[i].heard) continue;
    const session::Acknowledgement known = node.streams[i].window.acknowledgement();
    wire::Stored stored;
    stored.stream = static_cast<wire::Stream>(i);
    stored.floor = static_cast<std::uint16_t>(known.floor);
    stored.bitmap = known.bitmap;
    fits = packets.append(stored) && fits;
  }
  append_fragack(node, packets);
  if (wants_assignment(now, node)) {
    fits = append_assignment(node, packets) && fits;
    node.config_said_at = now;
    node.confirmable_from = std::min(node.confirmable_from, now);
    if (node.config_sends != 0) --node.config_sends;
  }
  append_suback(node, packets);
  if (!fits || packets.empty()) return;
  ask_renewal(now, node, packets);
  (void)send_sealed(now, node, packets.bytes(), DownClass::kAck, 0, 0);
  ports_.crypto.wipe(buffer);
}

bool Coordinator::append_time(Instant now, wire::PacketsBuilder& packets) const {
  wire::PingResponse time;
  time.time = unix_time(now);
  time.zone_minutes = zone_minutes_;
  return packets.append(time);
}

/// True when a sealed frame can go down now. When only counters lack, they are asked for, and what
/// had to be said is said once they are there.
bool Coordinator::can_send(Instant now, NodeEntry& node) {
  check_lease(now);
  if (!owner_ || !node.session.valid()) return false;
  if (!node.has_gateway) {
    counters_.add(Count::kNoGateway);
    return false;
  }
  if (node.session.next_counter() < node.session.reserved_until()) return true;
  counters_.add(Count::kSilentForCounters);
  node.ack_wanted = true;
  reserve_counters(node, kNone);
  return false;
}

void Coordinator::send_down(const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
                            ByteView body, std::uint32_t command, std::uint32_t expires_s) {
  if (!owner_) return;
  if (down_class != DownClass::kClear) counters_.add(Count::kDownlinks);
  ports_.downlink.send(config_.server, gateway, mac, down_class, body, command, expires_s);
}

bool Coordinator::send_sealed(Instant now, NodeEntry& node, ByteView plaintext,
                              DownClass down_class, std::uint32_t command,
                              std::uint32_t expires_s) {
  std::array<std::uint8_t, kMaxBodyV1> body;
  const bool heard = now < node.answers_until;
  const auto answers = heard ? session::Listening::kYes : session::Listening::kNo;
  const session::Sealed sealed = node.session.seal(ports_.crypto, answers, plaintext, body);
  if (sealed.status != session::SealStatus::kOk) return false;
  send_down(node.gateway, node.mac, down_class, sealed.body, command, expires_s);
  const std::uint64_t left = node.session.reserved_until() - node.session.next_counter();
  if (left < kCounterLowWater) reserve_counters(node, kNone);
  return true;
}

/// Asks the ledger for a block of counters; none of them is used before it has them.
void Coordinator::reserve_counters(NodeEntry& node, std::uint32_t flight) {
  // What is stored of a module after it is forgotten would come back at the next start.
  if (node.reserving || node.forgetting || !node.session.valid()) return;
  PendingCommit* const commit = pending_.begin(PendingCommit::What::kSession, node.mac, flight);
  if (commit == nullptr) {
    counters_.add(Count::kBusy);
    return;
  }
  node.reserving = true;
  node.session_recorded = true;
  commit->session_round = node.session_round;
  commit->reserve_limit =
      std::max(node.session.next_counter(), node.session.reserved_until()) + kCounterBlock;
  session::Session ahead = node.session;
  ahead.reserve(commit->reserve_limit);
  SessionRecord record;
  record.mac = node.mac;
  record.stream_id = node.stream_id;
  record.state = ahead.save(ports_.crypto);
  ports_.ledger.commit_session(pending_.ticket_of(*commit), record);
  ahead.wipe(ports_.crypto);
  ports_.crypto.wipe(record.state);
}

void Coordinator::on_session_committed(Instant now, const PendingCommit& commit, bool ok) {
  NodeEntry* const node = nodes_.find(commit.mac);
  const bool same = node != nullptr && node->session.valid() &&
                    node->session_round == commit.session_round && node->reserving;
  if (!same) return;
  node->reserving = false;
  if (!ok) {
    node->session_recorded = false;
    if (owner_) reserve_counters(*node, kNone);
    return;
  }
  node->session.reserve(commit.reserve_limit);
  if (node->ack_wanted) schedule_ack(now, *node);
  if (node->commands_outstanding != 0) wake_commands(now, *node);
}

}  // namespace espial::coordinator
