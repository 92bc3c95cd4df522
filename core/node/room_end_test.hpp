#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/node/rooms.hpp"
#include "core/node/scripted_coordinator_test.hpp"

namespace espial::node {

inline constexpr std::uint8_t kLampSlot = 2;
inline constexpr std::uint8_t kButtonSlot = 1;
inline constexpr std::uint8_t kLampKind = 5;

/// One end of a room: its rooms, its flash, and a program that notes what it is told.
class RoomEnd final : public Application, public RoomsEvents {
 public:
  RoomEnd(Crypto& crypto, Random& random, std::uint8_t number)
      : mac{{2, 0, 0, 0, 0, number}}, crypto_(crypto), random_(random) {
    restart({});
  }

  /// A loss of power: flash stays.
  void restart(Instant now) {
    rooms = std::make_unique<Rooms>(now, ScriptedCoordinator::kServer, mac,
                                    Rooms::Ports{crypto_, random_, settings, *this, *this, conduct},
                                    Span<Bond>(bonds));
  }
  /// The coordinator says who it is bound to; @returns whether it was taken for the rooms' own.
  bool hear(Instant now, const wire::Suback& suback) {
    std::array<std::uint8_t, 64> bytes{};
    const std::size_t size = wire::encode(suback, bytes);
    wire::Packet packet = *wire::parse_packet(ByteView(bytes).subview(0, size));
    return rooms->on_packet(now, around(), packet) == Taking::kTaken;
  }
  /// What it asks the coordinator now.
  std::vector<wire::Subscribe> asks(Instant now) {
    std::array<std::uint8_t, 200> bytes{};
    wire::PacketsBuilder packets(bytes);
    rooms->append_first(now, around(), packets);
    std::vector<wire::Subscribe> asked;
    if (packets.empty()) return asked;
    for (const wire::Packet& packet : *wire::parse_packets(packets.bytes())) {
      asked.push_back(*wire::parse_subscribe(packet));
    }
    return asked;
  }
  Around around() { return {random_, ring_, counters_, 1, 1, 200}; }

  wire::Outcome execute(Instant, const wire::Reading& command) override {
    executed.push_back(command.value[0]);
    return outcome;
  }
  void on_bound(Instant, const Bond&) override { heard.emplace_back("bound"); }
  void on_unbound(Instant, const Bond&) override { heard.emplace_back("unbound"); }
  void on_peer(Instant, const Bond& bond) override {
    heard.emplace_back(bond.here ? "here" : "gone");
  }
  void on_press_ended(Instant, const Bond&, std::uint32_t, PressEnd how) override {
    ends.push_back(how);
  }

  const MacAddress mac;
  ScriptedSettings settings;
  std::array<Bond, kMaxBonds> bonds;
  std::unique_ptr<Rooms> rooms;
  Conduct* conduct = nullptr;  ///< from the next restart on
  std::vector<int> executed;
  wire::Outcome outcome = wire::Outcome::kExecuted;
  std::vector<std::string> heard;
  std::vector<PressEnd> ends;

 private:
  Crypto& crypto_;
  Random& random_;
  transfer::ReportStorage<1, 8> storage_;
  transfer::ReportRing ring_{storage_.memory()};
  Counters counters_;
};

}  // namespace espial::node
