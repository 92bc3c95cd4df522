// Moving to another channel: said several times before it is done, since a broadcast may be lost.

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
    wire::Moved moved;
    moved.server = config_.networks[i].server;
    moved.channel = move_.to;
    moved.after_ms = static_cast<std::uint16_t>(
        std::min<std::int64_t>((move_.switch_at - now).ms(), UINT16_MAX));
    moved.address = config_.address;
    std::array<std::uint8_t, wire::kMovedSize> body{};
    if (wire::encode(moved, body) == 0) continue;
    moved.tag = crypto::moved_tag(ports_.crypto, config_.networks[i].discovery_key,
                                  ByteView(body).subview(0, wire::kMovedSignedSize));
    (void)wire::encode(moved, body);
    transmitter_.urgent(kBroadcast, body);
  }
}

}  // namespace espial::gateway
