#include "sim/network/draw_hardship.hpp"

#include <algorithm>

namespace espial::sim {
namespace {

constexpr std::uint64_t kHardshipSeed = 0x4a2d;
constexpr std::uint64_t kHastySeed = 0x6a57;
constexpr std::uint64_t kChipSeed = 0x6368;
constexpr std::uint64_t kEarsSeed = 0x6561;
constexpr std::uint64_t kKeysSeed = 0x6b79;
constexpr std::uint64_t kSleepSeed = 0x736c;
constexpr std::uint64_t kGatewayChipSeed = 0x6763;
/// So many of 1000 scenarios have each of the hardships.
constexpr std::uint32_t kShare_permille = 200;
constexpr std::uint32_t kHasty_permille = 100;

/// A board that would take more of the air than is allowed.
void make_talker(SplitMix& random, Scenario& scenario, std::uint32_t talker) {
  BoardSettings& board = scenario.network.boards[talker];
  board.report_interval = Duration::milliseconds(random.between(300, 1'500));
  board.long_packet_bytes = 2048;
  board.long_permille = static_cast<std::uint32_t>(random.between(300, 1'000));
  board.sleeper = false;
  scenario.faults.talker = talker;
  scenario.faults.mean_gap[static_cast<std::size_t>(Fault::kConfigured)] =
      Duration::milliseconds(random.between(1'000, 8'000));
}

void add_talker(SplitMix& random, Scenario& scenario) {
  make_talker(random, scenario,
              static_cast<std::uint32_t>(random.below(scenario.network.boards.size())));
}

/// Buttons that are pressed more often than their lamp's share of the air lets it answer.
void hurry_buttons(SplitMix& random, Scenario& scenario) {
  auto& boards = scenario.network.boards;
  const auto is_lamp = [](const BoardSettings& board) { return board.room && board.room->lamp; };
  const auto lamp = std::find_if(boards.begin(), boards.end(), is_lamp);
  if (lamp == boards.end()) return;
  for (BoardSettings& board : boards) {
    const bool works_it = board.room && board.room->works.value_or(lamp->number) == lamp->number;
    if (!works_it || board.room->lamp) continue;
    board.room->press_interval = Duration::milliseconds(random.between(300, 900));
    scenario.hasty_buttons = true;
  }
  if (!scenario.hasty_buttons) return;
  if (!scenario.faults.talker) make_talker(random, scenario, lamp->number);
}

/// More commands than a module may have waiting.
void crowd_commands(SplitMix& random, Scenario& scenario) {
  scenario.command_gap = Duration::milliseconds(random.between(200, 1'000));
  scenario.favourite_permille = static_cast<std::uint32_t>(random.between(500, 900));
}

/// Gateways with less room for what goes down than their boards ask for. With still fewer modules
/// in its table than this a gateway forgets a board before it hears it again; and one that can't
/// list all who are keyed takes no plain text, so nothing of S0's.
void make_short(SplitMix& random, Scenario& scenario) {
  const auto& boards = scenario.network.boards;
  const bool sleepers =
      std::any_of(boards.begin(), boards.end(), [](const auto& board) { return board.sleeper; });
  const bool places_return = !sleepers && scenario.network.s0_modules.empty();
  for (GatewaySettings& gateway : scenario.network.gateways) {
    gateway.down_frames = static_cast<std::size_t>(random.between(16, 32));
    if (places_return) gateway.modules = static_cast<std::size_t>(random.between(4, 8));
  }
}

/// Boards of all kinds of chips: what they send waits for their cryptography.
void slow_chips(SplitMix& random, Scenario& scenario) {
  for (BoardSettings& board : scenario.network.boards) {
    board.chip = kChips[random.below(kChips.size())].speed;
  }
}

/// Gateways likewise: what they answer waits.
void slow_gateways(SplitMix& random, Scenario& scenario) {
  for (GatewaySettings& gateway : scenario.network.gateways) {
    gateway.chip = kChips[random.below(kChips.size())].speed;
  }
}

/// Boards that count their sleep by an oscillator made of a resistor and a capacitor.
void drift_asleep(SplitMix& random, Scenario& scenario) {
  for (BoardSettings& board : scenario.network.boards) {
    board.sleep_drift_ppm = static_cast<std::int32_t>(random.between(-20'000, 20'000));
  }
}

/// Gateways whose station sleeps, so that only their softAP hears everything.
void let_stations_sleep(SplitMix& random, Scenario& scenario) {
  const auto asleep_permille = static_cast<std::uint32_t>(random.between(300, 1'000));
  scenario.network.air.asleep_permille = asleep_permille;
  scenario.faults.worse_air.asleep_permille = asleep_permille;
  for (GatewaySettings& gateway : scenario.network.gateways) {
    gateway.station_sleeps = gateway.number == 0 || random.chance(700);
  }
}

/// Frames that are heard on the channels beside their own.
void blur_channels(SplitMix& random, Scenario& scenario) {
  const auto off_channel_permille = static_cast<std::uint32_t>(random.between(20, 300));
  scenario.network.air.off_channel_permille = off_channel_permille;
  scenario.faults.worse_air.off_channel_permille = off_channel_permille;
}

void draw_gap(SplitMix& random, Scenario& scenario, Fault fault) {
  scenario.faults.mean_gap[static_cast<std::size_t>(fault)] =
      Duration::milliseconds(random.between(5'000, 40'000));
}

}  // namespace

void draw_hardship(std::uint64_t seed, Scenario& scenario) {
  SplitMix random(SplitMix(seed ^ kHardshipSeed).fork());
  if (random.chance(kShare_permille)) add_talker(random, scenario);
  if (random.chance(kShare_permille)) crowd_commands(random, scenario);
  if (random.chance(kShare_permille)) make_short(random, scenario);
  SplitMix hasty(SplitMix(seed ^ kHastySeed).fork());
  if (hasty.chance(kHasty_permille)) hurry_buttons(hasty, scenario);
  SplitMix chips(SplitMix(seed ^ kChipSeed).fork());
  if (chips.chance(kShare_permille)) slow_chips(chips, scenario);
  SplitMix ears(SplitMix(seed ^ kEarsSeed).fork());
  if (ears.chance(kShare_permille)) let_stations_sleep(ears, scenario);
  if (ears.chance(kShare_permille)) blur_channels(ears, scenario);
  SplitMix keys(SplitMix(seed ^ kKeysSeed).fork());
  if (keys.chance(kShare_permille)) draw_gap(keys, scenario, Fault::kModuleRevoked);
  if (keys.chance(kShare_permille)) draw_gap(keys, scenario, Fault::kNetworkKeyChanged);
  SplitMix sleep(SplitMix(seed ^ kSleepSeed).fork());
  if (sleep.chance(kShare_permille)) drift_asleep(sleep, scenario);
  SplitMix gateway_chips(SplitMix(seed ^ kGatewayChipSeed).fork());
  if (gateway_chips.chance(kShare_permille)) slow_gateways(gateway_chips, scenario);
}

}  // namespace espial::sim
