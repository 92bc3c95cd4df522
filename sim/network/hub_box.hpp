#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/coordinator/coordinator.hpp"
#include "sim/network/device_clock.hpp"
#include "sim/network/hub_store.hpp"
#include "sim/network/scene.hpp"
#include "sim/seeded_random.hpp"

namespace espial::sim {

struct HubSettings {
  std::uint64_t seed = 1;
  std::size_t nodes = 255;
  std::size_t gateways = 1;
  HubStore::Settings store;
  std::int32_t drift_ppm = 0;
  Instant clock_origin;
};

/// A hub: the coordinator on a store that keeps what it has said is kept.
class HubBox final : private coordinator::Downlink, private coordinator::Events {
 public:
  HubBox(Scene& scene, const HubSettings& settings);

  void switch_on();
  /// Power goes, for coordinator and store at once.
  void switch_off();
  bool on() const { return role_ != nullptr; }

  /// Does what is due: the store's answers, the broker's messages, the coordinator's timers.
  void on_timer();
  Instant next_timer() const;
  void on_gateway_lost(std::uint32_t gateway);

  /// Tells a board to do `number`; see Observer::on_command().
  /// @retval false  the coordinator did not take it, or the hub is off.
  bool command(std::uint32_t board, std::uint32_t number, Duration lifetime);

  /// Null while the power is off.
  const coordinator::Coordinator* role() const { return role_.get(); }
  HubStore& store() { return store_; }
  const HubStore& store() const { return store_; }
  /// The MACs whose plain frames gateways refuse, 6 bytes each.
  const std::vector<std::uint8_t>& keyed() const { return keyed_; }
  /// True once after each change of keyed().
  bool take_keyed_changed() { return std::exchange(keyed_changed_, false); }
  /// A restart found a record that the coordinator would not take back.
  bool restore_failed() const { return restore_failed_; }

 private:
  void send(ServerId server, const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
            ByteView body, std::uint32_t command, std::uint32_t expires_s) override;

  void on_node_joined(const MacAddress&, ModuleId) override { keyed_stale_ = true; }
  void on_node_online(const MacAddress&, const MacAddress&, std::optional<std::int8_t>,
                      Channel) override {}
  void on_node_offline(const MacAddress&, coordinator::OfflineReason) override {}
  void on_node_left(const MacAddress&) override { keyed_stale_ = true; }
  void on_node_waiting(const MacAddress&) override {}
  void on_heard(const MacAddress&, const MacAddress&, std::optional<std::int8_t>,
                Channel) override {}
  void on_description(const MacAddress&, coordinator::Ticket) override {}
  void on_opened(const MacAddress&, ByteView, std::optional<std::int8_t>, Channel) override {}
  void on_report(const MacAddress&, coordinator::Ticket) override {}
  void on_command_ended(const MacAddress& mac, std::uint32_t id,
                        coordinator::CommandState state) override;
  void on_refused(const MacAddress&, coordinator::Refusal) override {}

  void take_messages();
  void list_keyed();
  Instant local_now() const { return clock_.local(scene_.now); }

  Scene& scene_;
  HubSettings settings_;
  SeededRandom random_;
  HubStore store_;
  DeviceClock clock_;
  std::vector<coordinator::NodeEntry> nodes_;
  std::vector<coordinator::Handshake> handshakes_;
  std::vector<coordinator::CommandEntry> commands_;
  std::vector<coordinator::PendingCommit> pending_;
  std::vector<coordinator::FrameInFlight> frames_;
  std::unique_ptr<coordinator::Coordinator> role_;
  std::vector<std::uint8_t> keyed_;
  std::vector<std::uint8_t> body_;
  bool keyed_stale_ = true;
  bool keyed_changed_ = false;
  bool restore_failed_ = false;
};

}  // namespace espial::sim
