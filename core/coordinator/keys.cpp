// Whose keys are good: labels, revoked modules, changed keys.

#include "core/coordinator/coordinator.hpp"
#include "core/crypto/discovery.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::coordinator {

bool Coordinator::add_label(const MacAddress& mac, const Key& key) {
  const NodeEntry* const node = nodes_.find(mac);
  if (node != nullptr && node->key) return false;
  LabelEntry* label = labels_.find(mac);
  if (label == nullptr) label = labels_.add(mac);
  if (label == nullptr) return false;
  label->key = key;
  return true;
}

void Coordinator::remove_label(const MacAddress& mac) {
  LabelEntry* const label = labels_.find(mac);
  if (label == nullptr) return;
  ports_.crypto.wipe(label->key);
  labels_.remove(*label);
}

/// A node that has not proved its key yet takes anybody's word: only what it had before counts.
FormerKeys Coordinator::former_keys(const NodeEntry& node) const {
  if (node.key) return {node.key, node.pending_key};
  const FormerEntry* const entry = former_.find(node.mac);
  return entry == nullptr ? FormerKeys{} : entry->keys;
}

void Coordinator::wipe(std::optional<NodeKey>& key) {
  if (key) ports_.crypto.wipe(key->key);
  key.reset();
}

void Coordinator::wipe(FormerKeys& keys) {
  wipe(keys.key);
  wipe(keys.pending_key);
}

void Coordinator::keep_former(const MacAddress& mac, const FormerKeys& keys) {
  FormerKeys kept = keys;  // they may be those of the entry that goes
  forget_former(mac);
  if (kept.key && former_.capacity() != 0) {
    if (former_.full()) forget_former(former_.oldest()->mac);
    former_.add(mac)->keys = kept;
  }
  wipe(kept);
}

void Coordinator::forget_former(const MacAddress& mac) {
  FormerEntry* const entry = former_.find(mac);
  if (entry == nullptr) return;
  wipe(entry->keys);
  former_.remove(*entry);
}

const Key* Coordinator::find_former(const MacAddress& mac, const wire::AuthHeader& header) const {
  const FormerEntry* const entry =
      header.key_id == wire::KeyId::kNode ? former_.find(mac) : nullptr;
  if (entry == nullptr) return nullptr;
  for (const std::optional<NodeKey>* key : {&entry->keys.key, &entry->keys.pending_key}) {
    if (*key && (*key)->generation == header.generation) return &(*key)->key;
  }
  return nullptr;
}

bool Coordinator::revoke(Instant now, const MacAddress& mac) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr || node->forgetting) return false;
  if (node->revoked) return true;
  if (pending_.free_commits() <= kMaxCommandsPerNode) return false;
  say_end(now, *node, wire::EndReason::kRevoked);
  node->revoked = true;
  end_session(*node);
  go_offline(*node, OfflineReason::kRevoked);
  const std::uint32_t index = index_of(*node);
  for (CommandEntry& entry : commands_.entries()) {
    if (entry.used && entry.node == index) expire_command(*node, entry);
  }
  commit_node(*node, NodeChange::kRevocation, kNone);
  return true;
}

bool Coordinator::unrevoke(const MacAddress& mac) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr || node->forgetting) return false;
  if (!node->revoked) return true;
  if (pending_.free_commits() == 0) return false;
  node->revoked = false;
  commit_node(*node, NodeChange::kRevocation, kNone);
  return true;
}

/// It is obeyed already: the ledger is asked until it has it, or until somebody else owns the
/// network, who then is asked again by a person. At once, so that nothing else of the node is
/// stored before it; the place of the commit that failed is free for this one.
void Coordinator::ask_again(const PendingCommit& commit) {
  if (commit.what != PendingCommit::What::kNode || commit.change != NodeChange::kRevocation) return;
  NodeEntry* const node = nodes_.find(commit.mac);
  if (node != nullptr && owner_) commit_node(*node, NodeChange::kRevocation, kNone);
}

void Coordinator::end_session(NodeEntry& node) {
  forget_long(node);
  if (Handshake* const handshake = handshakes_.find(node.mac)) end_handshake(*handshake);
  unlink_ack(node);
  node.session.wipe(ports_.crypto);
  node.ack_wanted = false;
}

void Coordinator::say_end(Instant now, NodeEntry& node, wire::EndReason reason) {
  if (!can_send(now, node)) return;
  std::array<std::uint8_t, 8> buffer;
  wire::PacketsBuilder packets(buffer);
  if (packets.append(wire::SessionEnd{reason})) {
    (void)send_sealed(now, node, packets.bytes(), DownClass::kAck, 0, 0);
  }
}

bool Coordinator::renew_key(Instant now, const MacAddress& mac) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr) return false;
  node->renew = true;
  node->renew_ask_at = now;
  if (node->session.valid() && node->has_gateway) schedule_ack(now, *node);
  return true;
}

bool Coordinator::wants_renewal(const NodeEntry& node) const {
  return node.key && (node.renew || node.key->network_generation != config_.network_key_generation);
}

/// Goes last in a frame: the node ends its session there. With the next acknowledgement rather than
/// at once, so that a whole network does not join at the same moment. And with every one of the
/// session, for each takes the place of the one that a gateway holds: a node that heard it has left
/// the session.
void Coordinator::ask_renewal(Instant now, NodeEntry& node, wire::PacketsBuilder& packets) {
  if (!wants_renewal(node) || now < node.renew_ask_at) return;
  if (packets.append(wire::SessionEnd{wire::EndReason::kKeyChanged})) node.renew_asked = true;
}

bool Coordinator::begin_key_change(const Key& fresh) {
  if (config_.former_network_key) return false;
  config_.former_network_key = config_.network_key;
  config_.network_key = fresh;
  ++config_.network_key_generation;
  discovery_key_ = crypto::discovery_key(ports_.crypto, fresh, config_.server);
  return true;
}

void Coordinator::end_key_change() {
  if (config_.former_network_key) ports_.crypto.wipe(*config_.former_network_key);
  config_.former_network_key.reset();
}

bool Coordinator::awaits_key_change(const NodeEntry& node) const {
  if (node.revoked || !(node.key || node.recorded)) return false;
  return !node.key || node.key->network_generation != config_.network_key_generation;
}

KeyChange Coordinator::key_change() const {
  KeyChange change;
  change.under_way = config_.former_network_key.has_value();
  change.generation = config_.network_key_generation;
  for_each([this, &change](const NodeEntry& node) {
    if (node.revoked || (!node.key && !node.recorded)) return;
    ++change.modules;
    if (!awaits_key_change(node)) ++change.renewed;
  });
  return change;
}

}  // namespace espial::coordinator
