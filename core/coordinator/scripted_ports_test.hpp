#pragma once

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/coordinator/coordinator.hpp"

namespace espial::coordinator {

using Bytes = std::vector<std::uint8_t>;

inline Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
inline ByteView view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }
inline Instant at_ms(std::int64_t ms) { return {ms * 1000}; }
inline MacAddress mac_of(std::uint8_t n) { return {{2, 0, 0, 0, 1, n}}; }
inline constexpr MacAddress kGatewayA{{2, 0, 0, 0, 9, 1}};
inline constexpr MacAddress kGatewayB{{2, 0, 0, 0, 9, 2}};

/// Bytes from one seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(unsigned seed) : engine_(seed) {}
  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mt19937 engine_;
};

class ScriptedDownlink final : public Downlink {
 public:
  struct Sent {
    MacAddress gateway;
    MacAddress mac;
    DownClass down_class;
    Bytes body;
    std::uint32_t command;
    std::uint32_t expires_s;
  };
  void send(ServerId, const MacAddress& gateway, const MacAddress& mac, DownClass down_class,
            ByteView body, std::uint32_t command, std::uint32_t expires_s) override {
    sent.push_back({gateway, mac, down_class, copy(body), command, expires_s});
  }
  /// What was sent since the last call.
  std::vector<Sent> take() { return std::exchange(sent, {}); }

  std::vector<Sent> sent;
};

/// A ledger that commits when the test says so, and remembers everything.
class ScriptedLedger final : public Ledger {
 public:
  struct Report {
    ReportRecord record;
    Bytes readings;
  };
  struct Command {
    CommandRecord record;
    Bytes value;
  };

  void commit_node(Ticket ticket, const NodeRecord& record) override {
    waiting.push_back({"node", ticket, [=, this] { nodes.push_back(record); }});
  }
  void commit_session(Ticket ticket, const SessionRecord& record) override {
    waiting.push_back({"session", ticket, [=, this] { sessions.push_back(record); }});
  }
  void commit_report(Ticket ticket, const ReportRecord& record) override {
    const Report report{record, copy(record.readings)};
    handed.push_back(report);
    waiting.push_back({"report", ticket, [=, this] { reports.push_back(report); }});
  }
  void commit_command(Ticket ticket, const CommandRecord& record) override {
    const Command command{record, copy(record.value)};
    waiting.push_back({"command", ticket, [=, this] { commands.push_back(command); }});
  }
  void commit_description(Ticket ticket, const DescriptionRecord& record) override {
    const Bytes properties = copy(record.properties);
    waiting.push_back({"description", ticket, [=, this] { descriptions.push_back(properties); }});
  }
  void commit_forgotten(Ticket ticket, const MacAddress& mac, const FormerKeys& former) override {
    waiting.push_back({"forgotten", ticket, [=, this] {
                         forgotten.push_back(mac);
                         former_keys = former;
                       }});
  }
  void finished(Token token) override { done.push_back(token); }

  struct Call {
    std::string what;
    Ticket ticket;
    std::function<void()> commit;
  };
  std::vector<std::string> waiting_names() const {
    std::vector<std::string> names;
    for (const Call& call : waiting) names.push_back(call.what);
    return names;
  }

  std::vector<Call> waiting;
  std::vector<Report> handed;
  std::vector<NodeRecord> nodes;
  std::vector<SessionRecord> sessions;
  std::vector<Report> reports;
  std::vector<Command> commands;
  std::vector<Bytes> descriptions;
  std::vector<MacAddress> forgotten;
  FormerKeys former_keys;  ///< of the last of them
  std::vector<Token> done;
};

/// Events as words.
class ScriptedEvents final : public Events {
 public:
  void on_node_joined(const MacAddress&, ModuleId module) override {
    add("joined " + std::to_string(module.value));
  }
  void on_node_online(const MacAddress&, const MacAddress&, std::optional<std::int8_t>,
                      Channel) override {
    add("online");
  }
  void on_node_offline(const MacAddress&, OfflineReason reason) override {
    add("offline " + std::to_string(static_cast<int>(reason)));
  }
  void on_node_left(const MacAddress&) override { add("left"); }
  void on_node_waiting(const MacAddress&) override { add("waiting"); }
  void on_heard(const MacAddress&, const MacAddress&, std::optional<std::int8_t>,
                Channel) override {
    ++heard;
  }
  void on_description(const MacAddress&, Ticket) override { add("description"); }
  void on_opened(const MacAddress&, ByteView packet, std::optional<std::int8_t>, Channel) override {
    opened.push_back(copy(packet));
  }
  void on_report(const MacAddress&, Ticket) override { ++reports; }
  void on_command_ended(const MacAddress&, std::uint32_t id, CommandState state) override {
    add("ended " + std::to_string(id) + " " + std::to_string(static_cast<int>(state)));
  }
  void on_refused(const MacAddress&, Refusal reason) override {
    add("refused " + std::to_string(static_cast<int>(reason)));
  }

  void on_node_revoked(const MacAddress&, bool revoked) override {
    add(revoked ? "revoked" : "unrevoked");
  }
  void on_long_ended(const MacAddress&, transfer::LongEnd how) override {
    add("long ended " + std::to_string(static_cast<int>(how)));
  }

  std::vector<std::string> take() { return std::exchange(log_, {}); }

  int heard = 0;
  int reports = 0;
  std::vector<Bytes> opened;

 private:
  void add(std::string word) { log_.push_back(std::move(word)); }
  std::vector<std::string> log_;
};

}  // namespace espial::coordinator
