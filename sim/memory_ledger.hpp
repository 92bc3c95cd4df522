#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/coordinator/coordinator.hpp"
#include "core/coordinator/ports.hpp"
#include "core/port/crypto.hpp"
#include "sim/broker.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// The coordinator's store: group commits that take their time, and power that can fail.
///
///     commit_…() --> waiting --(delay)--> durable, then on_committed() in the order of the calls
///                       |
///                       +-- power_cut(): gone, and nobody is told
class MemoryLedger final : public coordinator::Ledger {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    Duration least_delay = Duration::milliseconds(2);
    Duration most_delay = Duration::milliseconds(40);
    /// A planted fault for controls: answers "committed" before it is durable.
    bool answers_early = false;
  };
  /// One durable report.
  struct Row {
    MacAddress mac;
    bool events = false;
    std::optional<std::uint32_t> sequence;
    std::vector<std::uint8_t> readings;
    UnixTime taken_at;
  };
  struct Answer {
    coordinator::Ticket ticket = 0;
    bool ok = true;
  };

  MemoryLedger(const Settings& settings, Crypto& crypto, Broker& broker);

  void commit_node(coordinator::Ticket ticket, const coordinator::NodeRecord& record) override;
  void commit_session(coordinator::Ticket ticket,
                      const coordinator::SessionRecord& record) override;
  void commit_report(coordinator::Ticket ticket, const coordinator::ReportRecord& record) override;
  void commit_command(coordinator::Ticket ticket,
                      const coordinator::CommandRecord& record) override;
  void commit_description(coordinator::Ticket ticket,
                          const coordinator::DescriptionRecord& record) override;
  void commit_forgotten(coordinator::Ticket ticket, const MacAddress& mac) override;
  void finished(coordinator::Token token) override { broker_.finished(token); }

  /// When run() has something to do. `now` is kept for the calls that follow, which have no time.
  Instant next_event() const;
  void set_now(Instant now) { now_ = now; }
  /// Makes durable what is due. The answers are to be given to the coordinator, in order.
  std::vector<Answer> run(Instant now);
  /// What was not durable is lost, and so are the answers.
  void power_cut();

  const std::vector<Row>& rows() const { return rows_; }
  std::size_t rows_of(const MacAddress& mac) const;
  std::optional<std::vector<std::uint8_t>> description(const MacAddress& mac) const;
  /// Gives a new coordinator everything durable; without the streams only for controls.
  /// @retval false  it refused a record.
  [[nodiscard]] bool restore(Instant now, coordinator::Coordinator& coordinator,
                             bool with_streams = true) const;

 private:
  struct Report {
    Row row;
    std::uint32_t stream_id = 0;
    coordinator::StreamProgress progress{};
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
  };
  using Record = std::variant<coordinator::NodeRecord, coordinator::SessionRecord, Report, Command,
                              Description, Forgotten>;
  struct Waiting {
    coordinator::Ticket ticket = 0;
    Record record;
  };
  struct Stream {
    std::uint32_t stream_id = 0;
    coordinator::StreamProgress progress{};
  };
  using CommandKey = std::pair<MacAddress, std::uint32_t>;

  void add(coordinator::Ticket ticket, Record record);
  void apply(const coordinator::NodeRecord& record);
  void apply(const coordinator::SessionRecord& record);
  void apply(const Report& record);
  void apply(const Command& record);
  void apply(const Description& record);
  void apply(const Forgotten& record);

  Settings settings_;
  Crypto& crypto_;
  Broker& broker_;
  SplitMix random_;
  Instant now_;
  Instant commit_at_ = kNever;
  std::vector<Waiting> waiting_;
  std::vector<Answer> early_;
  std::map<MacAddress, coordinator::NodeRecord> nodes_;
  std::map<MacAddress, coordinator::SessionRecord> sessions_;
  std::map<std::pair<MacAddress, bool>, Stream> streams_;
  std::map<CommandKey, Command> commands_;
  std::map<MacAddress, std::uint32_t> next_command_;
  std::map<MacAddress, std::vector<std::uint8_t>> descriptions_;
  std::vector<Row> rows_;
  std::map<MacAddress, std::size_t> row_counts_;
};

}  // namespace espial::sim
