// A node over sleep and resets: what it finds, how it goes on, what it leaves.

#include <algorithm>

#include "core/node/node.hpp"

namespace espial::node {

void Node::restore(Instant now) {
  started_at_ = now;
  if (copies_.find() == 0) return;
  const std::optional<Duration> since = ports_.retained->since_last_write();
  const Duration slept = std::max(since.value_or(Duration{}), Duration{});
  std::optional<Retained> kept =
      read_retained(copies_, ports_.crypto, now, config_.server, slept, kListenAfterSend, ring_);
  if (!kept) return;
  stream_id_ = kept->stream_id;
  zone_minutes_ = kept->zone_minutes;
  silent_wakes_ = kept->silent_wakes;
  if (kept->utc.known() && since) {
    utc_known_ = true;
    utc_offset_ms_ = kept->utc.ms + slept.ms() - now.us / 1000;
  } else if (kept->utc.known() && !ring_.empty()) {
    utc_before_ = kept->utc;
  }
  if (!kept->session.valid()) return;
  session_ = kept->session;
  kept->session.wipe(ports_.crypto);
  // Each counter is in retained memory, as used, before its frame leaves.
  session_.reserve(UINT64_MAX);
  gateway_ = {kept->gateway, kept->channel, kept->long_bodies};
}

void Node::go_on(Instant now) {
  quality_.reset();
  retry_at_ = now;
  awake_until_ = now + kListenAfterSend;
  next_ping_ = config_.keepalive > Duration{} ? now + config_.keepalive : kNever;
  // Nothing is searched yet, but a search from this channel on may have to follow.
  search_.begin(now, gateway_.channel);
  search_.stop();
  const bool slept = config_.reset_reason == wire::ResetReason::kDeepSleep;
  if (slept && silent_wakes_ < kMaxSilentWakes && !utc_before_.known()) {
    ++silent_wakes_;
    enter(now, NodeState::kOnline);
    return;
  }
  (slept ? ping_ : describe_).begin(now);
  if (utc_before_.known()) ring_.put_off_restored(now + kWaitForTime);
  enter(now, NodeState::kConfirming);
}

/// Nobody knew how long the sleep was, and now somebody says what time it is: the difference is
/// what the ages lack. Where nobody knows the time either, they count from the restart.
void Node::place_by_time(Instant now, UnixTime time) {
  if (!utc_before_.known()) return;
  const Duration awake = now - started_at_;
  const Duration passed = Duration::milliseconds(time.ms - utc_before_.ms) - awake;
  ring_.age_restored(std::max(passed, Duration{}));
  ring_.resend_all(now);
  utc_before_ = {};
}

void Node::retain_if_changed(Instant now) {
  if (changed_) retain(now);
}

void Node::retain(Instant now) {
  changed_ = false;
  if (copies_.capacity() == 0) return;
  Retained what;
  what.server = config_.server;
  what.session = session_;
  what.gateway = gateway_.address;
  what.channel = gateway_.channel;
  what.long_bodies = gateway_.long_bodies;
  what.silent_wakes = silent_wakes_;
  what.utc = utc(now);
  what.zone_minutes = zone_minutes_;
  what.stream_id = stream_id_;
  what.streams = ring_.streams();
  write_retained(copies_, ports_.crypto, now, what, ring_);
  what.session.wipe(ports_.crypto);
  if (keys_over_) copies_.erase_older();
  keys_over_ = false;
}

}  // namespace espial::node
