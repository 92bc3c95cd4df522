// Commands: committed before they are sent, sent again until they end or expire.

#include <algorithm>

#include "core/coordinator/coordinator.hpp"
#include "core/wire/command.hpp"
#include "core/wire/reading.hpp"

namespace espial::coordinator {

namespace {

CommandState state_of(wire::Outcome outcome) {
  switch (outcome) {
    case wire::Outcome::kExecuted:
      return CommandState::kExecuted;
    case wire::Outcome::kRefused:
      return CommandState::kRefused;
    case wire::Outcome::kExpired:
      return CommandState::kExpired;
  }
  return CommandState::kRefused;
}

CommandRecord record_of(const MacAddress& mac, const CommandEntry& entry) {
  CommandRecord record;
  record.mac = mac;
  record.id = entry.id;
  record.slot = entry.slot;
  record.kind = entry.kind;
  record.value = {entry.value.data(), entry.value_size};
  record.expiry_s = entry.expiry_s;
  record.state = entry.state;
  return record;
}

}  // namespace

CommandTicket Coordinator::command(Instant now, const MacAddress& mac, std::uint8_t slot,
                                   std::uint8_t kind, ByteView value, std::uint32_t expiry_s) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr || !node->key || node->forgetting) return {CommandStatus::kUnknownNode};
  if (node->revoked) return {CommandStatus::kRevoked};
  if (!wire::valid_slot(slot) || !wire::valid_kind(kind) || value.size() > kMaxCommandValue) {
    return {CommandStatus::kBadValue};
  }
  const UnixTime time = unix_time(now);
  if (expiry_s != 0 && time.known() && std::int64_t{expiry_s} * 1000 <= time.ms) {
    return {CommandStatus::kAlreadyOver};
  }
  if (node->commands_outstanding >= kMaxCommandsPerNode) return {CommandStatus::kTooMany};
  if (pending_.free_commits() == 0) return {CommandStatus::kBusy};
  CommandEntry* const entry = commands_.add(index_of(*node), node->next_command);
  if (entry == nullptr) return {CommandStatus::kBusy};
  ++node->next_command;
  ++node->commands_outstanding;
  entry->slot = slot;
  entry->kind = kind;
  entry->value_size = static_cast<std::uint8_t>(value.size());
  std::copy(value.begin(), value.end(), entry->value.begin());
  entry->expiry_s = expiry_s;
  entry->backoff = kCommandBackoffFirst;
  if (sweep_at_ == kNever) sweep_at_ = now + kSweepPeriod;

  PendingCommit* const commit = pending_.begin(PendingCommit::What::kCommandQueued, mac, kNone);
  commit->command = entry->id;
  ports_.ledger.commit_command(pending_.ticket_of(*commit), record_of(mac, *entry));
  return {CommandStatus::kOk, entry->id};
}

void Coordinator::on_command_end(FrameContext& context, const wire::Packet& packet) {
  NodeEntry& node = context.node;
  const wire::Parsed<wire::CommandEnd> end = wire::parse_command_end(packet);
  if (!end) {
    refuse_frame(&node, Count::kNotSane, Grade::kNotSane);
    return;
  }
  CommandEntry* const entry = commands_.find(index_of(node), end->id);
  if (entry == nullptr || !entry->committed) {
    counters_.add(Count::kUnknownCommand);
    // Over already, and yet someone still brings it to the node.
    send_down(context.frame.gateway, node.mac, DownClass::kClear, {}, end->id, 0);
    return;
  }
  entry->said = state_of(end->outcome);
  end_command(node, *entry, entry->said, context.flight);
}

/// By its node's own word, if that came: only the store of it may have failed. Those of a node that
/// is being forgotten end with it: nothing of it may be stored behind that.
void Coordinator::expire_command(NodeEntry& node, CommandEntry& entry) {
  if (node.forgetting) return;
  const bool known = entry.said != CommandState::kQueued;
  end_command(node, entry, known ? entry.said : CommandState::kExpired, kNone);
}

void Coordinator::end_command(NodeEntry& node, CommandEntry& entry, CommandState state,
                              std::uint32_t flight) {
  if (entry.ending) return;
  PendingCommit* const commit =
      pending_.begin(PendingCommit::What::kCommandEnded, node.mac, flight);
  if (commit == nullptr) {
    counters_.add(Count::kBusy);
    return;
  }
  commit->command = entry.id;
  entry.ending = true;
  entry.state = state;
  entry.next_send = kNever;
  ports_.ledger.commit_command(pending_.ticket_of(*commit), record_of(node.mac, entry));
}

void Coordinator::on_command_committed(Instant now, const PendingCommit& commit, bool ok) {
  NodeEntry* const node = nodes_.find(commit.mac);
  if (node == nullptr) return;
  CommandEntry* const entry = commands_.find(index_of(*node), commit.command);
  if (entry == nullptr) return;
  if (commit.what == PendingCommit::What::kCommandQueued) {
    if (!ok) {
      remove_command(*node, *entry);
      ports_.events.on_command_ended(commit.mac, commit.command, CommandState::kRefused);
      return;
    }
    entry->committed = true;
    send_command(now, *entry);
    return;
  }
  if (!ok) {
    entry->ending = false;
    entry->state = CommandState::kQueued;
    arm(*entry, now + entry->backoff);
    return;
  }
  counters_.add(Count::kCommandsEnded);
  if (entry->sent) {
    send_down(entry->gateway, node->mac, DownClass::kClear, {}, entry->id, 0);
  }
  const CommandState state = entry->state;
  remove_command(*node, *entry);
  ports_.events.on_command_ended(commit.mac, commit.command, state);
}

void Coordinator::send_command(Instant now, CommandEntry& entry) {
  entry.next_send = kNever;
  if (!entry.committed || entry.ending) return;
  NodeEntry& node = *nodes_.at(entry.node);
  const UnixTime time = unix_time(now);
  std::uint32_t expires_s = 0;
  if (entry.expiry_s != 0 && time.known()) {
    const std::int64_t left_s = std::int64_t{entry.expiry_s} - time.ms / 1000;
    if (left_s <= 0) {
      if (is_over(now, entry)) expire_command(node, entry);
      return;
    }
    expires_s = static_cast<std::uint32_t>(left_s);
  }
  if (!can_send(now, node)) {
    // Heard, or counters reserved: either wakes it.
    entry.sent = false;
    return;
  }
  std::array<std::uint8_t, wire::sealed_room(kMaxBodyV1)> buffer;
  wire::PacketsBuilder packets(buffer);
  wire::Command command;
  command.id = entry.id;
  command.expiry_s = entry.expiry_s;
  command.reading = {entry.slot, entry.kind, {entry.value.data(), entry.value_size}};
  // The time goes first: a node that knows none lets no command expire.
  if (!append_time(now, packets) || !packets.append(command)) return;
  if (entry.sent && entry.gateway != node.gateway) {
    send_down(entry.gateway, node.mac, DownClass::kClear, {}, entry.id, 0);
  }
  if (!send_sealed(now, node, packets.bytes(), DownClass::kCommand, entry.id, expires_s)) return;
  counters_.add(Count::kCommandsSent);
  entry.sent = true;
  entry.may_have_run = true;
  entry.gateway = node.gateway;
  entry.sent_at = now;
  entry.resend_after = now + entry.backoff;
  entry.backoff = std::min(entry.backoff * 2, kCommandBackoffMost);
  // Its gateway keeps a sleeper's command; a listener that missed it gets it again in time.
  if (node.listening) arm(entry, entry.resend_after);
}

void Coordinator::remove_command(NodeEntry& node, CommandEntry& entry) {
  commands_.remove(entry);
  --node.commands_outstanding;
}

void Coordinator::wake_commands(Instant now, const NodeEntry& node) {
  for (CommandEntry& entry : commands_.entries()) {
    if (!entry.used || entry.node != index_of(node) || !entry.committed || entry.ending) continue;
    if (!entry.sent || entry.gateway != node.gateway) {
      arm(entry, now);
    } else if (entry.next_send != kNever) {
      const Instant heard_at = std::max(now + kCommandSettle, entry.sent_at + kCommandAgainHeard);
      if (heard_at < entry.next_send) arm(entry, heard_at);
    } else if (entry.resend_after <= now) {
      arm(entry, now + kCommandSettle);
    }
  }
}

void Coordinator::arm(CommandEntry& entry, Instant at) {
  entry.next_send = at;
  if (at < command_timer_) command_timer_ = at;
}

void Coordinator::run_commands(Instant now) {
  command_timer_ = kNever;
  for (CommandEntry& entry : commands_.entries()) {
    if (entry.used && entry.next_send <= now) send_command(now, entry);
    if (entry.used && entry.next_send < command_timer_) command_timer_ = entry.next_send;
  }
}

void Coordinator::expire_commands(Instant now) {
  for (CommandEntry& entry : commands_.entries()) {
    if (!entry.used || !entry.committed) continue;
    NodeEntry& node = *nodes_.at(entry.node);
    // A revoked module's have ended already, but for those whose end was not stored.
    const bool over = node.revoked || is_over(now, entry);
    if (over) expire_command(node, entry);
  }
}

/// Its node does not run it any more, and nothing that it said in time is still on its way.
bool Coordinator::is_over(Instant now, const CommandEntry& entry) const {
  const UnixTime time = unix_time(now);
  if (entry.expiry_s == 0 || !time.known()) return false;
  const Duration grace = entry.may_have_run ? kCommandEndGrace : Duration{};
  return std::int64_t{entry.expiry_s} * 1000 + grace.ms() <= time.ms;
}

}  // namespace espial::coordinator
