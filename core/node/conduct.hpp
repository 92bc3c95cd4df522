#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/link/duty_limit.hpp"
#include "core/node/records.hpp"
#include "core/wire/session_packets.hpp"

namespace espial::node {

class Node;

/// How a node behaves beside what it is made for: the slots in use, its share of the air, its
/// weekly schedule; as it was made, and as the coordinator wants it. A node that is handed none
/// (Ports::conduct) uses all its slots and all the air it needs, and takes no configuration.
///
/// A part of one node, and works on what is the node's. Its functions are virtual so that firmware
/// which makes none does not carry their code.
class Conduct {
 public:
  /// The share of the air that the node may take as it is made; link::kFullAirtime_permille = all.
  /// What goes to the coordinator waits for its turn, events before readings; searches and
  /// handshakes count, and have back-offs of their own. What nodes of a room say to each other
  /// counts, and may take half the share: the other half is left for reports.
  explicit Conduct(std::uint16_t max_airtime_permille = link::kFullAirtime_permille)
      : made_airtime_permille_(max_airtime_permille) {
    apply();
  }
  Conduct(const Conduct&) = delete;
  Conduct& operator=(const Conduct&) = delete;

  /// What the coordinator made of it.
  const Configuration& configuration() const { return configuration_; }
  /// The point of the weekly schedule that holds at `utc`; nothing without a schedule or the time.
  std::optional<wire::SwitchingPoint> scheduled(UnixTime utc, std::int16_t zone_minutes) const;

  /// Takes up what the settings hold.
  virtual void load(Node& node);
  /// Applies a configuration at once, keeps it, and has it told in the node's description.
  virtual void configure(Node& node, Instant now, const wire::Properties& properties);
  /// A copy of `readings`, in `room`, without those of slots that are not in use. What is longer
  /// than `room` stays as it is, for the sake of the one that is in use.
  virtual ByteView readings_in_use(ByteView readings, MutableByteView room) const;

  /// A body of `size` bytes goes out.
  virtual void on_sent(Instant now, std::size_t size);
  /// From then on the next frame may be sent.
  Instant free_at() const { return duty_.free_at(); }
  /// A body of `size` bytes, which on_sent() is told of too, goes to another node of a room.
  void on_room_frame(Instant now, std::size_t size) {
    // Charged twice, a frame takes half the share.
    room_duty_.on_sent(now, size);
    room_duty_.on_sent(now, size);
  }
  /// From then on the next such frame may be sent.
  Instant room_free_at() const { return room_duty_.free_at(); }

 private:
  void apply();

  std::uint16_t made_airtime_permille_;
  Configuration configuration_;
  link::DutyLimit duty_;
  link::DutyLimit room_duty_;
};

}  // namespace espial::node
