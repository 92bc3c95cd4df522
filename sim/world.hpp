#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/coordinator/coordinator.hpp"
#include "core/gateway/gateway.hpp"
#include "core/node/node.hpp"
#include "core/node/rooms.hpp"
#include "core/port/crypto.hpp"
#include "sim/air/air.hpp"
#include "sim/broker.hpp"
#include "sim/memory_ledger.hpp"
#include "sim/memory_settings.hpp"
#include "sim/seeded_random.hpp"

namespace espial::sim {

inline constexpr std::size_t kWorldNodes = 3;

/// What a node of it takes, down and up, beside what fits a frame.
inline constexpr std::size_t kWorldLongPacket = 2048;

/// How a world is; everything it does not say is drawn from the seed.
struct WorldSettings {
  std::uint64_t seed = 1;
  /// The air's; its own seed is not looked at.
  AirSettings air;
  Channel gateway_channel{6};
  /// The nodes receive 1470-byte bodies.
  bool long_bodies = false;
  /// So does the gateway, and says so.
  bool long_gateway_bodies = false;
  Duration keepalive = Duration::seconds(30);
  /// The nodes do not listen all the time, and have retained memory: see sleep_node().
  bool sleepers = false;
  /// The nodes have rooms: see bind() and press().
  bool rooms = false;
  /// A planted fault: the ledger answers before it has committed.
  bool ledger_answers_early = false;
  /// A planted fault: a restarted coordinator is not told how far the streams had come.
  bool streams_forgotten = false;
};

/// A small house in virtual time: one gateway, three nodes, a coordinator on a ledger whose commits
/// take time, and a broker between them. One seed decides everything: the same seed and the same
/// calls give the same digest().
///
///     nodes ~~~~ air ~~~~ gateway ---- broker ---- coordinator ---- ledger
///
/// It keeps watch: violations() lists every promise it saw broken.
class World {
 public:
  World(const WorldSettings& settings, Crypto& crypto);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Instant now() const { return now_; }
  /// Runs until `end`.
  void run_for(Duration span);
  /// Runs until `done` says so, looked at after every event, for at most `limit`.
  /// @retval false  `limit` was reached.
  template <typename Predicate>
  bool run_until(Duration limit, Predicate done) {
    const Instant end = now_ + limit;
    while (!done()) {
      if (!step(end)) return done();
    }
    return true;
  }

  void start_node(std::size_t index);
  /// The node reports its next number as a QoS 1 reading, or as an event.
  /// @returns the number.
  std::uint32_t report(std::size_t index, bool event = false);
  /// The same with at least so many bytes of readings, of which the number is the first.
  std::uint32_t report_long(std::size_t index, std::size_t size);
  /// The coordinator is told to send a packet that is too long for a frame.
  coordinator::LongStatus send_long(std::size_t index, transfer::LongSource& source,
                                    std::uint32_t size);
  /// How many of those ended so.
  int ended(transfer::LongEnd how) const;
  /// The coordinator is told to bring a number to the node. @returns the identity; 0: not taken.
  std::uint32_t command(std::size_t index, std::uint32_t number, std::uint32_t expiry_s = 0);

  /// The node wants its slot bound to that of another, which then goes by its presses.
  void bind(std::size_t index, std::size_t provider);
  /// Somebody presses its button: its next number goes to the node that it is bound to.
  /// @returns the number; 0: it is bound to nobody, or too much waits already.
  std::uint32_t press(std::size_t index);
  /// What became of its presses, in order.
  const std::vector<node::PressEnd>& press_ends(std::size_t index) const;

  // --- what may befall them ---
  void reset_node(std::size_t index);
  /// A watchdog reset: what is in retained memory stays.
  void crash_node(std::size_t index);
  /// The node goes into deep sleep, whatever it was doing.
  void sleep_node(std::size_t index);
  /// It wakes, reports its next numbers and starts. `knows_slept`: its port can tell how long.
  void wake_node(std::size_t index, bool knows_slept = true, std::size_t reports = 1);
  /// The node is reset before its `bytes`-th byte from now goes into retained memory; it is back a
  /// second later.
  void crash_node_at_byte(std::size_t index, std::size_t bytes);
  /// The node's power fails at its `writes`-th write from now; it is back a second later.
  void cut_node_at_write(std::size_t index, std::uint32_t writes, bool whole);
  void restart_gateway(Duration away);
  void move_gateway(Channel channel);
  /// Without a word: as when a router has moved and taken the gateway along.
  void move_gateway_silently(Channel channel);
  /// Coordinator and ledger lose power together; back after `away`.
  void cut_hub_power(Duration away);
  void set_broker_alive(bool alive);
  /// An adversary sends `body` as if it came from `source`.
  void forge(const MacAddress& source, const MacAddress& destination, ByteView body);
  /// Frames an adversary has heard, newest last.
  struct Overheard {
    MacAddress source;
    MacAddress destination;
    std::vector<std::uint8_t> body;
  };
  const std::vector<Overheard>& overheard() const { return overheard_; }

  // --- to look at ---
  node::Node& node(std::size_t index);
  /// How that node behaves, as it was told.
  const node::Configuration& configuration(std::size_t index) const;
  MemorySettings& settings_of(std::size_t index);
  MacAddress mac_of(std::size_t index) const;
  MacAddress gateway_address() const;
  gateway::Gateway& gateway() { return *gateway_; }
  coordinator::Coordinator& coordinator() { return *coordinator_; }
  bool hub_alive() const { return coordinator_ != nullptr; }
  const MemoryLedger& ledger() const { return ledger_; }
  Air& air() { return air_; }
  bool online(std::size_t index) { return node(index).state() == node::NodeState::kOnline; }
  bool all_online();
  /// Numbers that the node has taken in, in order, repeats included.
  const std::vector<std::uint32_t>& executed(std::size_t index) const;
  /// How often each number of a node stands in the ledger.
  std::map<std::uint32_t, int> stored(std::size_t index) const;
  std::uint32_t reported(std::size_t index) const;
  /// Every report of every node is stored exactly once and acknowledged.
  bool all_settled();
  /// Names of the promises that were broken, each once.
  const std::set<std::string>& violations() const { return violations_; }
  /// Changes with every event: two runs with the same digest did the same.
  std::uint64_t digest() const { return digest_; }
  std::uint64_t events() const { return events_; }

 private:
  class SimRadio;
  class Uplink;
  class Downlink;
  class Watcher;
  struct Device;
  struct GatewayMemory;
  struct CoordinatorMemory;
  class Sink;

  bool step(Instant end);
  Instant next_event() const;
  void run_due();
  void run_device(Device& device);
  void run_broker();
  void run_ledger();
  void check(const Device& device);
  void make_node(Device& device, wire::ResetReason reason);
  void boot_node(std::size_t index, wire::ResetReason reason);
  void make_gateway();
  void make_coordinator();
  void note(std::uint64_t what, std::uint64_t value);
  void publish_keyed();
  void tell_gateway();

  WorldSettings settings_;
  Crypto& crypto_;
  SplitMix random_;
  Key network_key_{};
  Instant now_;
  Air air_;
  Broker broker_;
  MemoryLedger ledger_;
  SeededRandom coordinator_random_;
  std::unique_ptr<Sink> sink_;
  std::array<std::unique_ptr<Device>, kWorldNodes> devices_;
  std::unique_ptr<SimRadio> gateway_radio_;
  std::unique_ptr<Uplink> uplink_;
  std::unique_ptr<Downlink> downlink_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<GatewayMemory> gateway_memory_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<CoordinatorMemory> coordinator_memory_;
  std::unique_ptr<coordinator::Coordinator> coordinator_;
  std::optional<RadioId> adversary_;
  Instant gateway_back_at_ = kNever;
  Instant hub_back_at_ = kNever;
  std::vector<Overheard> overheard_;
  std::set<std::string> violations_;
  std::uint64_t digest_ = 0xcbf29ce484222325U;
  std::uint64_t events_ = 0;
  std::uint32_t at_this_instant_ = 0;
};

}  // namespace espial::sim
