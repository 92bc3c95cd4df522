#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/coordinator/coordinator.hpp"
#include "core/transfer/report_ring.hpp"
#include "core/wire/report.hpp"
#include "hub/features/commands.hpp"
#include "hub/features/configuration/s0_file.hpp"
#include "hub/features/gateway_watch.hpp"
#include "hub/features/network_keys.hpp"
#include "hub/features/network_ledger.hpp"
#include "hub/features/network_topics.hpp"
#include "hub/features/replacing.hpp"
#include "hub/features/trace/report_trace.hpp"
#include "hub/mqtt/client.hpp"
#include "hub/mqtt/log_limit.hpp"
#include "hub/store/changes.hpp"
#include "hub/store/committer.hpp"
#include "station/function_notes.hpp"
#include "station/live_state.hpp"

namespace espial::features {

/// What a gateway last said of itself on its retained topic; offline also while it is missed.
struct GatewayStatus {
  bool online = false;
  Channel channel;
  UnixTime changed_at;
  /// Everything else it counts, by the names it gives: at most kMaxGatewayCounters.
  std::map<std::string, std::uint64_t> counters;
  /// How far its clock was ahead of ours when it last spoke; nothing: it has none. A message that
  /// waited at the broker makes it look slower.
  std::optional<std::int64_t> clock_ahead_ms;
};
inline constexpr std::size_t kMaxGatewayCounters = 64;

/// One network of Espial modules: core/coordinator between the broker and the store.
///
///     up/<gateway>/<mac> --> Coordinator --Ledger--> Committer --> database
///                                 |                      |
///     down/<gateway>/<mac> <------+<---- committed ------+--> live state, PUBACK to the broker
///
/// A frame is acknowledged to the broker once everything it caused is committed or refused. When
/// the store takes no more, the frame is given back, and comes again later. One thread only.
class EspialNetwork final : private coordinator::Downlink, private coordinator::Events {
 public:
  /// Modules of one network.
  static constexpr std::size_t kMaxNodes = 4096;
  /// Forgotten modules that are still told so with a proof.
  static constexpr std::size_t kMaxFormer = 1024;
  static constexpr std::size_t kMaxGateways = 256;
  static constexpr std::size_t kMaxCommands = 4096;
  /// Reports longer than a frame that may arrive at once, and the longest: what a sender's ring can
  /// hold, and what stands before it.
  static constexpr std::size_t kLongPackets = 16;
  static constexpr std::size_t kMaxLongPacket =
      std::numeric_limits<decltype(transfer::ReportSlot::size)>::max() + wire::kMaxReportHead;
  /// Where nobody says how long a command may wait: for a module that listens, and the least for
  /// one that sleeps.
  static constexpr std::uint32_t kCommandLifetime_s = 60;
  /// For one that sleeps, so many of its sleeps.
  static constexpr std::uint32_t kSleepsInLifetime = 3;
  /// A sleep of which nothing is known: this hub has not heard the module twice, and nobody told
  /// it an interval.
  static constexpr std::uint32_t kUnknownSleep_s = 300;

  struct Options {
    std::string site = "home";
    ServerId server{1};
    NetworkKeyPair network_key;
    Key wrap_key{};
    /// Goes before the policy that was kept.
    std::optional<coordinator::JoinPolicy> join_policy;
    /// How long new modules may join after the start.
    Duration pairing = Duration{};
    /// S0's modules are served beside it (S0Network): the network's gateways are told to relay
    /// them.
    bool s0 = false;
    /// Frames the broker hands out unacknowledged: the connection's Receive Maximum.
    std::size_t max_frames = 16384;
  };

  struct Counters {
    std::uint64_t malformed = 0;      ///< topics or properties that protocol/mqtt.md doesn't know
    std::uint64_t not_published = 0;  ///< the broker's queue was full
    std::uint64_t gateways_refused = 0;  ///< beyond kMaxGateways
  };

  /// All of it outlives the network.
  struct Ports {
    station::LiveState& live;
    store::Committer& committer;
    store::Documents& documents;
    trace::ReportTrace& trace;
    const station::FunctionNotes& notes;
    Crypto& crypto;
    Random& random;
    std::function<mqtt::PublishError(const mqtt::Message&)> publish;
    std::function<void(mqtt::Ticket)> acknowledge;
    /// There is no room for this message: a later connection is to bring it again.
    std::function<void(mqtt::Ticket)> give_back;
    CommandListener on_command;
    /// A gateway came, went or changed.
    std::function<void()> on_gateways;
    /// Keeps a changed network key; see NetworkKeys.
    std::function<bool(const NetworkKeyPair&)> keep_keys;
    /// The network can't go on; the sentence says why.
    std::function<void(std::string_view)> on_failure;
  };

  EspialNetwork(const Options& options, Ports ports);
  ~EspialNetwork() override;

  /// Takes up modules, sessions, streams and commands that are stored. Once, before anything else.
  void restore(const store::Snapshot& snapshot);
  void start();

  /// What to subscribe to, at QoS 1.
  std::vector<std::string> filters() const;
  bool owns(std::string_view topic) const;
  void on_message(const mqtt::Publish& message, mqtt::Ticket ticket);
  /// The broker is reached: says that the coordinator is there and who is keyed.
  void on_connected();
  /// The broker has been away for a while: no module can be heard, and none is shown online.
  void on_broker_lost();
  /// The last will of the connection that this network speaks through.
  mqtt::WillOptions will() const;
  /// Says that the coordinator goes, before a clean stop.
  void say_goodbye();

  /// Brings a value, encoded as its kind has it, to a function, within `lifetime_s`; without it a
  /// module that sleeps is given time to wake.
  CommandAccepted command(station::DeviceId device, std::uint8_t slot, std::uint8_t kind,
                          ByteView value, std::optional<std::uint32_t> lifetime_s = std::nullopt);
  /// A device of this network was renamed in the live state. False when that can't be stored now:
  /// then nobody was told.
  [[nodiscard]] bool renamed(station::DeviceId device);
  /// Who may join, and whose keys are good.
  NetworkKeys& keys() { return keys_; }
  /// What a configuration file says of a module: titles, which slots are in use, how often it
  /// reports, its share of the air and its week. Without a change nothing happens. False when that
  /// can't be stored now.
  [[nodiscard]] bool configure(station::DeviceId device, const configuration::ModulePlan& plan);
  /// Whether the module keeps to that by its own word. True of one that was told nothing, and of
  /// devices that are none of ours.
  bool keeps_to_configuration(station::DeviceId device) const;
  /// A module that has joined takes the place of one that is offline: name, history and card. The
  /// broken one's key admits nobody any more, as soon as there is room to store that. Otherwise why
  /// not.
  [[nodiscard]] std::optional<CommandRefusal> replace(Replacement wanted);
  /// To be called about once a second: does what there was no room for before.
  void tick();
  /// Ends a module for good: its key, its session and its commands are no more. It may join again
  /// as a new one does. Otherwise why not. The rest of it is forget_device()'s.
  [[nodiscard]] std::optional<CommandRefusal> forget(station::DeviceId device);

  /// To be called about every second: takes gateways that have fallen silent for offline.
  /// `listening`: whether the broker is reached.
  void watch_gateways(Instant now, bool listening);

  Instant next_timer() const { return role_.next_timer(); }
  void on_timer(Instant now);

  const std::map<MacAddress, GatewayStatus>& gateways() const { return gateways_; }
  const coordinator::Counters& role_counters() const { return role_.counters(); }
  const NetworkLedger::Counters& ledger_counters() const { return ledger_.counters(); }
  const Counters& counters() const { return counters_; }
  ServerId server() const { return options_.server; }

 private:
  struct Tables;
  /// What a configuration has told a module.
  struct Told {
    std::uint16_t interval_s = 0;
    std::uint16_t slots = 0;
    std::uint16_t max_airtime_permille = 0;
    std::optional<wire::WeekSchedule> week;
    bool operator==(const Told&) const = default;
  };

  // coordinator::Downlink
  void send(ServerId server, const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
            ByteView body, std::uint32_t command, std::uint32_t expires_s) override;
  // coordinator::Events
  void on_node_joined(const MacAddress& mac, ModuleId module) override;
  void on_node_online(const MacAddress& mac, const MacAddress& gateway,
                      std::optional<std::int8_t> rssi_dbm, Channel channel) override;
  void on_node_offline(const MacAddress& mac, coordinator::OfflineReason reason) override;
  void on_node_left(const MacAddress& mac) override;
  void on_node_waiting(const MacAddress& mac) override;
  void on_heard(const MacAddress& mac, const MacAddress& gateway,
                std::optional<std::int8_t> rssi_dbm, Channel channel) override;
  void on_description(const MacAddress& mac, coordinator::Ticket ticket) override;
  void on_opened(const MacAddress& mac, ByteView packet, std::optional<std::int8_t> rssi_dbm,
                 Channel channel) override;
  void on_report(const MacAddress& mac, coordinator::Ticket ticket) override;
  void on_command_ended(const MacAddress& mac, std::uint32_t id,
                        coordinator::CommandState state) override;
  void on_refused(const MacAddress& mac, coordinator::Refusal reason) override;
  void on_node_revoked(const MacAddress& mac, bool revoked) override;

  void on_up(const topics::Network::Parsed& topic, const mqtt::Publish& message,
             mqtt::Ticket ticket);
  void on_gateway(const MacAddress& gateway, ByteView payload, bool retained);
  void set_gateway(const MacAddress& gateway, bool online);
  void on_device_set(const MacAddress& mac, const mqtt::Publish& message);
  /// How long a command waits for a module of which nobody says it.
  std::uint32_t lifetime_for(const coordinator::NodeEntry& node) const;
  void refuse(const mqtt::Publish& message, mqtt::Ticket ticket);
  void publish(const std::string& topic, ByteView payload, bool retain,
               const std::vector<mqtt::UserProperty>& properties = {},
               std::optional<std::uint32_t> lifetime_s = std::nullopt);
  void publish_keyed();
  /// What events asked for and may not do themselves: nothing calls the role back from inside.
  void follow_up();
  void set_online(const MacAddress& mac, bool online);
  /// Tells a module its name, and its interval where a configuration gives one.
  void tell_name(const station::Device& device);
  /// Tells pages at once how often a module reports from now on, for its next report may be far.
  void show_interval(const station::Device& device);
  /// Tells pages and groups of commands whose module is no more.
  void tell_expired(const std::vector<store::CommandRecord>& over) const;

  Options options_;
  Ports ports_;
  topics::Network topics_;
  std::unique_ptr<Tables> tables_;
  NetworkLedger ledger_;
  coordinator::Coordinator role_;
  NetworkKeys keys_;
  std::map<MacAddress, GatewayStatus> gateways_;
  GatewayWatch watch_;
  std::unordered_map<coordinator::Token, mqtt::Ticket> waiting_;
  coordinator::Token last_token_ = 0;
  std::map<MacAddress, Told> configured_;
  std::set<MacAddress> replaced_;  ///< whose keys the coordinator still has
  bool keyed_changed_ = false;
  std::vector<MacAddress> described_;
  bool no_room_ = false;  ///< a record of the frame at hand was turned away
  bool failed_ = false;
  Counters counters_;
  mqtt::LogLimit log_limit_{5, Duration::seconds(10)};
};

}  // namespace espial::features
