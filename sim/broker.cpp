#include "sim/broker.hpp"

#include <algorithm>

namespace espial::sim {

Instant Broker::arrival(Instant now, Instant& last) {
  const std::int64_t spread = (settings_.most_delay - settings_.least_delay).us + 1;
  const Duration delay =
      settings_.least_delay +
      Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(spread)))};
  last = std::max(last, now + delay);
  return last;
}

bool Broker::publish_up(Instant now, const MacAddress& mac, ByteView body,
                        std::optional<std::int8_t> rssi_dbm, Channel channel, Duration held) {
  if (!alive_) return false;
  Up up;
  up.token = next_token_++;
  up.at = arrival(now, last_up_);
  up.mac = mac;
  up.body.assign(body.begin(), body.end());
  up.rssi_dbm = rssi_dbm;
  up.channel = channel;
  up.held = held;
  up_.push_back(up);
  return true;
}

void Broker::publish_down(Instant now, const MacAddress& mac, DownClass down_class, ByteView body,
                          std::uint32_t command, std::uint32_t expires_s) {
  if (!alive_) return;
  Down down;
  down.at = arrival(now, last_down_);
  down.mac = mac;
  down.down_class = down_class;
  down.body.assign(body.begin(), body.end());
  down.command = command;
  down.expires_s = expires_s;
  down_.push_back(down);
}

Instant Broker::next_up() const {
  if (!alive_ || delivered_ >= settings_.receive_maximum) return kNever;
  const auto waiting =
      std::find_if(up_.begin(), up_.end(), [](const Up& up) { return !up.delivered; });
  return waiting == up_.end() ? kNever : waiting->at;
}

Instant Broker::next_down() const { return !alive_ || down_.empty() ? kNever : down_.front().at; }

const Broker::Up* Broker::take_up(Instant now) {
  if (!alive_ || delivered_ >= settings_.receive_maximum) return nullptr;
  const auto waiting =
      std::find_if(up_.begin(), up_.end(), [](const Up& up) { return !up.delivered; });
  if (waiting == up_.end() || waiting->at > now) return nullptr;
  waiting->delivered = true;
  ++delivered_;
  return &*waiting;
}

std::optional<Broker::Down> Broker::take_down(Instant now) {
  if (!alive_ || down_.empty() || down_.front().at > now) return std::nullopt;
  Down down = down_.front();
  down_.pop_front();
  return down;
}

void Broker::finished(coordinator::Token token) {
  const auto found =
      std::find_if(up_.begin(), up_.end(), [&](const Up& up) { return up.token == token; });
  if (found == up_.end()) return;
  if (found->delivered) --delivered_;
  up_.erase(found);
}

void Broker::redeliver(Instant now) {
  for (Up& up : up_) {
    if (!up.delivered) continue;
    up.delivered = false;
    up.at = now;
    ++redelivered_;
  }
  delivered_ = 0;
}

}  // namespace espial::sim
