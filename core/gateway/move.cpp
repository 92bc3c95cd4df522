// Moving to another channel: said several times before it is done, since a broadcast may be lost,
// and for a while after it, whoever moved it. A radio hears some of what is sent on the channels
// beside its own: a module that was left there may well be answered, only badly, and would stay.

#include <algorithm>

#include "core/crypto/discovery.hpp"
#include "core/gateway/gateway.hpp"
#include "core/wire/search.hpp"

namespace espial::gateway {

void Gateway::on_channel(Instant now, Channel channel) {
  if (!channel.valid()) {
    counters_.add(Count::kBadControl);
    return;
  }
  move_ = Move{};
  if (channel == ports_.radio.channel()) return;
  move_.to = channel;
  move_.next_announcement = now;
  move_.switch_at = now + kMoveSpacing * kMoveAnnouncements;
  announce_move(now);
  transmitter_.pump(now);
}

void Gateway::announce_move(Instant now) {
  if (move_.switch_at <= now) {
    ports_.radio.set_channel(move_.to);
    move_ = Move{};
    return;
  }
  if (now < move_.next_announcement) return;
  move_.next_announcement = now + kMoveSpacing;
  if (move_.next_announcement >= move_.switch_at) move_.next_announcement = kNever;
  for (std::size_t i = 0; i < config_.network_count; ++i) {
    say_channel(config_.networks[i], move_.to, move_.switch_at - now);
  }
}

void Gateway::say_channel(const Network& network, Channel channel, Duration after) {
  wire::Moved moved;
  moved.server = network.server;
  moved.channel = channel;
  moved.after_ms = static_cast<std::uint16_t>(std::min<std::int64_t>(after.ms(), UINT16_MAX));
  moved.address = config_.address;
  std::array<std::uint8_t, wire::kMovedSize> body{};
  if (wire::encode(moved, body) == 0) return;
  moved.tag = crypto::moved_tag(ports_.crypto, network.discovery_key,
                                ByteView(body).subview(0, wire::kMovedSignedSize));
  (void)wire::encode(moved, body);
  transmitter_.urgent(kBroadcast, body);
}

void Gateway::on_started(Instant now) { started_until_ = now + kChannelNews; }

/// To a sleeper, which hears it while it waits for its answer, only where there was a change: its
/// wakes shall be short. They may be far apart, or several in a second: each sleeper is told in so
/// many wakes of its own. `module` is null where the table has no room for it.
void Gateway::remind_of_channel(Instant now, const Network& network, Module* module,
                                bool listening) {
  const Channel channel = ports_.radio.channel();
  if (channel_.valid() && channel != channel_) moved_until_ = now + kChannelNews;
  channel_ = channel;
  if (module != nullptr && module->channel != channel) {
    if (module->channel.valid() || now < moved_until_) module->channel_news = kSleeperNews;
    module->channel = channel;
  }
  const bool in_time = now < moved_until_ || (listening && now < started_until_);
  const bool counted = !listening && module != nullptr;
  News& next = next_news_[index_of(network)];
  const Instant next_at = listening ? next.to_listeners : next.to_sleepers;
  if (moving() || now < next_at || !(counted ? module->channel_news != 0 : in_time)) return;
  next.to_listeners = now + kChannelNewsSpacing;
  next.to_sleepers = now + kSleeperNewsSpacing;
  if (counted) --module->channel_news;
  say_channel(network, channel, Duration{});
}

}  // namespace espial::gateway
