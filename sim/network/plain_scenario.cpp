#include "sim/network/simulation.hpp"

namespace espial::sim {

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
    gateway.modules = plain.boards;
    gateway.down_frames = 64 + 2 * plain.boards;
    network.gateways.push_back(gateway);
  }
  for (std::uint32_t i = 0; i < plain.boards; ++i) {
    BoardSettings board;
    board.number = i;
    board.seed = random.fork();
    board.report_interval = plain.report_interval;
    board.drift_ppm = static_cast<std::int32_t>(random.below(81)) - 40;
    network.boards.push_back(board);
  }
  return scenario;
}

}  // namespace espial::sim
