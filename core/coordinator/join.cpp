// Who may have a session: JOIN and RESUME.

#include <algorithm>

#include "core/base/hash.hpp"
#include "core/coordinator/coordinator.hpp"

namespace espial::coordinator {

void Coordinator::on_auth(Instant now, const UplinkFrame& frame, std::uint32_t flight) {
  NodeEntry* const node = nodes_.find(frame.mac);
  const wire::Parsed<wire::AuthFrame> auth = wire::parse_auth(frame.body);
  if (!auth) {
    const bool is_short = auth.refusal() == wire::Refusal::kTooShort;
    refuse_frame(node, is_short ? Count::kTooShort : Count::kNotOurs,
                 is_short ? Grade::kTooShort : Grade::kNotOurs);
    return;
  }
  const wire::AuthHeader& header = auth->header;
  const bool join = header.step == wire::AuthStep::kJoin;
  if (header.server != config_.server || (!join && header.step != wire::AuthStep::kResume)) {
    refuse_frame(node, Count::kNotOurs, Grade::kNotOurs);
    return;
  }
  if (frame.held > kAuthPatience) {
    counters_.add(Count::kAuthTooLate);
    return;
  }
  if (repeat_answer(frame)) return;
  const Key* const key = find_key(frame.mac, header);
  const bool may_resume = join || header.key_id == wire::KeyId::kNode;
  if (key == nullptr || !may_resume || (node != nullptr && node->forgetting)) {
    const bool forgotten = key == nullptr;
    refuse(now, frame, forgotten ? find_former(frame.mac, header) : nullptr, Refusal::kUnknownKey);
    return;
  }
  if (node != nullptr && node->revoked) {
    refuse(now, frame, key, Refusal::kRevoked);
    return;
  }
  if (!may_use(node, frame.mac, header.key_id)) {
    refuse(now, frame, key, Refusal::kUnknownKey);
    return;
  }
  session::Credentials credentials{config_.server, frame.mac, header.key_id, header.generation,
                                   *key};
  if (join) {
    answer_join(now, frame, credentials, flight);
  } else {
    answer_resume(now, frame, credentials);
  }
  ports_.crypto.wipe(credentials.key);
}

const Key* Coordinator::find_key(const MacAddress& mac, const wire::AuthHeader& header) const {
  if (header.key_id == wire::KeyId::kNetwork) {
    if (header.generation == config_.network_key_generation) return &config_.network_key;
    const auto former = static_cast<std::uint8_t>(config_.network_key_generation - 1);
    const bool is_former = config_.former_network_key && header.generation == former;
    return is_former ? &*config_.former_network_key : nullptr;
  }
  if (header.key_id == wire::KeyId::kLabel) {
    const LabelEntry* const label = labels_.find(mac);
    return label != nullptr && header.generation == 0 ? &label->key : nullptr;
  }
  const NodeEntry* const node = nodes_.find(mac);
  if (header.key_id != wire::KeyId::kNode || node == nullptr) return nullptr;
  if (node->key && node->key->generation == header.generation) return &node->key->key;
  const bool pending = node->pending_key && node->pending_committed &&
                       node->pending_key->generation == header.generation;
  return pending ? &node->pending_key->key : nullptr;
}

/// Whoever has a key of its own uses no other, and whoever has a label not the network's: else the
/// network key, which many hold, would do for everybody's address.
bool Coordinator::may_use(const NodeEntry* node, const MacAddress& mac, wire::KeyId key_id) const {
  if (key_id == wire::KeyId::kNode) return true;
  if (node != nullptr && node->key) return false;
  return key_id == wire::KeyId::kLabel || labels_.find(mac) == nullptr;
}

/// A copy of a request, heard by a second gateway or handed out again by the broker, gets the
/// answer that the first one got: a new one would leave the node and us with different sessions.
bool Coordinator::repeat_answer(const UplinkFrame& frame) {
  Handshake* const handshake = handshakes_.find(frame.mac);
  if (handshake == nullptr || handshake->request != fnv1a(frame.body)) return false;
  counters_.add(Count::kDuplicateFrame);
  if (handshake->answered) send_accept(*handshake);
  return true;
}

void Coordinator::answer_join(Instant now, const UplinkFrame& frame,
                              const session::Credentials& credentials, std::uint32_t flight) {
  session::JoinResponder responder;
  wire::Hello hello;
  const session::HandshakeStatus status =
      responder.read(ports_.crypto, credentials, frame.body, hello);
  if (!read_failed(now, frame, credentials.key, status, hello)) {
    accept_join(now, frame, credentials, hello, responder, flight);
  }
  responder.wipe(ports_.crypto);
}

void Coordinator::accept_join(Instant now, const UplinkFrame& frame,
                              const session::Credentials& credentials, const wire::Hello& hello,
                              session::JoinResponder& responder, std::uint32_t flight) {
  NodeEntry* node = nodes_.find(frame.mac);
  const bool is_new = node == nullptr;
  const bool asks = is_new && credentials.key_id == wire::KeyId::kNetwork;
  if (asks && !admits(now, frame, credentials.key, hello.wanted_module)) return;
  const std::optional<ModuleId> chosen = choose_module(node, hello.wanted_module);
  if (!chosen) {
    refuse(now, frame, &credentials.key, Refusal::kModuleTaken);
    return;
  }
  // Somebody who says recorded JOINs again must not fill the ledger's queue.
  const bool crowds = !is_new && node->key_commits >= kMaxKeyCommits;
  if (crowds || pending_.free_commits() == 0 || handshakes_.capacity() == 0 ||
      (is_new && nodes_.full())) {
    refuse(now, frame, &credentials.key, Refusal::kBusy);
    return;
  }
  if (is_new) node = nodes_.add(frame.mac);
  const bool renamed = node->module != *chosen;
  if (renamed) give_module(*node, *chosen);
  // Who renews is given the same key until it has proved to have it: a replayed JOIN then takes
  // nothing from a node that has stored its answer. In a first join each handshake makes a key of
  // its own, and a node that has stored another asks again.
  const bool draws = !node->pending_key || !node->key;
  if (draws) draw_pending_key(*node);

  wire::Welcome answer = welcome(now, *node);
  Handshake& handshake = open_handshake(frame.mac);
  const ByteView accept =
      responder.accept(ports_.crypto, ports_.random, answer, handshake.accept, handshake.session);
  if (!accept.empty()) node->pending_key->key = answer.node_key;
  ports_.crypto.wipe(answer.node_key);
  if (accept.empty()) {
    end_handshake(handshake);
    refuse_frame(is_new ? nullptr : node, Count::kNotSane, Grade::kNotSane);
    if (is_new) remove_node(*node);
    return;
  }
  if (draws || renamed) commit_node(*node, NodeChange::kPendingKey, flight);
  handshake.accept_size = static_cast<std::uint8_t>(accept.size());
  handshake.request = fnv1a(frame.body);
  handshake.stream_id = hello.stream_id;
  handshake.receive_limit_log2 = hello.receive_limit_log2;
  handshake.sleeps = !hello.always_listening;
  handshake.proves_generation = node->pending_key->generation;
  handshake.gateway = frame.gateway;
  counters_.add(Count::kJoins);
  if (node->pending_committed) send_accept(handshake);
}

void Coordinator::answer_resume(Instant now, const UplinkFrame& frame,
                                const session::Credentials& credentials) {
  session::ResumeResponder responder;
  wire::Hello hello;
  const session::HandshakeStatus status =
      responder.read(ports_.crypto, credentials, frame.body, hello);
  if (!read_failed(now, frame, credentials.key, status, hello)) {
    accept_resume(now, frame, credentials, hello, responder);
  }
  responder.wipe(ports_.crypto);
}

void Coordinator::accept_resume(Instant now, const UplinkFrame& frame,
                                const session::Credentials& credentials, const wire::Hello& hello,
                                session::ResumeResponder& responder) {
  NodeEntry& node = *nodes_.find(frame.mac);
  if (handshakes_.capacity() == 0) {
    refuse(now, frame, &credentials.key, Refusal::kBusy);
    return;
  }
  wire::Welcome answer = welcome(now, node);
  ports_.crypto.wipe(answer.node_key);  // a RESUME_ACCEPT tells none
  Handshake& handshake = open_handshake(frame.mac);
  const ByteView accept =
      responder.accept(ports_.crypto, ports_.random, answer, handshake.accept, handshake.session);
  handshake.accept_size = static_cast<std::uint8_t>(accept.size());
  handshake.request = fnv1a(frame.body);
  handshake.stream_id = hello.stream_id;
  handshake.receive_limit_log2 = hello.receive_limit_log2;
  handshake.sleeps = !hello.always_listening;
  handshake.proves_generation = credentials.generation;
  handshake.gateway = frame.gateway;
  counters_.add(Count::kResumes);
  // Nothing to commit: its keys are new, and its counters are reserved before they are used.
  send_accept(handshake);
}

bool Coordinator::read_failed(Instant now, const UplinkFrame& frame, const Key& key,
                              session::HandshakeStatus status, const wire::Hello& hello) {
  NodeEntry* const node = nodes_.find(frame.mac);
  switch (status) {
    case session::HandshakeStatus::kOk:
      if (hello.version == wire::kVersion) return false;
      refuse(now, frame, &key, Refusal::kVersion);
      return true;
    case session::HandshakeStatus::kNotAuthentic:
      refuse_frame(node, Count::kNotAuthentic, Grade::kNotAuthentic);
      refuse(now, frame, nullptr, Refusal::kUnknownKey);
      return true;
    case session::HandshakeStatus::kMalformed:
      refuse_frame(node, Count::kNotSane, Grade::kNotSane);
      return true;
    case session::HandshakeStatus::kTooShort:
      refuse_frame(node, Count::kTooShort, Grade::kTooShort);
      return true;
    default:
      refuse_frame(node, Count::kNotOurs, Grade::kNotOurs);
      return true;
  }
}

bool Coordinator::admits(Instant now, const UplinkFrame& frame, const Key& key, ModuleId wanted) {
  switch (admission_.ask(now, frame.mac, wanted)) {
    case Admission::Answer::kYes:
      return true;
    case Admission::Answer::kNewlyWaiting:
      ports_.events.on_node_waiting(frame.mac);
      [[fallthrough]];
    case Admission::Answer::kWaiting:
      refuse(now, frame, &key, Refusal::kWaitingForApproval);
      return false;
    case Admission::Answer::kRefused:
      refuse(now, frame, &key, Refusal::kClosedByServer);
      return false;
    case Admission::Answer::kClosed:
      break;
  }
  refuse(now, frame, &key, Refusal::kPairingClosed);
  return false;
}

/// The wanted name, the one it has, or the lowest free one; 0 where all 255 are given, since a
/// module's identity is its MAC. Nothing when the wanted one is another's.
std::optional<ModuleId> Coordinator::choose_module(const NodeEntry* node, ModuleId wanted) const {
  if (wanted.value != 0) {
    const std::uint32_t owner = node_of_module_[wanted.value];
    const bool free = owner == kNone || (node != nullptr && owner == index_of(*node));
    return free ? std::optional(wanted) : std::nullopt;
  }
  if (node != nullptr && node->module.value != 0) return node->module;
  for (unsigned i = 1; i < node_of_module_.size(); ++i) {
    if (node_of_module_[i] == kNone) return ModuleId{static_cast<std::uint8_t>(i)};
  }
  return ModuleId{};
}

void Coordinator::give_module(NodeEntry& node, ModuleId module) {
  if (node.module.value != 0) node_of_module_[node.module.value] = kNone;
  node.module = module;
  if (module.value != 0) node_of_module_[module.value] = index_of(node);
}

void Coordinator::draw_pending_key(NodeEntry& node) {
  FormerKeys former = former_keys(node);
  const std::optional<NodeKey>& before = node.pending_key     ? node.pending_key
                                         : former.pending_key ? former.pending_key
                                                              : former.key;
  const unsigned generation = before ? before->generation + 1U : 0U;
  wipe(former);
  if (!node.pending_key) node.pending_key.emplace();
  ports_.random.fill(node.pending_key->key);
  node.pending_key->generation = static_cast<std::uint8_t>(generation);
  node.pending_key->network_generation = config_.network_key_generation;
  node.pending_committed = false;
}

void Coordinator::commit_node(NodeEntry& node, NodeChange change, std::uint32_t flight) {
  PendingCommit* const commit = pending_.begin(PendingCommit::What::kNode, node.mac, flight);
  if (commit == nullptr) {
    counters_.add(Count::kBusy);
    return;
  }
  commit->change = change;
  if (change == NodeChange::kPendingKey) ++node.key_commits;
  if (node.pending_key) commit->generation = node.pending_key->generation;
  NodeRecord record;
  record.mac = node.mac;
  record.module = node.module;
  record.key = node.key;
  record.pending_key = node.pending_key;
  record.revoked = node.revoked;
  if (!node.key) record.former = former_keys(node);
  record.next_command = node.next_command;
  ports_.ledger.commit_node(pending_.ticket_of(*commit), record);
  wipe(record.key);
  wipe(record.pending_key);
  wipe(record.former);
}

void Coordinator::on_node_committed(const PendingCommit& commit, bool ok) {
  NodeEntry* const node = nodes_.find(commit.mac);
  if (node == nullptr || commit.change == NodeChange::kConfirmed) return;
  if (commit.change == NodeChange::kRevocation) {
    if (ok) ports_.events.on_node_revoked(node->mac, node->revoked);
    return;
  }
  if (node->key_commits > 0) --node->key_commits;
  if (ok) node->recorded = true;
  if (!node->pending_key || node->pending_key->generation != commit.generation) return;
  Handshake* const handshake = handshakes_.find(commit.mac);
  if (ok) {
    node->pending_committed = true;
    if (handshake != nullptr && !handshake->answered) send_accept(*handshake);
    return;
  }
  if (handshake != nullptr) end_handshake(*handshake);
  // One that the ledger has keeps its place, for the ledger's record holds its module ID; and where
  // it has no other key this one, which nobody was told, for a record needs one.
  if (node->key) {
    wipe(node->pending_key);
  } else if (!node->recorded) {
    remove_node(*node);
  }
}

Handshake& Coordinator::open_handshake(const MacAddress& mac) {
  Handshake* handshake = handshakes_.find(mac);
  if (handshake != nullptr) end_handshake(*handshake);
  if (handshakes_.full()) end_handshake(*handshakes_.oldest());
  return *handshakes_.add(mac);
}

void Coordinator::end_handshake(Handshake& handshake) {
  handshake.session.wipe(ports_.crypto);
  handshakes_.remove(handshake);
}

std::uint8_t Coordinator::new_session_id(const NodeEntry& node) {
  std::array<std::uint8_t, 1> id{};
  ports_.random.fill(id);
  const Handshake* const handshake = handshakes_.find(node.mac);
  const auto taken = [&](std::uint8_t value) {
    return (node.session.valid() && node.session.id() == value) ||
           (handshake != nullptr && handshake->session.valid() && handshake->session.id() == value);
  };
  while (taken(id[0])) ++id[0];
  return id[0];
}

wire::Welcome Coordinator::welcome(Instant now, const NodeEntry& node) {
  wire::Welcome answer;
  answer.session = new_session_id(node);
  answer.module = node.module;
  answer.time = unix_time(now);
  answer.zone_minutes = zone_minutes_;
  if (node.pending_key) {
    answer.generation = node.pending_key->generation;
    answer.node_key = node.pending_key->key;
    answer.discovery_key = discovery_key_;
  }
  return answer;
}

void Coordinator::send_accept(Handshake& handshake) {
  if (handshake.accept_size == 0) return;
  const ByteView accept(handshake.accept.data(), handshake.accept_size);
  handshake.answered = true;
  send_down(handshake.gateway, handshake.mac, DownClass::kAuth, accept);
}

void Coordinator::refuse(Instant now, const UplinkFrame& frame, const Key* key, Refusal reason) {
  counters_.add(Count::kJoinsRefused);
  ports_.events.on_refused(frame.mac, reason);
  refusals_until_ = std::max(refusals_until_, now);
  if (refusals_until_ - now >= kRefusalPace * kRefusalBurst) {
    counters_.add(Count::kRefusalsSilent);
    return;
  }
  refusals_until_ = refusals_until_ + kRefusalPace;
  std::array<std::uint8_t, wire::kRefusedSize> buffer{};
  const ByteView refused = session::refuse(ports_.crypto, key, frame.mac, frame.body,
                                           static_cast<wire::RefusedReason>(reason), buffer);
  if (refused.empty()) return;
  send_down(frame.gateway, frame.mac, DownClass::kAuth, refused);
}

}  // namespace espial::coordinator
