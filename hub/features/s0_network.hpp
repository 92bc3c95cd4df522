#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/coordinator/s0_server.hpp"
#include "hub/features/commands.hpp"
#include "hub/features/network_topics.hpp"
#include "hub/features/replacing.hpp"
#include "hub/features/s0_configuration.hpp"
#include "hub/features/s0_places.hpp"
#include "hub/features/trace/report_trace.hpp"
#include "hub/mqtt/client.hpp"
#include "hub/mqtt/log_limit.hpp"
#include "hub/store/changes.hpp"
#include "hub/store/committer.hpp"
#include "hub/store/documents.hpp"
#include "station/function_notes.hpp"
#include "station/live_state.hpp"

namespace espial::features {

/// S0's modules in an Espial network: core/coordinator's S0Server between the broker and the store.
/// The network's S0 switch is on where there is one of these.
///
///     up/<gateway>/<mac>, high nibble 0 --> S0Server --> Committer --> database --> live state
///     down/<gateway>/<mac>, class auth <------+
///
/// Nothing of it is authenticated. A module is its MAC here as everywhere, and its own number is
/// its alias, so of two modules with one number the second is refused. Only a board that takes the
/// place of a broken one stands for a module of another number (s0::Places). An address that
/// belongs to a module with keys, or of another protocol, is never taken for one of S0's. A reading
/// is acknowledged to the broker once it is committed; that it reached the module's radio is all
/// that the module ever knows. One thread only.
class S0Network final : private coordinator::Downlink,
                        private coordinator::S0Directory,
                        private coordinator::S0Events {
 public:
  /// S0 numbers its modules 1..255.
  static constexpr std::size_t kMaxModules = 255;
  static constexpr std::size_t kMaxCommands = 512;
  /// Boards remembered that ask for a number which another one has; the newest.
  static constexpr std::size_t kMaxAsking = 16;
  /// A command that no data have shown by then has expired, where nobody says how long it may wait.
  static constexpr Duration kCommandLifetime = Duration::seconds(60);

  struct Options {
    std::string site = "home";
    ServerId server{1};
  };

  struct Counters {
    std::uint64_t malformed = 0;  ///< properties that protocol/mqtt.md doesn't know
    std::uint64_t not_published = 0;
    std::uint64_t not_stored = 0;         ///< given back, or refused by the store
    std::uint64_t bad_configuration = 0;  ///< documents that are none
  };

  /// A board that asks for the number of another one.
  struct Asking {
    MacAddress mac;
    UnixTime at;  ///< when it did so last
  };

  /// All of it outlives the network.
  struct Ports {
    station::LiveState& live;
    store::Committer& committer;
    store::Documents& documents;
    trace::ReportTrace& trace;
    const station::FunctionNotes& notes;
    std::function<mqtt::PublishError(const mqtt::Message&)> publish;
    std::function<void(mqtt::Ticket)> acknowledge;
    /// There is no room for this message: a later connection is to bring it again.
    std::function<void(mqtt::Ticket)> give_back;
    CommandListener on_command;
  };

  S0Network(const Options& options, Ports ports);

  /// Takes up modules and commands that are stored. Once, before anything else.
  void restore(const store::Snapshot& snapshot);

  /// True for a message of S0's from one of this network's gateways.
  bool owns(const mqtt::Publish& message) const;
  void on_message(const mqtt::Publish& message, mqtt::Ticket ticket);

  /// Asks a function for a value, encoded as a command of its kind, within `lifetime`.
  CommandAccepted command(station::DeviceId device, std::uint8_t slot, ByteView value,
                          Duration lifetime = kCommandLifetime);
  /// A device of this network was renamed in the live state. False when that can't be stored now.
  [[nodiscard]] bool renamed(station::DeviceId device);
  /// Tells a module to start again. False when nobody knows where to reach it.
  [[nodiscard]] bool restart(station::DeviceId device);

  /// A module that a person wants to see no more: its number is free, and its commands have
  /// expired. It is back once it pairs again.
  void forget(station::DeviceId device);

  /// Another board takes the place of a module that is offline: its name, number, history and what
  /// is configured for it. It has paired under a number of its own, or asks in vain for the broken
  /// one's. It pairs anew; the broken one is refused from now on. Otherwise why not.
  [[nodiscard]] std::optional<CommandRefusal> replace(Replacement wanted);
  /// Boards that ask in vain for the number of that module.
  std::vector<Asking> asking_for(station::DeviceId device) const;

  /// What a module shall do from now on. A module that is there starts again and is told; one that
  /// was brought with its history and never heard is shown with these functions at once. False when
  /// that can't be stored now; without a change nothing happens.
  [[nodiscard]] bool configure(ModuleId module, const s0::ModuleConfiguration& configuration);

  /// A sensor that was called `before` is called `now`, or nothing any more: its function's title
  /// is the configured one then.
  void relabelled(std::string_view before, std::string_view now);

  Instant next_timer() { return role_.next_timer(); }
  void on_timer(Instant now);

  const coordinator::S0Server::Counters& role_counters() const { return role_.counters(); }
  const Counters& counters() const { return counters_; }

 private:
  using CommandKey = std::pair<std::uint32_t, std::uint32_t>;  ///< device, command
  struct Asked {
    ModuleId number;
    UnixTime at;
  };
  struct Shown {
    station::DeviceId device{};
    std::uint8_t slot = 0;
    UnixTime taken_at;
    std::vector<station::Value> values;
    trace::ReportTrace::Number trace = 0;
  };

  // coordinator::Downlink
  void send(ServerId server, const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
            ByteView body, std::uint32_t command, std::uint32_t expires_s) override;
  // coordinator::S0Directory
  coordinator::S0Admission admit(const MacAddress& mac, ModuleId module) override;
  s0::Functions functions_of(ModuleId module) override;
  // coordinator::S0Events
  void on_paired(const MacAddress& mac, ModuleId module, const s0::Functions& functions) override;
  void on_heard(const MacAddress& mac, const MacAddress& gateway,
                std::optional<std::int8_t> rssi_dbm) override;
  void on_online(const MacAddress& mac, bool online) override;
  void on_reading(const coordinator::S0Reading& reading) override;
  void on_command_ended(const MacAddress& mac, std::uint32_t id,
                        coordinator::CommandState state) override;
  void on_refused(const MacAddress& mac, ModuleId module, coordinator::S0Refusal reason) override;

  // s0_replace.cpp
  std::variant<ModuleId, CommandRefusal> number_of_successor(const MacAddress& fresh,
                                                             ModuleId place);
  std::vector<store::CommandRecord> expired_commands(station::DeviceId device) const;
  bool is_commanded(station::DeviceId device) const;
  void note_asking(const MacAddress& mac, ModuleId number);
  void tidy_places();

  s0::ModuleConfiguration configuration_of(ModuleId module);
  void show_configured(const station::Device& device);
  void set_title(const station::Device& device, std::uint8_t slot, std::string_view title);
  void label(const station::Device& device, const coordinator::S0Reading& reading);
  store::CommandRecord new_command(const station::Device& device, std::uint8_t slot, ByteView value,
                                   Duration lifetime);
  void end_record(store::CommandRecord record, store::CommandState state);
  void submit(mqtt::Ticket ticket);
  void submit_changes();
  std::function<void(store::Verdict)> completion();

  Options options_;
  Ports ports_;
  topics::Network topics_;
  s0::Places places_;
  std::vector<coordinator::S0Module> modules_{kMaxModules};
  std::vector<coordinator::S0Command> commands_{kMaxCommands};
  coordinator::S0Server role_;
  /// What the message at hand caused, and what is to be shown when that is stored.
  store::Changes changes_;
  std::vector<Shown> shown_;
  std::vector<station::DeviceId> new_devices_;
  std::vector<CommandChange> ended_;
  std::unordered_map<std::uint32_t, std::uint32_t> last_command_;      ///< by device
  std::unordered_map<std::uint32_t, std::int64_t> seen_stored_at_ms_;  ///< by device
  std::map<CommandKey, store::CommandRecord> open_commands_;
  std::map<MacAddress, Asked> asking_;
  Counters counters_;
  mqtt::LogLimit log_limit_{5, Duration::seconds(10)};
};

}  // namespace espial::features
