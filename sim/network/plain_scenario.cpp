#include "sim/network/simulation.hpp"

namespace espial::sim {
namespace {

/// The middle of a gateway's square, the squares being laid row by row.
Position middle_of_square(const PlainNetwork& plain, std::uint32_t gateway) {
  std::uint32_t columns = 1;
  while (columns * columns < plain.gateways) ++columns;
  const auto middle_cm = [&](std::uint32_t index) {
    return static_cast<std::int32_t>((2 * index + 1) * plain.square_m * 50);
  };
  return {middle_cm(gateway % columns), middle_cm(gateway / columns)};
}

Position near(SplitMix& random, const PlainNetwork& plain, const Position& middle) {
  const std::uint64_t side_cm = std::uint64_t{plain.square_m} * 100;
  const auto offset_cm = [&] {
    return static_cast<std::int32_t>(random.below(side_cm + 1)) -
           static_cast<std::int32_t>(side_cm / 2);
  };
  const std::int32_t x_cm = middle.x_cm + offset_cm();
  return {x_cm, middle.y_cm + offset_cm()};
}

}  // namespace

Scenario plain_scenario(const PlainNetwork& plain) {
  SplitMix random(plain.seed);
  Scenario scenario;
  scenario.span = plain.span;
  scenario.command_gap = Duration{};
  NetworkSettings& network = scenario.network;
  network.seed = random.fork();
  network.air.loss_permille = plain.loss_permille;
  network.hub.gateways = plain.gateways;
  network.hub.nodes = plain.boards;
  network.switch_on_over = plain.report_interval;
  for (std::uint32_t i = 0; i < plain.gateways; ++i) {
    GatewaySettings gateway;
    gateway.number = i;
    gateway.channel = plain.channels[i % plain.channels.size()];
    gateway.modules = plain.boards;
    gateway.rates = plain.rates;
    gateway.down_frames = 64 + 2 * plain.boards;
    if (plain.square_m > 0) gateway.position = middle_of_square(plain, i);
    network.gateways.push_back(gateway);
  }
  for (std::uint32_t i = 0; i < plain.boards; ++i) {
    BoardSettings board;
    board.number = i;
    board.seed = random.fork();
    board.rates = plain.rates;
    board.chip = plain.chip;
    board.report_interval = plain.report_interval;
    // Spread evenly: as many among the first ten as among the last.
    board.sleeper = (i + 1) * plain.sleeper_percent / 100 > i * plain.sleeper_percent / 100;
    board.drift_ppm = static_cast<std::int32_t>(random.below(81)) - 40;
    if (plain.square_m > 0) {
      board.position = near(random, plain, middle_of_square(plain, i % plain.gateways));
    }
    network.boards.push_back(board);
  }
  return scenario;
}

}  // namespace espial::sim
