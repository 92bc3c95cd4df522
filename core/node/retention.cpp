#include "core/node/retention.hpp"

#include <algorithm>

#include "core/node/node.hpp"

namespace espial::node {

void Retention::restore(Node& node, Instant now) {
  started_at_ = now;
  if (copies_.find() == 0) return;
  const std::optional<Duration> since = memory_.since_last_write();
  const Duration measured = std::max(since.value_or(Duration{}), Duration{});
  std::optional<Retained> kept =
      read_retained(copies_, node.ports_.crypto, now, node.config_.server, measured,
                    kListenAfterSend, node.ring_);
  if (!kept) return;
  sleep_clock_ = kept->sleep_clock;
  const Duration slept = sleep_clock_.corrected(measured);
  sleep_clock_.on_slept(slept);
  node.stream_id_ = kept->stream_id;
  node.zone_minutes_ = kept->zone_minutes;
  node.silent_wakes_ = kept->silent_wakes;
  if (kept->utc.known()) {
    const UnixTime utc{kept->utc.ms + slept.ms()};
    // More time has passed since the record was written when the last write was of another one.
    if (since && !copies_.found_older()) {
      node.utc_known_ = true;
      node.utc_offset_ms_ = utc.ms - now.us / 1000;
    } else {
      utc_before_ = utc;
    }
  }
  if (!kept->session.valid()) return;
  node.session_ = kept->session;
  kept->session.wipe(node.ports_.crypto);
  // Each counter is in retained memory, as used, before its frame leaves.
  node.session_.reserve(UINT64_MAX);
  node.gateway_ = {kept->gateway, kept->channel, kept->long_bodies};
}

void Retention::go_on(Node& node, Instant now) {
  node.quality_.reset();
  node.retry_at_ = now;
  node.awake_until_ = now + kListenAfterSend;
  node.schedule_ping(now);
  // Nothing is searched yet, but a search from this channel on may have to follow.
  node.search_.begin(now, node.gateway_.channel);
  node.search_.stop();
  const bool slept = node.config_.reset_reason == wire::ResetReason::kDeepSleep;
  const bool time_is_due = slept && node.silent_wakes_ == 0 && sleep_clock_.fresh_time_due();
  // Another answer than a new session's may have waited in the gateway, and a clock that is behind
  // would let the node run commands that have expired.
  if (time_is_due || utc_before_.known()) {
    // It is not for want of the hub's answers that the session ends.
    node.authenticate(now, false);
    return;
  }
  if (slept && node.silent_wakes_ < kMaxSilentWakes) {
    ++node.silent_wakes_;
    node.enter(now, NodeState::kOnline);
    return;
  }
  (slept ? node.ping_ : node.describe_).begin(now);
  node.enter(now, NodeState::kConfirming);
}

void Retention::on_time(Node& node, Instant now, UnixTime time) {
  learn_drift(node, now, time);
  place_by_time(node, now, time);
}

/// A new session begins with a fresh time. What else comes may have waited in the gateway.
void Retention::learn_drift(const Node& node, Instant now, UnixTime time) {
  if (!time.known()) return;
  if (!node.utc_known_) return sleep_clock_.begin();
  const Duration error = Duration::milliseconds(time.ms - node.utc(now).ms);
  const bool fresh = node.state_ == NodeState::kJoining || node.state_ == NodeState::kResuming;
  fresh ? sleep_clock_.on_fresh_time(error) : sleep_clock_.on_corrected(error);
}

/// Nobody knew how long the sleep was, and now somebody says what time it is: the difference is
/// what the ages lack. Where nobody knows the time either, they count from the restart.
void Retention::place_by_time(Node& node, Instant now, UnixTime time) {
  if (!utc_before_.known()) return;
  const Duration awake = now - started_at_;
  const Duration passed = Duration::milliseconds(time.ms - utc_before_.ms) - awake;
  node.ring_.age_restored(std::max(passed, Duration{}));
  node.ring_.resend_all(now);
  utc_before_ = {};
}

void Retention::keep(Node& node, Instant now) {
  if (copies_.capacity() == 0) return;
  Retained what;
  what.server = node.config_.server;
  // A session without a time is one in which nobody knew it, and goes on after a reset.
  if (!utc_before_.known()) what.session = node.session_;
  what.gateway = node.gateway_.address;
  what.channel = node.gateway_.channel;
  what.long_bodies = node.gateway_.long_bodies;
  what.silent_wakes = node.silent_wakes_;
  what.utc = node.utc(now);
  what.zone_minutes = node.zone_minutes_;
  what.stream_id = node.stream_id_;
  what.streams = node.ring_.streams();
  what.sleep_clock = sleep_clock_;
  write_retained(copies_, node.ports_.crypto, now, what, node.ring_);
  what.session.wipe(node.ports_.crypto);
  if (node.keys_over_) copies_.erase_older();
  node.keys_over_ = false;
}

}  // namespace espial::node
