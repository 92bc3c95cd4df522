#include "core/coordinator/coordinator.hpp"

#include <algorithm>

#include "core/crypto/discovery.hpp"

namespace espial::coordinator {

Coordinator::Coordinator(const Config& config, const Storage& storage, const Ports& ports)
    : config_(config),
      ports_(ports),
      discovery_key_(crypto::discovery_key(ports.crypto, config.network_key, config.server)),
      nodes_(storage.nodes),
      handshakes_(storage.handshakes),
      labels_(storage.labels),
      former_(storage.former),
      commands_(storage.commands),
      pending_(storage.pending, storage.frames),
      admission_(config.join_policy),
      long_buffers_(storage.long_packets.bytes, storage.long_packets.slots.size()),
      reassembler_(storage.long_packets.slots, long_buffers_),
      long_downs_(storage.long_packets.downs) {
  node_of_module_.fill(kNone);
}

bool Coordinator::on_uplink(Instant now, const UplinkFrame& frame, Token token) {
  check_lease(now);
  if (!owner_) {
    counters_.add(Count::kNotOwner);
    return false;
  }
  counters_.add(Count::kFrames);
  if (sweep_at_ == kNever) sweep_at_ = now + kSweepPeriod;
  const std::uint32_t flight = pending_.open_frame(token);
  if (flight == kNone) {
    counters_.add(Count::kBusy);
    ports_.ledger.finished(token);
    return true;
  }
  const std::optional<wire::PacketType> type = wire::peek_type(frame.body);
  if (frame.server != config_.server) {
    counters_.add(Count::kNotServed);
  } else if (frame.body.size() > kMaxBodyV2) {
    refuse_frame(nodes_.find(frame.mac), Count::kNotOurs, Grade::kNotOurs);
  } else if (type == wire::PacketType::kAuth) {
    on_auth(now, frame, flight);
  } else if (type == wire::PacketType::kSealed) {
    on_sealed(now, frame, flight);
  } else {
    const bool empty = frame.body.empty();
    refuse_frame(nodes_.find(frame.mac), empty ? Count::kTooShort : Count::kNotOurs,
                 empty ? Grade::kTooShort : Grade::kNotOurs);
  }
  Token finished = 0;
  if (pending_.release_frame(flight, finished)) ports_.ledger.finished(finished);
  return true;
}

void Coordinator::on_committed(Instant now, Ticket ticket, bool ok) {
  check_lease(now);
  PendingCommit* const found = pending_.find(ticket);
  if (found == nullptr) {
    counters_.add(Count::kUnknownTicket);
    return;
  }
  if (!ok) counters_.add(Count::kCommitsFailed);
  // Ended before it is handled: the handlers may look through what is still under way.
  const PendingCommit commit = *found;
  found->what = PendingCommit::What::kNothing;
  if (!ok && !commit.doomed) doom(commit.mac);
  switch (commit.what) {
    case PendingCommit::What::kNothing:
      break;
    case PendingCommit::What::kNode:
      on_node_committed(commit, ok);
      break;
    case PendingCommit::What::kSession:
      on_session_committed(now, commit, ok);
      break;
    case PendingCommit::What::kReport:
      on_report_committed(now, commit, ticket, ok);
      break;
    case PendingCommit::What::kCommandQueued:
    case PendingCommit::What::kCommandEnded:
      on_command_committed(now, commit, ok);
      break;
    case PendingCommit::What::kDescription:
      if (NodeEntry* const node = nodes_.find(commit.mac); node != nullptr && ok) {
        node->description_hash = commit.description_hash;
        ports_.events.on_description(commit.mac, ticket);
        answer_description(now, *node);
      }
      break;
    case PendingCommit::What::kForgotten:
      on_forgotten(commit, ok);
      break;
  }
  settle(*found);
  if (!ok) ask_again(commit);
}

void Coordinator::settle(PendingCommit& commit) {
  Token token = 0;
  if (pending_.end(commit, token)) ports_.ledger.finished(token);
}

void Coordinator::refuse_frame(NodeEntry* node, Count count, Grade grade) {
  counters_.add(count);
  if (node != nullptr) ++node->refused[static_cast<std::size_t>(grade)];
}

void Coordinator::on_timer(Instant now) {
  check_lease(now);
  if (!owner_) return;
  run_acks(now);
  if (command_timer_ <= now) run_commands(now);
  if (sweep_at_ <= now) sweep(now);
  run_long(now);
}

void Coordinator::set_lease(Instant now, Instant until) {
  lease_until_ = until;
  check_lease(now);
}

Instant Coordinator::next_timer() const {
  if (!owner_) return kNever;
  const Instant ack_at = first_ack_ == kNone ? kNever : nodes_.at(first_ack_)->ack_at;
  return std::min({ack_at, command_timer_, sweep_at_, long_timer()});
}

void Coordinator::set_time(Instant now, UnixTime time, std::int16_t zone_minutes) {
  time_set_at_ = now;
  time_ = time;
  zone_minutes_ = zone_minutes;
}

UnixTime Coordinator::unix_time(Instant now) const {
  if (!time_.known()) return {};
  return {time_.ms + (now - time_set_at_).ms()};
}

const NodeEntry* Coordinator::find(const MacAddress& mac) const { return nodes_.find(mac); }

std::size_t Coordinator::keyed(Span<MacAddress> out) const {
  std::size_t count = 0;
  for (const NodeEntry* node = nodes_.newest(); node != nullptr; node = nodes_.older(*node)) {
    if (!node->key) continue;
    if (count < out.size()) out[count] = node->mac;
    ++count;
  }
  std::sort(out.begin(), out.begin() + std::min(count, out.size()));
  return count;
}

std::optional<MacAddress> Coordinator::find_module(ModuleId module) const {
  const std::uint32_t index = node_of_module_[module.value];
  if (index == kNone) return std::nullopt;
  return nodes_.at(index)->mac;
}

}  // namespace espial::coordinator
