#include <algorithm>

#include "sim/network/draw_hardship.hpp"
#include "sim/network/simulation.hpp"

namespace espial::sim {
namespace {

constexpr std::uint64_t kNeighbourSeed = 0x5330;
constexpr std::uint64_t kDoorSeed = 0x646f;

std::uint32_t permille(SplitMix& random, std::int64_t most) {
  return static_cast<std::uint32_t>(random.between(0, most));
}

Channel any_channel(SplitMix& random) {
  return Channel{static_cast<std::uint8_t>(random.between(1, kChannelCount))};
}

/// A clock reads anything when power comes; also what would wrap in 32 bits soon.
Instant any_origin(SplitMix& random) {
  constexpr std::int64_t kWrap_us = std::int64_t{1} << 32U;
  constexpr std::int64_t kWrap_ms = kWrap_us * 1000;
  switch (random.below(3)) {
    case 0:
      return Instant{random.between(0, 1'000'000)};
    case 1:
      return Instant{kWrap_us - random.between(0, 60'000'000)};
    default:
      return Instant{kWrap_ms - random.between(0, 60'000'000)};
  }
}

/// A house in which everybody hears a gateway, though not everybody everybody.
std::optional<Position> any_place(SplitMix& random) {
  constexpr std::int64_t kSide_cm = 1'500;
  return Position{static_cast<std::int32_t>(random.between(0, kSide_cm)),
                  static_cast<std::int32_t>(random.between(0, kSide_cm))};
}

AirSettings draw_air(SplitMix& random) {
  AirSettings air;
  air.propagation.shadowing_db = static_cast<int>(random.between(0, 4));
  air.propagation.fading_percent = static_cast<int>(random.between(0, 100));
  for (ForeignTraffic& foreign : air.foreign) {
    if (!random.chance(300)) continue;
    foreign.share_permille = permille(random, 300);
    foreign.dbm = static_cast<int>(random.between(-85, -60));
    foreign.deaf_permille = permille(random, 200);
  }
  air.repeat_permille = permille(random, 100);
  air.corrupt_permille = permille(random, 50);
  air.late_permille = permille(random, 50);
  air.loss_permille = permille(random, 200);
  air.drop_permille = permille(random, 100);
  air.duplicate_permille = permille(random, 100);
  return air;
}

BoardSettings draw_board(SplitMix& random, std::uint32_t number) {
  BoardSettings board;
  board.number = number;
  board.seed = random.fork();
  board.max_body_size = random.chance(300) ? kMaxBodyV2 : kMaxBodyV1;
  board.ring_slots = static_cast<std::size_t>(random.between(4, 40));
  board.report_interval = Duration::milliseconds(random.between(500, 20'000));
  board.event_permille = permille(random, 300);
  board.keepalive = Duration::seconds(random.between(10, 60));
  board.drift_ppm = static_cast<std::int32_t>(random.between(-100, 100));
  board.clock_origin = any_origin(random);
  board.sleeper = random.chance(200);
  board.retains = random.chance(300);
  board.knows_reset = random.chance(700);
  if (random.chance(400)) {
    board.long_packet_bytes = 2048;
    board.long_permille = permille(random, 300);
  }
  return board;
}

GatewaySettings draw_gateway(SplitMix& random, std::uint32_t number, Channel channel) {
  GatewaySettings gateway;
  gateway.number = number;
  // Most houses have one router, and all its gateways one channel.
  gateway.channel = random.chance(700) ? channel : any_channel(random);
  gateway.max_body_size = random.chance(300) ? kMaxBodyV2 : kMaxBodyV1;
  gateway.modules = static_cast<std::size_t>(random.between(3, 64));
  gateway.down_frames = static_cast<std::size_t>(random.between(32, 128));
  gateway.held_bytes = static_cast<std::size_t>(random.between(2, 32)) * 1024;
  gateway.drift_ppm = static_cast<std::int32_t>(random.between(-100, 100));
  gateway.clock_origin = any_origin(random);
  return gateway;
}

FaultSettings draw_faults(SplitMix& random) {
  FaultSettings faults;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Fault::kOtherVersions); ++i) {
    Duration& gap = faults.mean_gap[i];
    // Some runs are spared some kinds, so that others can be seen alone.
    if (random.chance(500)) gap = Duration::milliseconds(random.between(3'000, 60'000));
  }
  faults.most_trouble = Duration::milliseconds(random.between(1'000, 40'000));
  faults.worse_air.loss_permille = permille(random, 700);
  faults.worse_air.corrupt_permille = permille(random, 300);
  faults.worse_air.late_permille = permille(random, 300);
  faults.worse_air.repeat_permille = permille(random, 500);
  faults.worse_air.drop_permille = permille(random, 500);
  faults.worse_air.duplicate_permille = permille(random, 500);
  return faults;
}

/// Some of the boards that are always there are lamps, and some of all are buttons.
void draw_rooms(SplitMix& random, std::vector<BoardSettings>& boards,
                std::uint32_t leave_permille) {
  std::vector<std::uint32_t> lamps;
  for (BoardSettings& board : boards) {
    if (board.sleeper || (!lamps.empty() && !random.chance(200))) continue;
    board.room.emplace().lamp = true;
    lamps.push_back(board.number);
  }
  if (lamps.empty()) return;
  // A lamp takes as many buttons as a node's record holds bonds.
  std::size_t buttons = lamps.size() * 2;
  for (BoardSettings& board : boards) {
    if (board.room || buttons == 0 || !random.chance(500)) continue;
    --buttons;
    RoomSettings& room = board.room.emplace();
    room.seed = random.fork();
    room.press_interval = Duration::milliseconds(random.between(500, 20'000));
    room.leave_permille = leave_permille;
    // Two for each lamp; or whoever offers one, where there is one only.
    if (lamps.size() > 1 || random.chance(700)) room.works = lamps[buttons / 2];
  }
}

/// Some modules of S0's at the same gateways.
void draw_s0(SplitMix& random, NetworkSettings& network) {
  const auto modules = static_cast<std::uint32_t>(random.between(1, 4));
  const bool in_one_room = !network.boards.front().position;
  for (std::uint32_t i = 0; i < modules; ++i) {
    S0Settings module;
    module.number = i;
    module.seed = random.fork();
    module.interval = Duration::milliseconds(random.between(2'000, 20'000));
    if (!in_one_room) module.position = any_place(random);
    network.s0_modules.push_back(module);
  }
  network.hub.s0_modules = modules;
  for (GatewaySettings& gateway : network.gateways) {
    gateway.s0 = true;
    // One that can't list all who are keyed takes plain text from nobody.
    gateway.modules = std::max(gateway.modules, network.boards.size()) + modules;
  }
}

/// A house of S0's next door, which Espial boards have joined.
void draw_neighbour(SplitMix& random, NetworkSettings& network) {
  S0NeighbourSettings& house = network.neighbour.emplace();
  const bool in_one_room = !network.boards.front().position;
  house.seed = random.fork();
  house.channel = any_channel(random);
  house.wish_interval = Duration::milliseconds(random.between(2'000, 20'000));
  if (!in_one_room) house.position = any_place(random);
  for (std::int64_t boards = random.between(1, 4); boards > 0; --boards) {
    S0BoardSettings& board = house.boards.emplace_back();
    board.seed = random.fork();
    board.report_interval = Duration::milliseconds(random.between(1'000, 20'000));
    board.drift_ppm = static_cast<std::int32_t>(random.between(-100, 100));
    board.clock_origin = any_origin(random);
    if (!in_one_room) board.position = any_place(random);
  }
}

/// How boards come in that are new: by somebody's word, by the key on a label, or just so.
void draw_door(std::uint64_t seed, NetworkSettings& network, std::int64_t most_ms) {
  SplitMix random(SplitMix(seed ^ kDoorSeed).fork());
  if (random.chance(200)) {
    network.hub.approves_within = Duration::milliseconds(random.between(1, most_ms));
  }
  if (!random.chance(200)) return;
  for (BoardSettings& board : network.boards) board.labelled = random.chance(500);
}

void draw_gap(SplitMix& random, Scenario& scenario, Fault fault, std::int64_t most_ms) {
  scenario.faults.mean_gap[static_cast<std::size_t>(fault)] =
      Duration::milliseconds(random.between(most_ms / 4, most_ms));
}

}  // namespace

Scenario draw_cut_scenario(std::uint64_t seed) {
  SplitMix random(seed);
  Scenario scenario;
  NetworkSettings& network = scenario.network;
  network.seed = random.fork();
  network.air.loss_permille = permille(random, 100);
  const auto gateways = static_cast<std::uint32_t>(random.between(1, 2));
  for (std::uint32_t i = 0; i < gateways; ++i) {
    network.gateways.push_back(draw_gateway(random, i, any_channel(random)));
    network.gateways.back().modules = 16;
  }
  const auto boards = static_cast<std::uint32_t>(random.between(4, 8));
  for (std::uint32_t i = 0; i < boards; ++i) {
    BoardSettings board = draw_board(random, i);
    board.report_interval = Duration::milliseconds(random.between(300, 3'000));
    board.sleeper = i == 0;
    board.ring_slots = 8;
    board.retains = true;
    network.boards.push_back(board);
  }
  network.hub.gateways = gateways;
  network.hub.nodes = boards;
  network.hub.store.most_delay = Duration::milliseconds(random.between(2, 60));
  network.hub.store.answer_delay = Duration::microseconds(random.between(1, 5'000));
  draw_gap(random, scenario, Fault::kConfigured, 4'000);
  draw_gap(random, scenario, Fault::kLinkCut, 6'000);
  draw_gap(random, scenario, Fault::kGatewayMoveAnnounced, 10'000);
  scenario.faults.most_trouble = Duration::milliseconds(2'000);
  scenario.span = Duration::seconds(random.between(60, 120));
  // Some board is new at any moment, for what happens to new ones only.
  network.switch_on_over = scenario.span;
  scenario.command_gap = Duration::milliseconds(random.between(300, 2'000));
  draw_rooms(random, network.boards, 100);
  draw_door(seed, network, 1'000);
  return scenario;
}

Scenario draw_scenario(std::uint64_t seed) {
  SplitMix random(seed);
  Scenario scenario;
  NetworkSettings& network = scenario.network;
  network.seed = random.fork();
  network.air = draw_air(random);
  network.backbone.most_delay = Duration::milliseconds(random.between(1, 200));
  network.backbone.receive_maximum = static_cast<std::size_t>(random.between(1, 256));
  const auto gateways = static_cast<std::uint32_t>(random.between(1, 4));
  const Channel channel = any_channel(random);
  for (std::uint32_t i = 0; i < gateways; ++i) {
    network.gateways.push_back(draw_gateway(random, i, channel));
  }
  const auto spares = static_cast<std::uint32_t>(random.between(0, 2));
  for (std::uint32_t i = 0; i < spares; ++i) {
    network.gateways.push_back(draw_gateway(random, gateways + i, channel));
    network.gateways.back().spare = true;
  }
  const auto boards = static_cast<std::uint32_t>(random.between(1, 16));
  const bool in_one_room = random.chance(300);
  for (std::uint32_t i = 0; i < boards; ++i) network.boards.push_back(draw_board(random, i));
  const bool sleepers = std::any_of(network.boards.begin(), network.boards.end(),
                                    [](const BoardSettings& board) { return board.sleeper; });
  for (GatewaySettings& gateway : network.gateways) {
    // A gateway that can't list all its modules keeps nothing for those who are not heard of long.
    if (sleepers) gateway.modules = std::max<std::size_t>(gateway.modules, boards);
  }
  if (!in_one_room) {
    for (GatewaySettings& gateway : network.gateways) gateway.position = any_place(random);
    for (BoardSettings& board : network.boards) board.position = any_place(random);
  }
  network.hub.gateways = gateways + spares;
  network.hub.nodes = boards + static_cast<std::size_t>(random.between(0, 8));
  network.hub.store.most_delay = Duration::milliseconds(random.between(2, 500));
  network.hub.store.answer_delay = Duration::microseconds(random.between(1, 20'000));
  network.hub.drift_ppm = static_cast<std::int32_t>(random.between(-20, 20));
  network.hub.clock_origin = any_origin(random);
  network.switch_on_over = Duration::milliseconds(random.between(0, 20'000));
  scenario.faults = draw_faults(random);
  scenario.span = Duration::seconds(random.between(30, 240));
  scenario.command_gap = Duration::milliseconds(random.between(500, 20'000));
  if (random.chance(500)) {
    draw_rooms(random, network.boards, random.chance(500) ? 100 : 0);
    if (random.chance(500)) draw_gap(random, scenario, Fault::kAllDead, 60'000);
  }
  if (random.chance(300)) draw_s0(random, network);
  if (random.chance(300)) draw_gap(random, scenario, Fault::kOtherVersions, 60'000);
  draw_hardship(seed, scenario);
  SplitMix house(SplitMix(seed ^ kNeighbourSeed).fork());
  if (house.chance(200)) {
    draw_neighbour(house, network);
    draw_gap(house, scenario, Fault::kNeighbour, 40'000);
  }
  draw_door(seed, network, 20'000);
  return scenario;
}

}  // namespace espial::sim
