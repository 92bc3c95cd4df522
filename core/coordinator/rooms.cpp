// Rooms: who offers what, and the key that two nodes share from then on.
//
// A pair's key follows from both nodes' own keys, which nobody but this coordinator has together.
// So there is nothing to remember of a pair, nothing that a restart or a takeover could lose, and a
// new key of either makes another one.

#include "core/base/byte_writer.hpp"
#include "core/coordinator/coordinator.hpp"
#include "core/crypto/hkdf.hpp"

namespace espial::coordinator {
namespace {

/// The slot in which `node` offers `kind`; nothing where it does not.
std::optional<std::uint8_t> slot_of(const NodeEntry& node, std::uint8_t kind) {
  for (const wire::Function& function : node.functions) {
    if (function.kind == kind && function.accepts_commands) return function.slot;
  }
  return std::nullopt;
}

/// A gateway keeps a sleeper's newest acknowledgement only: what is said once may be replaced
/// before it wakes.
constexpr std::uint8_t kSendsToSleeper = 3;

bool usable(const NodeEntry& node) { return node.key && !node.revoked && !node.forgetting; }

}  // namespace

bool Coordinator::restore_functions(const MacAddress& mac, const wire::FunctionList& functions) {
  NodeEntry* const node = nodes_.find(mac);
  if (node == nullptr) return false;
  node->functions = functions;
  return true;
}

void Coordinator::on_subscribe(FrameContext& context, const wire::Packet& packet) {
  const auto subscribe = wire::parse_subscribe(packet);
  if (!subscribe) {
    refuse_frame(&context.node, Count::kNotSane, Grade::kNotSane);
    return;
  }
  NodeEntry& asker = context.node;
  say_bond(context.now, asker, *subscribe);
  if (subscribe->role == wire::Role::kProvider) return;

  NodeEntry* const provider = find_provider(asker, *subscribe);
  // Known, and not yet heard of what it offers: it will say, and the node asks again.
  if (provider != nullptr && provider->functions.empty()) {
    asker.suback_due.reset();
    return;
  }
  const auto slot = provider == nullptr ? std::nullopt : slot_of(*provider, subscribe->kind);
  asker.suback_due->peer = slot ? provider->mac : MacAddress{};
  if (!slot) return;
  asker.suback_due->peer_slot = *slot;
  wire::Subscribe other;
  other.role = wire::Role::kProvider;
  other.slot = *slot;
  other.kind = subscribe->kind;
  other.peer_slot = subscribe->slot;
  other.peer = asker.mac;
  say_bond(context.now, *provider, other);
}

void Coordinator::say_bond(Instant now, NodeEntry& node, const wire::Subscribe& due) {
  node.suback_due = due;
  node.suback_sends = node.listening ? 1 : kSendsToSleeper;
  schedule_ack(now, node);
}

/// The node that a subscriber names, or of all that listen the one that was heard first.
NodeEntry* Coordinator::find_provider(const NodeEntry& subscriber,
                                      const wire::Subscribe& subscribe) {
  if (subscribe.peer != MacAddress{}) {
    NodeEntry* const named = nodes_.find(subscribe.peer);
    return named != nullptr && named != &subscriber && usable(*named) ? named : nullptr;
  }
  NodeEntry* found = nullptr;
  for (NodeEntry* node = nodes_.newest(); node != nullptr; node = nodes_.older(*node)) {
    const bool offers = node != &subscriber && usable(*node) && node->online && node->listening &&
                        slot_of(*node, subscribe.kind);
    if (offers) found = node;
  }
  return found;
}

/// HKDF(salt: the subscriber's node key, key: the provider's, info: who is bound to whom).
std::optional<Key> Coordinator::pair_key(const NodeEntry& subscriber, std::uint8_t subscriber_slot,
                                         const NodeEntry& provider,
                                         std::uint8_t provider_slot) const {
  if (!usable(subscriber) || !usable(provider)) return std::nullopt;
  std::array<std::uint8_t, crypto::kMaxHkdfInfo> info;
  ByteWriter writer(info);
  writer.bytes(as_bytes("espial pair")).u8(config_.server.value);
  writer.mac(subscriber.mac).u8(subscriber_slot).mac(provider.mac).u8(provider_slot);
  return crypto::derive_key(ports_.crypto, subscriber.key->key, provider.key->key,
                            writer.written());
}

void Coordinator::append_suback(NodeEntry& node, wire::PacketsBuilder& packets) {
  if (!node.suback_due) return;
  const wire::Subscribe& due = *node.suback_due;
  const NodeEntry* const peer = nodes_.find(due.peer);
  const bool subscriber = due.role == wire::Role::kSubscriber;
  wire::Suback suback;
  suback.request = due.request;
  suback.role = due.role;
  suback.slot = due.slot;
  suback.peer_slot = due.peer_slot;
  suback.kind = due.kind;
  std::optional<Key> key;
  if (peer != nullptr) {
    key = subscriber ? pair_key(node, due.slot, *peer, due.peer_slot)
                     : pair_key(*peer, due.peer_slot, node, due.slot);
  }
  if (key) {
    suback.success = true;
    suback.peer = due.peer;
    suback.peer_session = static_cast<std::uint8_t>(subscriber ? due.slot << 4 | due.peer_slot
                                                               : due.peer_slot << 4 | due.slot);
    suback.pair_key = *key;
    ports_.crypto.wipe(*key);
  }
  // Where there is no room now, the next acknowledgement has it.
  if (packets.append(suback)) {
    counters_.add(suback.success ? Count::kBonds : Count::kBondsDenied);
    if (--node.suback_sends == 0) node.suback_due.reset();
  }
  ports_.crypto.wipe(suback.pair_key);
}

}  // namespace espial::coordinator
