// Which boards are there: what they say, how long they have been silent, and whether the broker
// could have told.
#include <algorithm>

#include "hub/features/s2_sessions.hpp"

namespace espial::features {

void S2Sessions::on_connected(bool session_kept) {
  const UnixTime at = now();
  for (auto& [id, board] : boards_) {
    board.heard_at = at;
    const station::Device* const device = ports_.live.find(station::DeviceId{id});
    if (device == nullptr) continue;
    // What it was told may have been lost on the way with the connection, or with a hub.
    if (!board.former_names.empty()) assign_name(*device, board);
    if (!session_kept) {
      // Whoever left meanwhile, this hub was not told.
      if (board.absence == Absence::unreachable) board.absence = Absence::silent;
      if (device->online) miss(*device, board, Absence::silent);
    } else if (board.absence == Absence::unreachable) {
      find(*device, board, device->last_seen);
    }
  }
}

void S2Sessions::on_broker_lost() {
  for (auto& [id, board] : boards_) {
    const station::Device* const device = ports_.live.find(station::DeviceId{id});
    if (device != nullptr && device->online) miss(*device, board, Absence::unreachable);
  }
}

/// A board that left says nothing more in its session; one that was only missed is there again with
/// its next word.
void S2Sessions::hear(const station::Device& device, UnixTime at) {
  Board& board = boards_.at(device.id.value);
  board.heard_at = at;
  if (board.absence == Absence::none) return;
  find(device, board, at);
}

void S2Sessions::miss_silent(UnixTime at) {
  if (ports_.silence_ms == 0) return;
  for (auto& [id, board] : boards_) {
    if (at.ms - board.heard_at.ms < ports_.silence_ms) continue;
    const station::Device* const device = ports_.live.find(station::DeviceId{id});
    if (device == nullptr || !device->online) continue;
    ++counters_.silent;
    miss(*device, board, Absence::silent);
  }
}

void S2Sessions::miss(const station::Device& device, Board& board, Absence absence) {
  board.absence = absence;
  show_online(device.id, false, device.last_seen);
}

void S2Sessions::find(const station::Device& device, Board& board, UnixTime at) {
  board.absence = Absence::none;
  show_online(device.id, true, at);
}

/// What the store has no room for is made up for by the next word, or by the next restart.
void S2Sessions::show_online(station::DeviceId id, bool online, UnixTime at) {
  (void)ports_.live.set_online(id, online, at);
  if (!ports_.committer.submit({{store::DeviceSeen{id, at, online}}, {}})) ++counters_.not_stored;
}

}  // namespace espial::features
