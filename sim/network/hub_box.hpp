#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/coordinator/coordinator.hpp"
#include "sim/heap_watch.hpp"
#include "sim/network/device_clock.hpp"
#include "sim/network/hub_s0.hpp"
#include "sim/network/hub_store.hpp"
#include "sim/network/opened_audit.hpp"
#include "sim/network/scene.hpp"
#include "sim/seeded_random.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

struct HubSettings {
  std::uint64_t seed = 1;
  std::size_t nodes = 255;
  std::size_t gateways = 1;
  std::size_t s0_modules = 0;  ///< beside the nodes
  /// Who is new waits until somebody says yes, which takes up to so long; zero: anybody may join.
  Duration approves_within;
  /// Boards with a label, which people have shown to the hub. Network fills this in.
  std::vector<std::uint32_t> labelled;
  HubStore::Settings store;
  std::int32_t drift_ppm = 0;
  Instant clock_origin;
};

/// How long an owner of the network may go on without word from the store.
inline constexpr Duration kLease = Duration::seconds(10);

/// A hub: the coordinator on a store that keeps what it has said is kept. It owns the network by a
/// lease; when its process is paused for longer, another one takes over:
///
///     owner     ---lease---|paused .....................|resumes, finds out, ends
///     successor                      |lease over: restores, owns from here on
class HubBox final : private coordinator::Downlink, private coordinator::Events {
 public:
  HubBox(Scene& scene, const HubSettings& settings);

  void switch_on();
  /// Power goes, for coordinator and store at once; also for who is paused.
  void switch_off();
  bool on() const { return owner_ != nullptr; }
  /// The owner's process does nothing for `span`, whatever happens meanwhile, and then goes on as
  /// if no time had passed.
  /// @retval false  there is none, or one is paused already.
  bool pause(Duration span);

  /// Does what is due: the store's answers, the broker's messages, the coordinator's timers.
  void on_timer();
  Instant next_timer() const;
  void on_gateway_lost(std::uint32_t gateway);

  /// Tells a board to do `number`; see Observer::on_command().
  /// @retval false  the coordinator did not take it, or the hub is off.
  bool command(std::uint32_t board, std::uint32_t number, Duration lifetime);

  /// A configuration, and how often to report, which is told with it.
  struct Wanted {
    coordinator::Configuration configuration;
    std::uint16_t report_interval_s = 0;
  };
  /// Wants a board to keep to a configuration that takes at most so much of the air, and else says
  /// what follows from that number: slots, week and interval. It is kept beside the store, and
  /// given to each new coordinator.
  /// @retval false  the coordinator did not take it, or the hub is off.
  bool configure(std::uint32_t board, std::uint16_t max_airtime_permille);
  /// See Coordinator::forget(). @retval false  it was not taken, or the hub is off.
  bool forget(std::uint32_t board);
  /// Ends a board that was lost, or takes that back. A person says so again, to whoever owns the
  /// network, until it is stored.
  /// @retval false  the hub is off, or does not know the board.
  bool set_revoked(std::uint32_t board, bool revoked);
  /// Everything said so is stored.
  bool revocations_stored() const;
  /// See Coordinator::begin_key_change(); the keys are kept beside the store.
  /// @retval false  one is under way, or the hub is off.
  bool begin_key_change(const Key& fresh);
  void end_key_change();
  /// Boards that had drawn a new key when a change was ended, over all changes.
  std::uint64_t keys_renewed() const { return keys_renewed_; }
  /// Nothing while the hub is off.
  std::optional<coordinator::KeyChange> key_change() const;
  /// See Coordinator::send_long(); kUnknownNode when the hub is off. `source` must outlive the hub.
  coordinator::LongStatus send_long(std::uint32_t board, transfer::LongSource& source,
                                    std::uint32_t size);
  /// How many of those ended so.
  std::uint64_t long_ended(transfer::LongEnd how) const {
    return long_ended_[static_cast<std::size_t>(how)];
  }

  /// What a board has confirmed that it keeps to; nothing when it has not, or the hub is off.
  const Wanted* confirmed_configuration(std::uint32_t board) const;

  /// Every board that was configured has confirmed it.
  bool all_configured() const;

  /// Null while the power is off.
  const coordinator::Coordinator* role() const { return on() ? &*owner_->role : nullptr; }
  HubStore& store() { return store_; }
  const HubStore& store() const { return store_; }
  const HubSettings& settings() const { return settings_; }
  Instant local_now() const { return clock_.local(scene_.now); }
  /// The MACs whose plain frames gateways refuse, 6 bytes each.
  const std::vector<std::uint8_t>& keyed() const { return keyed_; }
  /// True once after each change of keyed().
  bool take_keyed_changed() { return std::exchange(keyed_changed_, false); }
  /// A restart found a record that the coordinator would not take back.
  bool restore_failed() const { return restore_failed_; }
  std::uint64_t takeovers() const { return takeovers_; }
  /// Boards that somebody said yes to.
  std::uint64_t approved() const { return approved_; }
  /// First joins with the key on a label.
  std::uint64_t joined_by_label() const { return joined_by_label_; }
  /// Messages that waited for an owner whose successor had taken over meanwhile.
  std::uint64_t deposed_frames() const { return deposed_frames_; }
  /// Frames sent, or taken, by an owner whose successor had taken over.
  std::uint64_t deposed_acts() const { return deposed_acts_; }

 private:
  void send(ServerId server, const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
            ByteView body, std::uint32_t command, std::uint32_t expires_s) override;

  void on_node_joined(const MacAddress& mac, ModuleId) override;
  void on_node_online(const MacAddress&, const MacAddress&, std::optional<std::int8_t>,
                      Channel) override {}
  void on_node_offline(const MacAddress&, coordinator::OfflineReason) override {}
  void on_node_left(const MacAddress& mac) override {
    const OutsideCore port;
    keyed_stale_ = true;
    if (on()) owner_->opened.end_session(mac);
  }
  void on_node_waiting(const MacAddress& mac) override;
  void on_heard(const MacAddress&, const MacAddress&, std::optional<std::int8_t>,
                Channel) override {}
  void on_description(const MacAddress&, coordinator::Ticket) override {}
  void on_opened(const MacAddress&, ByteView, std::optional<std::int8_t>, Channel) override {}
  void on_report(const MacAddress&, coordinator::Ticket) override {}
  void on_command_ended(const MacAddress& mac, std::uint32_t id,
                        coordinator::CommandState state) override;
  void on_refused(const MacAddress&, coordinator::Refusal) override {}
  void on_long_ended(const MacAddress&, transfer::LongEnd how) override {
    const OutsideCore port;
    ++long_ended_[static_cast<std::size_t>(how)];
  }

  /// A process that owns the network, or did.
  struct Owner {
    Owner(const HubSettings& settings, HubStore& store);

    FencedLedger ledger;
    OpenedAudit opened;
    std::vector<coordinator::NodeEntry> nodes;
    std::vector<coordinator::Handshake> handshakes;
    std::vector<coordinator::CommandEntry> commands;
    std::vector<coordinator::PendingCommit> pending;
    std::vector<coordinator::FrameInFlight> frames;
    std::vector<transfer::LongSlot> long_slots;
    std::vector<std::uint8_t> long_bytes;
    std::vector<coordinator::LongDown> long_downs;
    std::vector<coordinator::LabelEntry> labels;
    std::vector<coordinator::FormerEntry> former;
    std::optional<coordinator::Coordinator> role;
    std::optional<HubS0> s0;
  };

  std::unique_ptr<Owner> make_owner();
  void own();
  /// The owner, about to be called.
  Owner& acting();
  static CoreCall<coordinator::Coordinator> core(Owner& owner) {
    return in_core(*owner.role, "a coordinator");
  }
  void renew_lease();
  Instant next_renewal() const;
  void receive_paused();
  void resume();
  void give(const HubStore::Answer& answer);
  bool take(Owner& owner, const Backbone::Up& up);
  bool take_s0(Owner& owner, const coordinator::UplinkFrame& frame, coordinator::Token token);
  void check_counter(const MacAddress& mac, ByteView body);
  void take_messages();
  void list_keyed();
  void say_revocations();
  void show_labels();
  void approve();

  Scene& scene_;
  HubSettings settings_;
  SeededRandom random_;
  HubStore store_;
  DeviceClock clock_;
  std::unique_ptr<Owner> owner_;
  std::unique_ptr<Owner> paused_;
  const Owner* acting_ = nullptr;  ///< who is being called
  Instant lease_until_;
  Instant resume_at_ = kNever;
  std::vector<HubStore::Answer> unheard_;           ///< answers to who is paused
  std::optional<Backbone::Up> unread_;              ///< a message that had reached its socket
  std::map<std::uint32_t, Wanted> configurations_;  ///< by board
  std::map<std::uint32_t, bool> revocations_;       ///< by board
  Key network_key_;
  std::optional<Key> former_network_key_;
  std::uint8_t network_key_generation_ = 0;
  std::uint64_t keys_renewed_ = 0;
  std::vector<std::uint8_t> keyed_;
  std::vector<std::uint8_t> body_;
  bool keyed_stale_ = true;
  bool keyed_changed_ = false;
  bool restore_failed_ = false;
  std::array<std::uint64_t, 4> long_ended_{};  ///< by LongEnd
  SplitMix people_;
  Instant approve_at_ = kNever;
  std::uint64_t approved_ = 0;
  std::uint64_t joined_by_label_ = 0;
  std::uint64_t takeovers_ = 0;
  std::uint64_t deposed_frames_ = 0;
  std::uint64_t deposed_acts_ = 0;
};

}  // namespace espial::sim
