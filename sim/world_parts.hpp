#pragma once

// The parts of a World; only world*.cpp include this.

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "core/node/long_receiver.hpp"
#include "core/node/long_reports.hpp"
#include "sim/memory_retained.hpp"
#include "sim/world.hpp"

namespace espial::sim {

inline constexpr ServerId kWorldServer{7};
/// The kind that carries the world's numbers: a u32.
inline constexpr std::uint8_t kNumberKind = 10;
inline constexpr std::uint8_t kNumberSlot = 1;
/// A kind of the network's own, for readings that only are long.
inline constexpr std::uint8_t kPaddingKind = 200;
/// An adversary remembers so many frames.
inline constexpr std::size_t kOverheardLimit = 4096;
/// Each node's ring.
inline constexpr std::size_t kRingSlots = 64;
inline constexpr std::size_t kReportSize = 16;

/// A Radio of a role, in the world's air.
class World::SimRadio final : public Radio {
 public:
  SimRadio(World& world, RadioSettings settings);

  [[nodiscard]] bool send(const MacAddress& destination, ByteView body) override;
  void set_channel(Channel channel) override;
  Channel channel() const override;
  MacAddress address() const override { return settings_.address; }
  std::size_t max_body_size() const override { return settings_.max_body_size; }

  RadioId id() const { return id_; }
  void power_cycle();
  void set_powered(bool powered);

 private:
  World& world_;
  RadioSettings settings_;
  RadioId id_;
};

/// A node with everything around it. `flash` outlives the node.
struct World::Device final : node::Application, node::RoomsEvents {
  Device(World& the_world, std::size_t the_index);
  /// A reset or a loss of power has come in the middle of a call: what follows in it never was.
  bool dark() const { return flash.cut() || rtc.stopped(); }
  wire::Outcome execute(Instant now, const wire::Reading& command) override;
  void on_press_ended(Instant, const node::Bond&, std::uint32_t, node::PressEnd how) override {
    press_ends.push_back(how);
  }

  World& world;
  std::size_t index;
  SimRadio radio;
  MemorySettings flash;
  MemoryRetained rtc{node::retained_size(kRingSlots, kReportSize)};
  SeededRandom random;
  node::Storage<kRingSlots, kReportSize, kWorldLongPacket> storage;
  std::array<std::uint8_t, kWorldLongPacket> long_incoming{};
  std::optional<node::LongReceiver> long_receiver;
  std::optional<node::LongReports> long_reports;
  std::array<node::Bond, node::kMaxBonds> bonds;
  std::optional<node::Rooms> rooms;
  std::array<node::Part*, 3> parts{};
  std::optional<node::Retention> retention;
  std::optional<node::Conduct> conduct;
  std::unique_ptr<node::Node> node;
  std::vector<std::uint32_t> executed;
  std::vector<node::PressEnd> press_ends;
  std::uint32_t next_number = 1;
  std::uint32_t acknowledged_before = 0;  ///< by nodes that were reset since
  Instant back_at = kNever;
  bool started = false;
  bool asleep = false;
};

class World::Uplink final : public gateway::Uplink {
 public:
  explicit Uplink(World& world) : world_(world) {}
  [[nodiscard]] bool publish_up(ServerId server, const MacAddress& mac, ByteView body,
                                std::optional<std::int8_t> rssi_dbm, Channel channel,
                                Duration held) override;
  [[nodiscard]] bool publish_device(const MacAddress& mac, ByteView body,
                                    std::optional<std::int8_t> rssi_dbm, Channel channel) override;

 private:
  World& world_;
};

class World::Downlink final : public coordinator::Downlink {
 public:
  explicit Downlink(World& world) : world_(world) {}
  void send(ServerId server, const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
            ByteView body, std::uint32_t command, std::uint32_t expires_s) override;

 private:
  World& world_;
};

class World::Watcher final : public coordinator::Events {
 public:
  void on_node_joined(const MacAddress&, ModuleId) override { keyed_changed = true; }
  void on_node_online(const MacAddress&, const MacAddress&, std::optional<std::int8_t>,
                      Channel) override {}
  void on_node_offline(const MacAddress&, coordinator::OfflineReason) override {}
  void on_node_left(const MacAddress&) override { keyed_changed = true; }
  void on_node_waiting(const MacAddress&) override {}
  void on_heard(const MacAddress&, const MacAddress&, std::optional<std::int8_t>,
                Channel) override {}
  void on_description(const MacAddress&, coordinator::Ticket) override {}
  void on_opened(const MacAddress&, ByteView, std::optional<std::int8_t>, Channel) override {}
  void on_report(const MacAddress&, coordinator::Ticket) override {}
  void on_command_ended(const MacAddress&, std::uint32_t, coordinator::CommandState) override {}
  void on_refused(const MacAddress&, coordinator::Refusal) override {}

  void on_long_ended(const MacAddress&, transfer::LongEnd how) override {
    ++long_ended[static_cast<std::size_t>(how)];
  }

  bool keyed_changed = false;
  std::array<int, 4> long_ended{};
};

struct World::GatewayMemory {
  std::array<gateway::Module, 16> modules;
  std::array<gateway::DownFrame, 64> down_frames;
  std::array<std::uint8_t, 64 * 256> down_bytes;
  std::array<std::uint8_t, 16384> held_bytes;
  std::array<gateway::KeyedMac, 16> keyed;
};

struct World::CoordinatorMemory {
  std::array<coordinator::NodeEntry, 8> nodes;
  std::array<coordinator::Handshake, 8> handshakes;
  std::array<coordinator::CommandEntry, 32> commands;
  std::array<coordinator::PendingCommit, 256> pending;
  std::array<coordinator::FrameInFlight, 64> frames;
  std::array<transfer::LongSlot, 2> long_slots;
  std::array<std::uint8_t, 2 * (kWorldLongPacket + wire::kMaxReportHead)> long_bytes;
  std::array<coordinator::LongDown, 2> long_downs;
};

/// Hands what the air delivers to the roles.
class World::Sink final : public AirSink {
 public:
  explicit Sink(World& world) : world_(world) {}
  void on_delivery(Instant at, RadioId receiver, const ReceivedFrame& frame) override;
  void on_sent(Instant at, RadioId sender, bool acknowledged) override;

 private:
  World& world_;
};

}  // namespace espial::sim
