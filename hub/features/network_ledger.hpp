#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/coordinator/coordinator.hpp"
#include "core/coordinator/ports.hpp"
#include "hub/features/replacing.hpp"
#include "hub/features/trace/report_trace.hpp"
#include "hub/mqtt/log_limit.hpp"
#include "hub/store/changes.hpp"
#include "hub/store/committer.hpp"
#include "station/function_notes.hpp"
#include "station/live_state.hpp"

namespace espial::features {

/// The coordinator's durable store, made of the hub's: turns its records into changes of the
/// database and shows what was committed.
///
/// What a record of a report says is shown only once it is stored, and so is a new module. Keys
/// reach the disk wrapped, each for the row it stands in.
///
/// A store that takes no more turns a record away: nothing of it stays, here or in the live state,
/// and its ticket is answered with a failure in its turn. What follows for that module fails with
/// it until then: a later report's record says that the stream has come past the one turned away.
class NetworkLedger final : public coordinator::Ledger {
 public:
  struct Counters {
    std::uint64_t readings = 0;       ///< handed to the store
    std::uint64_t bad_values = 0;     ///< outside the limits of their kind: not stored
    std::uint64_t unknown_kinds = 0;  ///< stored as they came, in hexadecimal digits
    std::uint64_t not_admitted = 0;   ///< modules for which there was no room
    std::uint64_t turned_away = 0;    ///< the store's backlog was full
    std::uint64_t damaged = 0;        ///< stored keys that could not be unwrapped
  };

  /// All of it outlives the ledger.
  struct Ports {
    station::LiveState& live;
    store::Committer& committer;
    trace::ReportTrace& trace;
    const station::FunctionNotes& notes;
    Crypto& crypto;
    Random& random;
    std::function<UnixTime()> now;
    std::function<void(coordinator::Ticket, bool ok)> committed;
    std::function<void(coordinator::Token)> finished;
    /// A record was turned away: the frame that brought it is to come again.
    std::function<void()> turned_away;
    /// The store refused a record for ever, which no record may come to: the coordinator must not
    /// go on.
    std::function<void(std::string_view what)> failed;
  };

  NetworkLedger(ServerId server, const Key& wrap_key, Ports ports);

  /// Hands everything that is stored of this network back to its coordinator. The devices are in
  /// the live state already.
  void restore(const store::Snapshot& snapshot, Instant now, coordinator::Coordinator& role);

  void commit_node(coordinator::Ticket ticket, const coordinator::NodeRecord& record) override;
  void commit_session(coordinator::Ticket ticket,
                      const coordinator::SessionRecord& record) override;
  void commit_report(coordinator::Ticket ticket, const coordinator::ReportRecord& record) override;
  void commit_command(coordinator::Ticket ticket,
                      const coordinator::CommandRecord& record) override;
  void commit_description(coordinator::Ticket ticket,
                          const coordinator::DescriptionRecord& record) override;
  void commit_forgotten(coordinator::Ticket ticket, const MacAddress& mac,
                        const coordinator::FormerKeys& former) override;
  void finished(coordinator::Token token) override { ports_.finished(token); }

  /// Answers the calls that have failed, as far as it is their turn. Not from within a call.
  void answer_failures();

  /// Writes what the live state says of a device: its name, whether it is online and so on.
  /// False when the store takes no more now.
  bool store_device(station::DeviceId device);

  /// The commands of a device that have not ended.
  std::vector<store::CommandRecord> open_commands(station::DeviceId device) const;
  /// Gives the broken device the new module, which is no device of its own any more; what was
  /// measured stays with each, and the broken one's commands have expired. `next_command` is that
  /// module's. What is to be shown now; nothing when the store takes no more now: then nothing has
  /// changed.
  [[nodiscard]] std::optional<Succession> replace(Replacement wanted, std::uint32_t next_command);

  const Counters& counters() const { return counters_; }

 private:
  /// What a committed report shows.
  struct Shown {
    std::uint8_t slot = 0;
    UnixTime taken_at;
    std::vector<station::Value> values;
  };
  /// A call that has failed and is not yet answered.
  struct Failure {
    coordinator::Ticket ticket = 0;
    MacAddress mac;
    bool turned_away = false;
    std::uint64_t after = 0;  ///< its turn comes when so many units are completed
  };
  using CommandKey = std::pair<std::uint32_t, std::uint32_t>;

  const station::Device* admit(const MacAddress& mac, ModuleId module);
  void fail(coordinator::Ticket ticket, const MacAddress& mac, bool turned_away = false);
  const Failure* find_failure(const MacAddress& mac) const;
  /// False when the record was turned away: then nothing may be left of it.
  bool submit(coordinator::Ticket ticket, const MacAddress& mac, store::Changes changes,
              std::function<void()> shown = {});
  void restore_functions(const store::Snapshot& snapshot, coordinator::Coordinator& role) const;
  void restore_node(const store::EspialNode& node, std::uint32_t next_command,
                    coordinator::Coordinator& role);
  void restore_session(const store::EspialSession& session, coordinator::Coordinator& role);
  void add_readings(station::DeviceId device, const coordinator::ReportRecord& record,
                    store::Changes& changes, std::vector<Shown>& shown);
  bool add_values(station::DeviceId device, std::uint8_t slot, std::uint8_t kind, ByteView bytes,
                  UnixTime taken_at, store::Changes& changes, Shown& shown);
  void describe(station::Device& device, ByteView properties);
  void move_session(std::uint32_t from, std::uint32_t to);
  store::Changes expired_commands(station::DeviceId device) const;
  void drop_commands(station::DeviceId device);

  ServerId server_;
  Key wrap_key_;
  Ports ports_;
  /// By device: the session whose highest uplink counter is stored.
  std::unordered_map<std::uint32_t, std::uint8_t> sessions_;
  std::unordered_map<std::uint32_t, std::uint64_t> committed_uplink_;
  std::map<CommandKey, store::CommandRecord> open_commands_;
  std::deque<Failure> failures_;  ///< in the order of the calls
  std::uint64_t taken_ = 0;       ///< units that the store took and will complete, in order
  std::uint64_t completed_ = 0;   ///< of these, the completed
  Counters counters_;
  mqtt::LogLimit log_limit_{5, Duration::seconds(10)};
};

}  // namespace espial::features
