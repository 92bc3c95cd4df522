#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/port/crypto.hpp"
#include "sim/heap_watch.hpp"
#include "sim/network/channel_check.hpp"
#include "sim/network/command_check.hpp"
#include "sim/network/cut_plan.hpp"
#include "sim/network/fault_plan.hpp"
#include "sim/network/network.hpp"
#include "sim/network/report_check.hpp"
#include "sim/network/room_check.hpp"
#include "sim/network/s0_check.hpp"
#include "sim/network/watched_crypto.hpp"

namespace espial::sim {

/// A run from beginning to end: what the network is, what befalls it, how long.
struct Scenario {
  NetworkSettings network;
  FaultSettings faults;
  /// How long reports are made and faults happen.
  Duration span = Duration::seconds(120);
  /// How long everything may take to come to rest when all is well again.
  Duration heal_limit = Duration::seconds(600);
  /// From one command to some board to the next, in the mean; zero: none.
  Duration command_gap = Duration::seconds(5);
  /// So many of 1000 commands go to the first board; the others to any.
  std::uint32_t favourite_permille = 0;
  /// Buttons are pressed more often than their lamp may answer, if that has to mind its airtime.
  bool hasty_buttons = false;
  /// So many of 1000 commands expire if they are not brought in time.
  std::uint32_t expiring_permille = 300;
  /// Power is cut here, one point after the other; nothing: nowhere, but for what the faults do.
  std::optional<std::vector<CutPoint>> cuts;
};

/// Everything of a scenario drawn from one seed: how many boards and gateways, how they report,
/// what the air is like, what befalls them.
Scenario draw_scenario(std::uint64_t seed);

/// A network as a person would ask for it: nothing befalls it but what the air does.
struct PlainNetwork {
  std::uint64_t seed = 1;
  std::uint32_t boards = 20;
  std::uint32_t gateways = 1;
  Duration span = Duration::seconds(3600);
  Duration report_interval = Duration::seconds(10);
  std::uint32_t loss_permille = 0;
  /// Each gateway stands in the middle of a square of this side, and boards stand anywhere: at 50 m
  /// hardly any two can't hear each other, at 75 m one pair in seven, at 100 m two in five. 0: all
  /// in one room.
  std::uint32_t square_m = 75;
  /// Neighbouring gateways take one after the other of these.
  std::vector<Channel> channels{Channel{6}};
  /// Of boards and gateways alike.
  RateLadder rates = kEsp32Rates;
  /// Of all boards.
  ChipSpeed chip;
  /// So many of 100 boards sleep between their reports.
  std::uint32_t sleeper_percent = 0;
};
Scenario plain_scenario(const PlainNetwork& plain);

/// A small network for cutting power in, in every state and at every step: little else befalls it
/// than what makes all states come.
Scenario draw_cut_scenario(std::uint64_t seed);

/// One run of a scenario with everybody who watches it.
///
///     make, switch on --> run(): reports, commands, faults --> heal --> all at rest? --> idle?
///     --> checks
class Simulation {
 public:
  /// `crypto` must outlive it.
  Simulation(const Scenario& scenario, Crypto& crypto);

  /// Power is cut at one point after the other, the least covered first, and counted in `coverage`,
  /// until the scenario's span is over. To be called before the run; `coverage` must outlive it.
  void cut_power(CutCoverage& coverage);
  /// Where power was cut, for Scenario::cuts.
  std::vector<CutPoint> cuts() const;
  /// Goes on for at most `span` of the world's time, through all phases.
  /// @retval false  the run is over.
  bool run_for(Duration span);
  /// To the end.
  void run();

  const Scenario& scenario() const { return scenario_; }
  const Network& network() const { return network_; }
  /// See Network::add_tap().
  void add_tap(AirTap& tap) { network_.add_tap(tap); }
  /// `observer` sees everything from now on; it must outlive the simulation.
  void add_observer(Observer& observer) { watch_.add(observer); }
  const Violations& violations() const { return violations_; }
  const ReportCheck& reports() const { return reports_; }
  const CommandCheck& commands() const { return commands_; }
  const RoomCheck& rooms() const { return rooms_; }
  const S0Check& s0() const { return s0_; }
  const WatchedCrypto& crypto() const { return crypto_; }
  const FaultPlan& faults() const { return faults_; }
  /// How long everything took to come to rest after it was healed; nothing while it has not.
  std::optional<Duration> settling_time() const { return settling_time_; }
  /// How much of the planned span is done, in permille.
  std::uint32_t progress_permille() const;

 private:
  enum class Phase : std::uint8_t { kRunning, kHealing, kIdle, kOver };

  void go_to(Instant end);
  void step_to(Instant end);
  void act();
  void give_command();
  void begin_healing();
  void begin_idling();
  void watch_idling();
  void check_idle();
  void finish();
  bool at_rest() const;
  std::string_view unrest() const;
  void check_configurations();
  std::optional<Instant> hasty_since() const;
  void check_rooms();
  void check_keys();

  Scenario scenario_;
  SplitMix random_;
  Violations violations_;
  Watch watch_;
  ReportCheck reports_;
  CommandCheck commands_;
  RoomCheck rooms_;
  S0Check s0_;
  AuditLog audits_;
  WatchedCrypto crypto_;
  Network network_;
  ChannelCheck channels_;
  FaultPlan faults_;
  CutCoverage told_cuts_;
  std::optional<CutPlan> cuts_;
  bool keys_change_ = false;
  Instant next_command_ = kNever;
  std::uint32_t next_number_ = 1;
  Phase phase_ = Phase::kRunning;
  Instant healed_at_;
  Instant watched_since_;
  std::uint64_t events_before_ = 0;
  std::uint32_t idle_spans_ = 0;
  const std::uint64_t heap_requests_ = HeapWatch::requests();
  std::optional<Duration> settling_time_;
};

}  // namespace espial::sim
