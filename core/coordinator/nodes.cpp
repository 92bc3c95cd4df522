// Nodes as people see them: named, forgotten, gone silent; and as they come back from the store.

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/base/utf8.hpp"
#include "core/coordinator/coordinator.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::coordinator {

static_assert(kMaxName == wire::kMaxNameSize);

bool Coordinator::set_config(Instant now, const MacAddress& mac, std::string_view name,
                             std::uint16_t report_interval_s) {
  if (!apply_config(mac, name, report_interval_s)) return false;
  NodeEntry& node = *nodes_.find(mac);
  node.config_sends = kConfigSends;
  if (node.session.valid() && node.has_gateway) schedule_ack(now, node);
  return true;
}

bool Coordinator::apply_config(const MacAddress& mac, std::string_view name,
                               std::uint16_t report_interval_s) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr || !is_utf8(name)) return false;
  if (!node->config.name.assign(utf8_prefix(name, kMaxName))) return false;
  node->config.report_interval_s = report_interval_s;
  return node->config.configuration_id == 0 ||
         apply_configuration(*node, node->config.configuration);
}

bool Coordinator::forget(Instant now, const MacAddress& mac) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr || node->forgetting) return false;
  PendingCommit* const commit = pending_.begin(PendingCommit::What::kForgotten, mac, kNone);
  if (commit == nullptr) return false;
  say_end(now, *node, wire::EndReason::kRevoked);
  node->forgetting = true;
  FormerKeys keys = former_keys(*node);
  ports_.ledger.commit_forgotten(pending_.ticket_of(*commit), mac, keys);
  wipe(keys);
  return true;
}

void Coordinator::on_forgotten(const PendingCommit& commit, bool ok) {
  NodeEntry* const node = nodes_.find(commit.mac);
  if (node == nullptr) return;
  if (!ok) {
    node->forgetting = false;
    return;
  }
  FormerKeys keys = former_keys(*node);
  keep_former(node->mac, keys);
  wipe(keys);
  remove_node(*node);
  ports_.events.on_node_left(commit.mac);
}

void Coordinator::remove_node(NodeEntry& node) {
  const std::uint32_t index = index_of(node);
  for (CommandEntry& entry : commands_.entries()) {
    if (!entry.used || entry.node != index || !entry.sent) continue;
    send_down(entry.gateway, node.mac, DownClass::kClear, {}, entry.id, 0);
  }
  commands_.remove_all(index);
  end_session(node);
  if (node.module.value != 0) node_of_module_[node.module.value] = kNone;
  wipe(node.key);
  wipe(node.pending_key);
  nodes_.remove(node);
}

void Coordinator::on_gateway_lost(Instant now, const MacAddress& gateway) {
  (void)now;
  for (NodeEntry* node = nodes_.newest(); node != nullptr; node = nodes_.older(*node)) {
    if (!node->has_gateway || node->gateway != gateway) continue;
    node->has_gateway = false;
    go_offline(*node, OfflineReason::kGatewayLost);
  }
}

std::uint32_t Coordinator::interval_s(const NodeEntry& node) {
  const std::uint32_t slept_s = node.sleeps ? node.rhythm.usual_pause_s() : 0;
  return std::max<std::uint32_t>(node.config.report_interval_s, slept_s);
}

Duration Coordinator::silence_limit(const NodeEntry& node) const {
  return std::max(config_.offline_after, Duration::seconds(3) * interval_s(node));
}

void Coordinator::sweep(Instant now) {
  sweep_at_ = now + kSweepPeriod;
  for (NodeEntry* node = nodes_.newest(); node != nullptr; node = nodes_.older(*node)) {
    if (node->online && now - node->heard_at >= silence_limit(*node)) {
      go_offline(*node, OfflineReason::kSilent);
    }
    if (node->ack_wanted && !node->reserving) reserve_counters(*node, kNone);
  }
  expire_commands(now);
}

bool Coordinator::restore_node(const NodeRecord& record) {
  keep_former(record.mac, record.former);
  if (record.former.key && !record.key && !record.pending_key) return true;
  // Place 0 stays empty: it is for all who have no short name.
  const bool sane = (record.key || record.pending_key) &&
                    node_of_module_[record.module.value] == kNone &&
                    nodes_.find(record.mac) == nullptr;
  NodeEntry* const node = sane ? nodes_.add(record.mac) : nullptr;
  if (node == nullptr) return false;
  give_module(*node, record.module);
  node->key = record.key;
  node->pending_key = record.pending_key;
  node->pending_committed = record.pending_key.has_value();
  node->recorded = true;
  node->revoked = record.revoked;
  node->next_command = std::max<std::uint32_t>(record.next_command, 1);
  return true;
}

bool Coordinator::restore_session(const SessionRecord& record) {
  NodeEntry* const node = nodes_.find(record.mac);
  if (node == nullptr || node->revoked) return false;
  const std::optional<session::Session> loaded =
      session::Session::load(ports_.crypto, record.state);
  const bool sane =
      loaded && loaded->side() == session::Side::kCoordinator && loaded->server() == config_.server;
  if (!sane) return false;
  node->session = *loaded;
  node->session_recorded = true;
  // A session is recorded once a frame of it has opened, which proves the key: the commit that
  // would have said so came to nothing.
  if (!node->key) {
    node->key = node->pending_key;
    wipe(node->pending_key);
    node->pending_committed = false;
  }
  node->stream_id = record.stream_id;
  const session::ReplayWindow& window = node->session.receive_window();
  const std::optional<std::uint64_t> highest = record.highest_uplink_counter;
  if (highest && (window.empty() || *highest > window.highest())) {
    node->session.restart_receive_after(*highest);
  }
  node->config_sends = kConfigSends;
  return true;
}

bool Coordinator::restore_stream(const MacAddress& mac, std::uint32_t stream_id, bool events,
                                 const StreamProgress& progress) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr) return false;
  // A revoked node has no session that says which ring it has, and may be found again.
  if (!node->session.valid() && node->stream_id == 0) node->stream_id = stream_id;
  if (node->stream_id != stream_id) return false;
  Stream& stream = node->streams[events ? 1 : 0];
  ByteReader reader(progress);
  stream.window.load(reader);
  stream.handed = stream.window;
  return true;
}

bool Coordinator::restore_command(Instant now, const CommandRecord& record) {
  NodeEntry* const node = nodes_.find(record.mac);
  const bool sane = node != nullptr && record.state == CommandState::kQueued && record.id != 0 &&
                    record.value.size() <= kMaxCommandValue && wire::valid_slot(record.slot) &&
                    wire::valid_kind(record.kind) &&
                    node->commands_outstanding < kMaxCommandsPerNode &&
                    commands_.find(index_of(*node), record.id) == nullptr;
  CommandEntry* const entry = sane ? commands_.add(index_of(*node), record.id) : nullptr;
  if (entry == nullptr) return false;
  ++node->commands_outstanding;
  node->next_command = std::max(node->next_command, record.id + 1);
  entry->committed = true;
  entry->may_have_run = true;
  entry->slot = record.slot;
  entry->kind = record.kind;
  entry->value_size = static_cast<std::uint8_t>(record.value.size());
  std::copy(record.value.begin(), record.value.end(), entry->value.begin());
  entry->expiry_s = record.expiry_s;
  entry->backoff = kCommandBackoffFirst;
  if (sweep_at_ == kNever) sweep_at_ = now + kSweepPeriod;
  return true;
}

bool Coordinator::restore_config(const MacAddress& mac, std::string_view name,
                                 std::uint16_t report_interval_s) {
  return apply_config(mac, name, report_interval_s);
}

}  // namespace espial::coordinator
