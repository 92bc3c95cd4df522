#include "sim/network/happenings.hpp"

#include <algorithm>

namespace espial::sim {
namespace {

constexpr std::array<std::string_view, kAttacks> kAttackNames{
    "frames_replayed", "frames_forged", "frames_flooded", "searches_misled", "versions_mixed"};
constexpr std::array<Fault, kAttacks> kAttackFaults{
    Fault::kReplayed, Fault::kForged, Fault::kFlooded, Fault::kLookAlike, Fault::kOtherVersions};

/// How often a clock that went from `from` to `to` passed the end of 32 bits, counted in
/// microseconds or in milliseconds.
std::uint64_t wraps(Instant from, Instant to) {
  constexpr std::int64_t kRange = std::int64_t{1} << 32U;
  const auto passed = [&](std::int64_t unit_us) {
    return static_cast<std::uint64_t>(to.us / unit_us / kRange - from.us / unit_us / kRange);
  };
  return passed(1) + passed(1000);
}

bool may_wrap(Instant origin, Duration span) { return wraps(origin, origin + span) > 0; }

class List {
 public:
  void add(std::string_view name, std::uint64_t count, bool expected, bool sure = false) {
    happenings_.push_back({name, count, expected, sure});
  }
  std::vector<Happening> take() { return std::move(happenings_); }

 private:
  std::vector<Happening> happenings_;
};

/// There is somebody whom it can befall, whatever else does.
bool possible(Fault fault, const Simulation& simulation) {
  const NetworkSettings& settings = simulation.scenario().network;
  switch (fault) {
    case Fault::kGatewayReplaced:
      return std::any_of(settings.gateways.begin(), settings.gateways.end(),
                         [](const GatewaySettings& gateway) { return gateway.spare; });
    case Fault::kBoardResetAtByte:
      return std::any_of(settings.boards.begin(), settings.boards.end(),
                         [](const BoardSettings& board) { return board.retains || board.sleeper; });
    case Fault::kHubCutAtCommit:
    case Fault::kConfigured:
    case Fault::kModuleRevoked:
    case Fault::kNetworkKeyChanged:
      // These wait for boards that join or report: other troubles may keep them from that for as
      // long as the run takes.
      return false;
    default:
      return true;
  }
}

/// Times between two of a kind are drawn up to twice the mean: this many means can't pass without
/// ten, and one that found its device troubled already is followed by the next.
bool sure(Fault fault, const Simulation& simulation) {
  constexpr std::int64_t kManyMeans = 20;
  const Scenario& scenario = simulation.scenario();
  const Duration mean = scenario.faults.mean_gap[static_cast<std::size_t>(fault)];
  return mean > Duration{} && scenario.span >= mean * kManyMeans && possible(fault, simulation);
}

/// Several boards met each other on the air so often that some began at the same moment.
bool crowded(const Simulation& simulation) {
  constexpr std::uint64_t kManyMeetings = 10'000;
  return simulation.scenario().network.boards.size() > 1 &&
         simulation.network().air().counters().sensed_busy >= kManyMeetings;
}

void add_air(List& list, const Simulation& simulation) {
  const AirCounters& air = simulation.network().air().counters();
  const Scenario& scenario = simulation.scenario();
  const AirSettings& usual = scenario.network.air;
  const bool worse =
      scenario.faults.mean_gap[static_cast<std::size_t>(Fault::kAirWorse)] > Duration{};
  const auto chance = [&](std::uint32_t AirSettings::*permille) {
    return usual.*permille > 0 || (worse && scenario.faults.worse_air.*permille > 0);
  };
  list.add("frames_lost", air.lost, chance(&AirSettings::loss_permille));
  list.add("frames_dropped", air.dropped, chance(&AirSettings::drop_permille));
  list.add("frames_doubled", air.duplicates, chance(&AirSettings::duplicate_permille));
  list.add("repeats_passed", air.repeats_passed, chance(&AirSettings::repeat_permille));
  list.add("frames_late", air.late, chance(&AirSettings::late_permille));
  list.add("frames_corrupted", air.corrupted, chance(&AirSettings::corrupt_permille));
  list.add("acks_lost", air.acks_lost, chance(&AirSettings::loss_permille));
  list.add("heard_off_channel", air.off_channel, chance(&AirSettings::off_channel_permille));
  list.add("heard_past_sleep", air.past_sleep, usual.asleep_permille > 0);
  const bool foreign = std::any_of(usual.foreign.begin(), usual.foreign.end(),
                                   [](const auto& one) { return one.share_permille > 0; });
  list.add("foreign_wifi_busy", air.foreign_busy, foreign);
  list.add("foreign_wifi_hits", air.foreign_hits, foreign);
  list.add("collisions", air.collisions, crowded(simulation));
  list.add("blind_starts", air.blind_starts, crowded(simulation));
  const bool apart = std::any_of(scenario.network.boards.begin(), scenario.network.boards.end(),
                                 [](const auto& board) { return board.position.has_value(); });
  list.add("captures", air.captures, apart && crowded(simulation));
}

void add_devices(List& list, const Simulation& simulation) {
  const Network& network = simulation.network();
  const Duration span = simulation.scenario().span;
  std::uint64_t wrapped = wraps(network.hub().settings().clock_origin, network.hub().local_now());
  bool wraps_expected = may_wrap(network.hub().settings().clock_origin, span);
  std::uint64_t sleeps = 0;
  bool sleepers = false;
  bool long_senders = false;
  std::uint64_t crypto_waits = 0;
  bool slow_chips = false;
  std::uint64_t gateway_waits = 0;
  bool slow_gateways = false;
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    const Board& board = network.board(i);
    const BoardSettings& settings = board.settings();
    wrapped += wraps(settings.clock_origin, board.local_now());
    wraps_expected = wraps_expected || may_wrap(settings.clock_origin, span);
    sleeps += board.sleeps();
    sleepers = sleepers || settings.sleeper;
    long_senders = long_senders || settings.long_permille > 0;
    crypto_waits += board.crypto_waits();
    slow_chips = slow_chips || settings.chip.seal > Duration{};
  }
  for (std::uint32_t i = 0; i < network.gateway_count(); ++i) {
    const GatewayBox& gateway = network.gateway(i);
    wrapped += wraps(gateway.settings().clock_origin, gateway.local_now());
    wraps_expected = wraps_expected || may_wrap(gateway.settings().clock_origin, span);
    gateway_waits += gateway.crypto_waits();
    slow_gateways = slow_gateways || gateway.settings().chip.seal > Duration{};
  }
  list.add("clocks_wrapped", wrapped, wraps_expected);
  list.add("crypto_waits", crypto_waits, slow_chips);
  list.add("gateway_crypto_waits", gateway_waits, slow_gateways);
  list.add("deep_sleeps", sleeps, sleepers);
  list.add("long_reports_stored", simulation.reports().stored_long(), long_senders);
  list.add("body_sizes_mixed", network.mixed_frames(), network.mixes_sizes());
}

void add_others(List& list, const Simulation& simulation) {
  bool buttons = false;
  std::uint64_t put_off = 0;
  const Network& network = simulation.network();
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    const RoomProgram* const room = network.board(i).room();
    if (room == nullptr) continue;
    buttons = buttons || !room->settings().lamp;
    put_off += room->put_off();
  }
  const std::uint64_t renewed = network.hub().keys_renewed();
  std::uint64_t refused = 0;
  for (std::uint32_t i = 0; i < network.gateway_count(); ++i) {
    const gateway::Gateway* const role = network.gateway(i).role();
    if (role != nullptr) refused += role->counters()[gateway::Count::kOtherVersion];
  }
  const auto versions = static_cast<std::size_t>(Fault::kOtherVersions);
  list.add("versions_refused", refused,
           simulation.scenario().faults.mean_gap[versions] > Duration{});
  const auto renewals = static_cast<std::size_t>(Fault::kNetworkKeyChanged);
  bool labelled = false;
  for (const BoardSettings& board : simulation.scenario().network.boards) {
    labelled = labelled || board.labelled;
  }
  const bool approves = simulation.scenario().network.hub.approves_within > Duration{};
  list.add("boards_approved", network.hub().approved(), approves);
  list.add("joined_by_label", network.hub().joined_by_label(), labelled);
  list.add("keys_renewed", renewed, simulation.scenario().faults.mean_gap[renewals] > Duration{});
  const RoomCheck::Totals& rooms = simulation.rooms().totals();
  const auto all_dead = static_cast<std::size_t>(Fault::kAllDead);
  const bool alone = buttons && simulation.scenario().faults.mean_gap[all_dead] > Duration{};
  list.add("presses_executed", rooms.executed, buttons);
  list.add("presses_put_off", put_off, simulation.scenario().hasty_buttons);
  list.add("presses_without_hub", rooms.executed_alone, alone);
  list.add("s0_readings", simulation.s0().readings(),
           !simulation.scenario().network.s0_modules.empty());
  const S0Neighbour* const neighbour = network.neighbour();
  list.add("s0_set_points", neighbour != nullptr ? neighbour->executed() : 0, neighbour != nullptr);
  list.add("s0_echoes", neighbour != nullptr ? neighbour->echoes() : 0, neighbour != nullptr);
}

/// What troubles led to: a cut that was prepared came, a message was really lost.
void add_consequences(List& list, const Simulation& simulation) {
  const Network& network = simulation.network();
  const auto asked_for = [&](Fault fault) {
    return simulation.scenario().faults.mean_gap[static_cast<std::size_t>(fault)] > Duration{};
  };
  std::uint64_t writes_cut = 0;
  std::uint64_t retained_cut = 0;
  std::uint64_t near_limit = 0;
  bool retains = false;
  for (std::uint32_t i = 0; i < network.board_count(); ++i) {
    const Board& board = network.board(i);
    writes_cut += board.flash().cuts();
    retained_cut += board.retained().resets();
    near_limit += board.duty().near_limit();
    retains = retains || board.retains();
  }
  std::uint64_t held_dropped = 0;
  for (std::uint32_t i = 0; i < network.gateway_count(); ++i) {
    held_dropped += network.gateway(i).held_dropped();
  }
  const bool uplinks_end = asked_for(Fault::kLinkCut) || asked_for(Fault::kBrokerStopped) ||
                           asked_for(Fault::kBrokerKilled);
  const bool takeover = simulation.scenario().faults.most_trouble > kLease;
  list.add("writes_cut", writes_cut, asked_for(Fault::kBoardCutAtWrite));
  list.add("retained_writes_cut", retained_cut, retains && asked_for(Fault::kBoardResetAtByte));
  list.add("near_airtime_limit", near_limit, simulation.scenario().faults.talker.has_value());
  list.add("dropped_by_gateways", held_dropped,
           uplinks_end && simulation.scenario().network.boards.size() > 1);
  list.add("lost_by_broker", network.backbone().counters().lost_by_broker,
           asked_for(Fault::kBrokerKilled));
  list.add("commits_not_made", network.hub().store().counters().failed,
           asked_for(Fault::kCommitFailed));
  list.add("owners_replaced", network.hub().takeovers(),
           takeover && asked_for(Fault::kOwnerPaused));
  list.add("deposed_met_a_frame", network.hub().deposed_frames(),
           takeover && asked_for(Fault::kOwnerPaused));
}

}  // namespace

std::vector<Happening> happenings_of(const Simulation& simulation) {
  List list;
  for (std::size_t i = 0; i < kFaults; ++i) {
    list.add(to_text(static_cast<Fault>(i)), simulation.faults().counts()[i],
             simulation.scenario().faults.mean_gap[i] > Duration{},
             sure(static_cast<Fault>(i), simulation));
  }
  for (std::size_t i = 0; i < kAttacks; ++i) {
    const auto fault = static_cast<std::size_t>(kAttackFaults[i]);
    list.add(kAttackNames[i], simulation.network().adversary().counts()[i],
             simulation.scenario().faults.mean_gap[fault] > Duration{});
  }
  add_air(list, simulation);
  add_devices(list, simulation);
  add_others(list, simulation);
  add_consequences(list, simulation);
  return list.take();
}

std::vector<std::string_view> missed(const std::vector<Happening>& happenings) {
  std::vector<std::string_view> names;
  for (const Happening& happening : happenings) {
    if (happening.sure && happening.count == 0) names.push_back(happening.name);
  }
  return names;
}

void add(std::vector<Happening>& sum, const std::vector<Happening>& more) {
  if (sum.empty()) {
    sum = more;
    return;
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i].count += more[i].count;
    sum[i].expected = sum[i].expected || more[i].expected;
    sum[i].sure = sum[i].sure || more[i].sure;
  }
}

}  // namespace espial::sim
