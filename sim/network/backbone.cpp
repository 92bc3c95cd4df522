#include "sim/network/backbone.hpp"

#include <algorithm>

namespace espial::sim {

Backbone::Backbone(const Settings& settings, std::size_t gateways)
    : settings_(settings), random_(settings.seed), links_(gateways) {}

Instant Backbone::arrival(Instant now, Instant& last) {
  const std::int64_t spread = (settings_.most_delay - settings_.least_delay).us + 1;
  const Duration delay =
      settings_.least_delay +
      Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(spread)))};
  last = std::max(last, now + delay);
  return last;
}

void Backbone::restart_gateway(std::uint32_t gateway) {
  counters_.lost_down += links_[gateway].down.size();
  links_[gateway].down.clear();
}

void Backbone::forget_newest(std::size_t unsaved) {
  for (std::size_t i = 0; i < unsaved && up_.size() > given_out_; ++i) {
    up_.pop_back();
    ++counters_.lost_by_broker;
  }
  for (Link& link : links_) {
    for (std::size_t i = 0; i < unsaved && !link.down.empty(); ++i) {
      link.down.pop_back();
      ++counters_.lost_by_broker;
    }
  }
}

bool Backbone::publish_up(Instant now, std::uint32_t gateway, const MacAddress& mac, ByteView body,
                          std::optional<std::int8_t> rssi_dbm, Channel channel, Duration held) {
  if (!link(gateway)) return false;
  Up& up = up_.emplace_back();
  up.token = first_token_ + up_.size() - 1;
  up.published_at = now;
  up.at = arrival(now, last_up_);
  up.gateway = gateway;
  up.mac = mac;
  up.body.assign(body.begin(), body.end());
  up.rssi_dbm = rssi_dbm;
  up.channel = channel;
  up.held = held;
  ++counters_.up;
  return true;
}

void Backbone::publish_down(Instant now, std::uint32_t gateway, const MacAddress& mac,
                            DownClass down_class, ByteView body, std::uint32_t command,
                            std::uint32_t expires_s) {
  if (!alive_) {
    ++counters_.lost_down;
    return;
  }
  Link& link = links_[gateway];
  if (link.down.size() >= settings_.max_waiting_down) {
    link.down.pop_front();
    ++counters_.lost_down;
  }
  Down& down = link.down.emplace_back();
  down.published_at = now;
  down.at = arrival(now, link.last_down);
  down.mac = mac;
  down.down_class = down_class;
  down.body.assign(body.begin(), body.end());
  down.command = command;
  down.expires_s = expires_s;
  ++counters_.down;
}

Instant Backbone::next_up() const {
  if (!alive_ || given_out_ == up_.size()) return kNever;
  if (given_out_ - finished_count_ >= settings_.receive_maximum) return kNever;
  return up_[given_out_].at;
}

Instant Backbone::next_down() const {
  Instant next = kNever;
  for (const Link& link : links_) {
    if (alive_ && link.up && !link.down.empty()) next = std::min(next, link.down.front().at);
  }
  return next;
}

const Backbone::Up* Backbone::take_up(Instant now) {
  if (next_up() > now) return nullptr;
  Up& up = up_[given_out_++];
  const std::int64_t waited_s = (now - up.published_at).us / 1'000'000;
  if (waited_s >= 2) up.waited = Duration::seconds(waited_s);
  return &up;
}

std::optional<Backbone::Delivery> Backbone::take_down(Instant now) {
  if (!alive_) return std::nullopt;
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    Link& link = links_[i];
    if (!link.up || link.down.empty() || link.down.front().at > now) continue;
    Delivery delivery{i, std::move(link.down.front())};
    link.down.pop_front();
    Down& down = delivery.down;
    const auto waited_s = static_cast<std::uint32_t>((now - down.published_at).us / 1'000'000);
    if (down.expires_s > 0) {
      if (waited_s >= down.expires_s) {
        ++counters_.expired_down;
        continue;
      }
      down.expires_s -= waited_s;
    }
    return delivery;
  }
  return std::nullopt;
}

void Backbone::finished(coordinator::Token token) {
  if (token < first_token_ || token - first_token_ >= given_out_) return;
  Up& up = up_[token - first_token_];
  if (up.finished) return;
  up.finished = true;
  ++finished_count_;
  while (!up_.empty() && up_.front().finished) {
    up_.pop_front();
    ++first_token_;
    --given_out_;
    --finished_count_;
  }
}

void Backbone::redeliver(Instant now) {
  for (std::size_t i = 0; i < given_out_; ++i) {
    if (up_[i].finished) continue;
    up_[i].at = std::min(up_[i].at, now);
    ++counters_.redelivered;
  }
  // What is finished stands between what is not: it must not be given out again.
  const auto unfinished = [](const Up& up) { return !up.finished; };
  std::deque<Up> kept;
  std::copy_if(std::make_move_iterator(up_.begin()), std::make_move_iterator(up_.end()),
               std::back_inserter(kept), unfinished);
  first_token_ += up_.size() - kept.size();
  up_.swap(kept);
  for (std::size_t i = 0; i < up_.size(); ++i) up_[i].token = first_token_ + i;
  given_out_ = 0;
  finished_count_ = 0;
}

std::size_t Backbone::waiting_down() const {
  std::size_t waiting = 0;
  for (const Link& link : links_) waiting += link.down.size();
  return waiting;
}

}  // namespace espial::sim
