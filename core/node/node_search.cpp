#include <algorithm>

#include "core/crypto/discovery.hpp"
#include "core/node/node.hpp"

namespace espial::node {

void Node::search(Instant now, bool keep_session) {
  counters_.add(Count::kSearches);
  if (!keep_session) drop_session();
  ports_.random.fill(nonce_);
  probe_due_ = false;
  search_again_at_ = kNever;
  moved_at_ = kNever;
  checking_moved_ = false;
  search_.begin(now, last_good_.channel);
  enter(now, NodeState::kSearching);
  step_search(now);
}

void Node::step_search(Instant now) {
  switch (search_.on_timer(now, ports_.random)) {
    case link::ChannelSearch::Step::kNone:
      return;
    case link::ChannelSearch::Step::kProbe:
      probe_due_ = true;
      enter(now, NodeState::kSearching);
      return;
    case link::ChannelSearch::Step::kCandidate:
      if (const auto candidate = search_.take_best()) try_candidate(now, *candidate);
      return;
    case link::ChannelSearch::Step::kPaused:
      probe_due_ = false;
      awake_until_ = now;
      // Where other nodes of its rooms look for it.
      if (last_good_.channel.valid()) ports_.radio.set_channel(last_good_.channel);
      enter(now, NodeState::kPaused);
      return;
  }
}

void Node::send_probe(Instant now) {
  wire::Connect connect;
  connect.server = config_.server;
  connect.long_bodies = takes_long_bodies();
  connect.always_listening = config_.always_listening;
  connect.nonce = nonce_;
  const std::size_t size = wire::encode(connect, buffer_);
  const ByteView body(buffer_.data(), size);
  if (transmit(now, Flight::kProbe, search_.channel(), kBroadcast, body)) probe_due_ = false;
}

void Node::on_connack(Instant now, const ReceivedFrame& frame) {
  const auto connack = wire::parse_connack(frame.body);
  if (!connack) {
    counters_.add(Count::kTooShort);
    return;
  }
  if (connack->server != config_.server || state_ != NodeState::kSearching) {
    counters_.add(Count::kNotForUs);
    return;
  }
  if (connack->nonce != nonce_) {
    counters_.add(Count::kWrongNonce);
    return;
  }
  link::Candidate candidate;
  candidate.address = connack->address;
  candidate.channel = connack->channel;
  candidate.success = connack->success;
  candidate.load = connack->load;
  candidate.long_bodies = connack->long_bodies;
  candidate.tag_right = true;
  candidate.rssi_dbm = connack->rssi_dbm.value_or(frame.rssi_dbm.value_or(0));
  if (node_key_.discovery_key) {
    const auto tag = crypto::connack_tag(ports_.crypto, *node_key_.discovery_key, frame.body,
                                         ports_.radio.address());
    candidate.tag_right = ports_.crypto.equal(tag, connack->tag);
    if (!candidate.tag_right) counters_.add(Count::kWrongTag);
  }
  search_.on_answer(now, candidate);
  // After a reset nothing is better than the gateway from before it, and a dwell is most of the way
  // back. Who has just lost its link listens to the others too.
  const bool known = candidate.tag_right && candidate.address == last_good_.address;
  if (!known || session_.valid()) return;
  search_.settle(now);
  step_search(now);
}

void Node::try_candidate(Instant now, const link::Candidate& candidate) {
  gateway_ = {candidate.address, candidate.channel, candidate.long_bodies};
  moved_at_ = kNever;  // that was of the gateway before
  quality_.reset();
  retry_at_ = now;
  if (!session_.valid()) {
    authenticate(now);
    return;
  }
  ping_.begin(now);
  ring_.resend_all(now);
  enter(now, NodeState::kConfirming);
}

void Node::give_up_gateway(Instant now) {
  if (quality_.failing() && counters_[Count::kSearches] == 0) {
    // Nobody is where the gateway was before the sleep or the reset. It may have moved, so a search
    // must not pass it over.
    search(now, true);
    return;
  }
  search_.avoid(now, gateway_.address);
  if (session_new_) drop_session();
  if (const auto candidate = search_.take_best()) {
    try_candidate(now, *candidate);
    return;
  }
  search_.go_on(now);
  enter(now, NodeState::kSearching);
  step_search(now);
}

void Node::lose_link(Instant now) {
  counters_.add(Count::kLinksLost);
  if (state_ != NodeState::kConfirming || checking_moved_) {
    search(now, true);
    return;
  }
  if (!session_new_ && quality_.failed_sends() <= link::kMaxFailedSends) {
    // The way is there, so it is the session that is not: the coordinator may have forgotten it.
    authenticate(now);
    return;
  }
  give_up_gateway(now);
}

void Node::become_online(Instant now) {
  const bool found_anew = counters_[Count::kSearches] > 0 && !checking_moved_;
  if (!session_new_ && found_anew) counters_.add(Count::kRoamed);
  session_new_ = false;
  checking_moved_ = false;
  refused_.reset();
  refusal_pause_.reset();
  search_.succeeded(gateway_.address);
  if (last_good_.channel != gateway_.channel || last_good_.address != gateway_.address) {
    last_good_ = {gateway_.channel, gateway_.address};
    if (!last_good_.save(ports_.settings, config_.server)) counters_.add(Count::kSettingsFailed);
  }
  enter(now, NodeState::kOnline);
}

void Node::on_moved(Instant now, const ReceivedFrame& frame) {
  const auto moved = wire::parse_moved(frame.body);
  if (!moved) {
    counters_.add(Count::kTooShort);
    return;
  }
  const bool ours = moved->server == config_.server && moved->address == gateway_.address;
  if (!ours || (state_ != NodeState::kOnline && state_ != NodeState::kConfirming)) {
    counters_.add(Count::kNotForUs);
    return;
  }
  if (node_key_.discovery_key) {
    const auto tag = crypto::moved_tag(ports_.crypto, *node_key_.discovery_key, frame.body);
    if (!ports_.crypto.equal(tag, moved->tag)) {
      counters_.add(Count::kWrongTag);
      return;
    }
  }
  counters_.add(Count::kMovedHints);
  if (now < next_moved_check_ || moved->channel == gateway_.channel) return;
  next_moved_check_ = now + kMovedHold;
  moved_at_ = now + Duration::milliseconds(moved->after_ms);
  moved_to_ = moved->channel;
}

void Node::check_moved(Instant now) {
  moved_at_ = kNever;
  if (state_ == NodeState::kLeaving) return;
  counters_.add(Count::kMovedChecks);
  gateway_.channel = moved_to_;
  checking_moved_ = true;
  quality_.reset();
  retry_at_ = now;
  ping_.begin(now);
  enter(now, NodeState::kConfirming);
}

}  // namespace espial::node
