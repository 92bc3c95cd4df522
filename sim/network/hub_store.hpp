#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/hash.hpp"
#include "core/coordinator/coordinator.hpp"
#include "core/coordinator/ports.hpp"
#include "core/port/crypto.hpp"
#include "sim/digest.hpp"
#include "sim/heap_watch.hpp"
#include "sim/network/backbone.hpp"
#include "sim/network/opened_audit.hpp"
#include "sim/network/watch.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// Where a commit stands. Power can fail in each.
enum class StoreStep : std::uint8_t {
  kIdle,     ///< nothing is asked
  kWaiting,  ///< asked, not durable: a cut loses it
  kDurable,  ///< durable, and nobody has been told: a cut loses the answers only
};
inline constexpr std::size_t kStoreSteps = 3;

/// What the store keeps, in the order of HubStore's records.
enum class RecordKind : std::uint8_t {
  kNode,
  kSession,
  kReport,
  kCommand,
  kDescription,
  kForgotten
};
inline constexpr std::size_t kRecordKinds = 6;

/// The coordinator's store: group commits that take their time, can fail, and can be interrupted.
///
///     commit_…() --> kWaiting --(commit)--> kDurable --(answer)--> on_committed(), in order
///                       |                      |
///                       | fail_next(): all answered "not stored"
///                       +-- power_cut() -------+
///
/// A failed commit takes everything with it that was asked before its failure is told: of every
/// module, though coordinator::Ledger promises that only of one.
///
/// It is used through a FencedLedger, each owner's own: what an owner has asked whose epoch is over
/// when the commit comes is answered "not stored", and acknowledges nothing.
class HubStore final : public coordinator::Ledger {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    Duration least_delay = Duration::milliseconds(2);
    Duration most_delay = Duration::milliseconds(40);
    Duration answer_delay = Duration::milliseconds(1);
    /// A planted fault for controls: answers "stored" before it is.
    bool answers_early = false;
  };
  using Epoch = std::uint64_t;
  struct Answer {
    Epoch epoch = 0;  ///< whose call it answers
    coordinator::Ticket ticket = 0;
    bool ok = true;
  };
  struct Counters {
    std::uint64_t commits = 0;
    std::uint64_t records = 0;
    std::uint64_t failed = 0;
    std::uint64_t fenced = 0;  ///< records of owners whose epoch was over
    /// Power cuts by the step they met.
    std::array<std::uint64_t, kStoreSteps> cuts{};
  };

  HubStore(const Settings& settings, Crypto& crypto, Backbone& backbone, Watch& watch);

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
  void finished(coordinator::Token token) override {
    const OutsideCore port;
    if (caller_ == epoch_) backbone_.finished(token);
  }

  /// A new owner takes over: every epoch before this one is over. @returns it.
  Epoch begin_epoch() { return ++epoch_; }
  Epoch epoch() const { return epoch_; }
  /// Whose the next calls of the ledger are.
  void speak_as(Epoch epoch) { caller_ = epoch; }

  /// The calls above carry no time: it is the one told last.
  void set_now(Instant now) { now_ = now; }
  Instant next_event() const;
  /// Goes as far as is due. The answers are to be given to the coordinator, in order.
  std::vector<Answer> run(Instant now);

  StoreStep step() const;
  /// A record of this kind is part of the commit that step() is about.
  bool holds(RecordKind kind) const {
    return (answer_at_ != kNever ? durable_kinds_ : asked_kinds_)[static_cast<std::size_t>(kind)];
  }
  void power_cut();
  /// The commit under way, or the next one, fails.
  void fail_next() { failing_ = true; }
  /// Nothing becomes durable before `until`.
  void stall(Instant until) { stalled_until_ = until; }

  std::uint64_t stored_reports() const { return stored_reports_; }
  /// The first downlink counter of a node's session that no commit has reserved; nothing when no
  /// such session is durable. An owner goes on with a session that has ended until it is told so.
  std::optional<std::uint64_t> reserved_until(const MacAddress& mac, std::uint8_t session) const;
  /// The session of a node that is durable, and what was opened in it.
  OpenedAudit::Durable durable_session(const MacAddress& mac) const;
  /// That a node is revoked, or is not, is durable; nothing when no such node is.
  std::optional<bool> revoked(const MacAddress& mac) const;
  std::optional<std::vector<std::uint8_t>> description(const MacAddress& mac) const;
  const Counters& counters() const { return counters_; }
  /// Of what it was asked to keep, and what became of each when.
  std::uint64_t digest() const { return digest_.value(); }

  /// Gives a new coordinator everything durable.
  /// @retval false  it refused a record.
  [[nodiscard]] bool restore(Instant now, coordinator::Coordinator& coordinator) const;

 private:
  struct Report {
    StoredReport stored;
    std::uint8_t session = 0;
    std::uint64_t highest_uplink_counter = 0;
  };
  struct Command {
    coordinator::CommandRecord record;
    std::vector<std::uint8_t> value;
  };
  struct Description {
    MacAddress mac;
    std::vector<std::uint8_t> properties;
  };
  struct Forgotten {
    MacAddress mac;
    coordinator::FormerKeys former;
  };
  using Record = std::variant<coordinator::NodeRecord, coordinator::SessionRecord, Report, Command,
                              Description, Forgotten>;
  struct Asked {
    Epoch epoch = 0;
    coordinator::Ticket ticket = 0;
    Record record;
  };
  struct Stream {
    std::uint32_t stream_id = 0;
    coordinator::StreamProgress progress{};
  };
  /// Everything durable of one node, but its reports.
  struct Device {
    std::optional<coordinator::NodeRecord> node;
    std::optional<coordinator::SessionRecord> session;
    std::uint8_t session_id = 0;
    std::uint64_t reserved_until = 0;              ///< of the session's downlink counters
    std::array<std::optional<Stream>, 2> streams;  ///< readings, events
    std::map<std::uint32_t, Command> commands;
    std::uint32_t next_command = 1;
    std::vector<std::uint8_t> description;
  };

  void end_session(const MacAddress& mac, const Device& device);
  void ask(coordinator::Ticket ticket, Record record);
  void commit();
  void apply(const coordinator::NodeRecord& record);
  void apply(const coordinator::SessionRecord& record);
  void apply(const Report& record);
  void apply(const Command& record);
  void apply(const Description& record);
  void apply(const Forgotten& record);
  [[nodiscard]] static bool restore_functions(const MacAddress& mac, const Device& device,
                                              coordinator::Coordinator& coordinator);

  Settings settings_;
  Crypto& crypto_;
  Backbone& backbone_;
  Watch& watch_;
  SplitMix random_;
  Epoch epoch_ = 0;
  Epoch caller_ = 0;
  Instant now_;
  Instant commit_at_ = kNever;
  Instant answer_at_ = kNever;
  Instant stalled_until_;
  bool failing_ = false;
  std::vector<Asked> asked_;
  std::bitset<kRecordKinds> asked_kinds_;
  std::bitset<kRecordKinds> durable_kinds_;
  std::vector<Answer> answers_;
  std::vector<Answer> early_;
  std::unordered_map<MacAddress, Device, MacHash> devices_;
  /// Sessions whose end is durable and not known to their owner yet, and until where their counters
  /// were reserved.
  std::map<std::pair<MacAddress, std::uint8_t>, std::uint64_t> ended_;
  std::uint64_t stored_reports_ = 0;
  Counters counters_;
  Digest digest_;
};

/// The store as one owner of the network has it.
class FencedLedger final : public coordinator::Ledger {
 public:
  FencedLedger(HubStore& store, HubStore::Epoch epoch) : store_(store), epoch_(epoch) {}

  HubStore::Epoch epoch() const { return epoch_; }
  void commit_node(coordinator::Ticket ticket, const coordinator::NodeRecord& record) override {
    own().commit_node(ticket, record);
  }
  void commit_session(coordinator::Ticket ticket,
                      const coordinator::SessionRecord& record) override {
    own().commit_session(ticket, record);
  }
  void commit_report(coordinator::Ticket ticket, const coordinator::ReportRecord& record) override {
    own().commit_report(ticket, record);
  }
  void commit_command(coordinator::Ticket ticket,
                      const coordinator::CommandRecord& record) override {
    own().commit_command(ticket, record);
  }
  void commit_description(coordinator::Ticket ticket,
                          const coordinator::DescriptionRecord& record) override {
    own().commit_description(ticket, record);
  }
  void commit_forgotten(coordinator::Ticket ticket, const MacAddress& mac,
                        const coordinator::FormerKeys& former) override {
    own().commit_forgotten(ticket, mac, former);
  }
  void finished(coordinator::Token token) override { own().finished(token); }

 private:
  HubStore& own() {
    store_.speak_as(epoch_);
    return store_;
  }

  HubStore& store_;
  HubStore::Epoch epoch_;
};

}  // namespace espial::sim
