#include <algorithm>

#include "core/node/node.hpp"

namespace espial::node {

void Node::drop_session() {
  if (session_.valid()) changed_ = keys_over_ = true;
  session_.wipe(ports_.crypto);
  session_new_ = false;
  describe_.end();
  ping_.end();
}

void Node::authenticate(Instant now, bool renew) {
  drop_session();
  auth_tries_ = unknown_key_hints_ = 0;
  auth_due_ = now;
  // One attempt: when it leads nowhere the present key is still good to resume with.
  renewing_ = renew && node_key_.present;
  const bool join = renewing_ || !node_key_.present;
  enter(now, join ? NodeState::kJoining : NodeState::kResuming);
}

void Node::send_auth(Instant now) {
  if (unknown_key_hints_ >= kUnknownKeyHints) enter(now, NodeState::kJoining);
  session::Credentials credentials;
  credentials.server = config_.server;
  credentials.mac = ports_.radio.address();
  wire::Hello hello;
  hello.long_bodies = takes_long_bodies();
  hello.always_listening = config_.always_listening;
  hello.wanted_module = config_.wanted_module;
  for (const Part* part : ports_.parts) {
    hello.receive_limit_log2 = std::max(hello.receive_limit_log2, part->receive_limit_log2());
  }
  hello.stream_id = stream_id_;
  const bool joining = state_ == NodeState::kJoining;
  if (joining && !renewing_) {
    credentials.key_id = config_.join_key.id;
    credentials.generation = config_.join_key.generation;
    credentials.key = config_.join_key.key;
  } else {
    credentials.key_id = wire::KeyId::kNode;
    credentials.generation = node_key_.generation;
    credentials.key = node_key_.key;
  }
  // Each try is a handshake of its own; a late answer to an earlier one counts as not authentic.
  const ByteView body =
      joining ? join_.start(ports_.crypto, ports_.random, credentials, hello, buffer_)
              : resume_.start(ports_.crypto, ports_.random, credentials, hello, buffer_);
  ports_.crypto.wipe(credentials.key);
  if (!transmit(now, Flight::kAuth, gateway_.channel, gateway_.address, body)) return;
  counters_.add(joining ? Count::kJoins : Count::kResumes);
  auth_due_ = now + kAuthTimeout * (std::int64_t{1} << auth_tries_);
  ++auth_tries_;
}

void Node::auth_timed_out(Instant now) {
  join_.wipe(ports_.crypto);
  resume_.wipe(ports_.crypto);
  give_up_gateway(now);
}

void Node::on_auth(Instant now, ByteView body) {
  const auto frame = wire::parse_auth(body);
  if (!frame) {
    counters_.add(Count::kTooShort);
    return;
  }
  const wire::AuthStep step = frame->header.step;
  const bool joining = state_ == NodeState::kJoining;
  const bool resuming = state_ == NodeState::kResuming;
  if (frame->header.server == config_.server && (joining || resuming)) {
    const auto accept = joining ? wire::AuthStep::kJoinAccept : wire::AuthStep::kResumeAccept;
    if (step == accept) return on_accept(now, body, joining);
    if (step == wire::AuthStep::kRefused) return on_refused(now, body);
  }
  counters_.add(Count::kAuthIgnored);
}

void Node::on_accept(Instant now, ByteView body, bool join) {
  // There is no session while one is being asked for.
  wire::Welcome welcome;
  const session::HandshakeStatus status =
      join ? join_.on_accept(ports_.crypto, body, session_, welcome)
           : resume_.on_accept(ports_.crypto, body, session_, welcome);
  if (status != session::HandshakeStatus::kOk) {
    const bool forged = status == session::HandshakeStatus::kNotAuthentic;
    counters_.add(forged ? Count::kNotAuthentic : Count::kAuthIgnored);
    return;
  }
  const bool kept = !join || store_node_key(welcome);
  ports_.crypto.wipe(welcome.node_key);
  if (!kept) {
    session_.wipe(ports_.crypto);
    return;
  }
  // The keys live in memory only: after a reset there is a new session, and counters from 0.
  session_.reserve(UINT64_MAX);
  session_new_ = true;
  changed_ = true;
  counters_.add(Count::kSessions);
  quality_.reset();
  retry_at_ = now;
  ends_in_flight_ = 0;
  describe_.begin(now);
  for (Part* part : ports_.parts) part->begin_session();
  ring_.resend_all(now);
  if (welcome.module != assigned_.module) {
    assigned_.module = welcome.module;
    if (!assigned_.save(ports_.settings, config_.server)) counters_.add(Count::kSettingsFailed);
    tell_assigned(now);
  }
  set_time(now, welcome.time, welcome.zone_minutes);
  enter(now, NodeState::kConfirming);
}

bool Node::store_node_key(const wire::Welcome& welcome) {
  NodeKeyRecord record;
  record.present = true;
  record.generation = welcome.generation;
  record.key = welcome.node_key;
  record.discovery_key = welcome.discovery_key ? welcome.discovery_key : node_key_.discovery_key;
  // Who renews a key goes on counting commands: none of them may run again. Otherwise they count
  // from 1 under this key, which no gateway has proved yet: what was is forgotten before the key is
  // there, for power may fail in between.
  const bool stored = (renewing_ || forget_membership()) &&
                      record.save(ports_.settings, config_.server, ports_.crypto);
  if (!stored) {
    counters_.add(Count::kSettingsFailed);
    return false;
  }
  counters_.add(Count::kKeyStored);
  ports_.crypto.wipe(node_key_.key);
  node_key_ = record;
  ports_.crypto.wipe(record.key);
  return true;
}

bool Node::forget_membership() {
  last_good_ = {};
  return last_good_.save(ports_.settings, config_.server) && commands_.reset(ports_.settings);
}

void Node::on_refused(Instant now, ByteView body) {
  const session::Refusal refusal = state_ == NodeState::kJoining
                                       ? join_.on_refused(ports_.crypto, body)
                                       : resume_.on_refused(ports_.crypto, body);
  if (refusal.status == session::RefusalStatus::kNotOurs) {
    counters_.add(Count::kAuthIgnored);
    return;
  }
  refused_ = refusal.reason;
  const bool proven = refusal.status == session::RefusalStatus::kProven;
  counters_.add(proven ? Count::kRefusedProven : Count::kRefusedHints);
  const bool unknown =
      refusal.reason == wire::RefusedReason::kUnknownKey && state_ == NodeState::kResuming;
  if (proven && unknown) {
    // The coordinator has forgotten this node, and says so under the very key.
    unknown_key_hints_ = kUnknownKeyHints;
    auth_due_ = now;
  } else if (proven) {
    pause_after_refusal(now);
  } else if (unknown && !key_proven()) {
    // Anybody may have said it: go on waiting for a better answer.
    ++unknown_key_hints_;
  }
}

void Node::pause_after_refusal(Instant now) {
  drop_session();
  join_.wipe(ports_.crypto);
  resume_.wipe(ports_.crypto);
  search_.stop();
  probe_due_ = false;
  search_again_at_ = now + refusal_pause_.next(ports_.random);
  awake_until_ = now;
  enter(now, NodeState::kPaused);
}

}  // namespace espial::node
