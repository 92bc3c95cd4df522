// The way up: straight to the uplink, or behind what waits for it already.

#include "core/gateway/gateway.hpp"

namespace espial::gateway {

void Gateway::relay_up(Instant now, const Network& network, const ReceivedFrame& frame) {
  HeldFrame up;
  up.server = network.server;
  up.mac = frame.source;
  up.rssi_dbm = frame.rssi_dbm;
  up.channel = frame.channel;
  up.heard_at = now;
  up.body = frame.body;
  hand_up(now, up);
}

void Gateway::hand_up(Instant now, const HeldFrame& frame) {
  if (uplink_ready_ && held_.empty() && offer(now, frame)) return;
  counters_.add(Count::kHeldDropped, held_.push(frame));
  if (uplink_ready_ && retry_uplink_ == kNever) retry_uplink_ = now + kUplinkRetry;
}

bool Gateway::offer(Instant now, const HeldFrame& frame) {
  if (frame.server.value == 0) {
    if (!ports_.uplink.publish_device(frame.mac, frame.body, frame.rssi_dbm, frame.channel)) {
      return false;
    }
    counters_.add(Count::kRelayedDevice);
    return true;
  }
  if (!ports_.uplink.publish_up(frame.server, frame.mac, frame.body, frame.rssi_dbm, frame.channel,
                                now - frame.heard_at)) {
    return false;
  }
  counters_.add(Count::kRelayedUp);
  return true;
}

void Gateway::drain_held(Instant now) {
  retry_uplink_ = kNever;
  std::array<std::uint8_t, kMaxBodyV2> body;
  while (uplink_ready_ && !held_.empty()) {
    if (!offer(now, *held_.front(body.data()))) {
      retry_uplink_ = now + kUplinkRetry;
      return;
    }
    held_.pop();
  }
}

void Gateway::on_uplink_ready(Instant now, bool ready) {
  uplink_ready_ = ready;
  retry_uplink_ = kNever;
  if (ready) drain_held(now);
}

}  // namespace espial::gateway
