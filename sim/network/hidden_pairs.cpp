#include "sim/network/hidden_pairs.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "sim/air/neighbours.hpp"
#include "sim/air/propagation.hpp"

namespace espial::sim {

double HiddenPairs::percent() const {
  return pairs == 0 ? 0 : 100 * static_cast<double>(hidden) / static_cast<double>(pairs);
}

HiddenPairs hidden_pairs(const NetworkSettings& network) {
  const auto loss_db = [&](const std::optional<Position>& from, const std::optional<Position>& to) {
    return path_loss_db(network.air.propagation, from, to);
  };
  std::vector<std::vector<std::optional<Position>>> boards_of(
      std::max<std::size_t>(network.gateways.size(), 1));
  for (const BoardSettings& board : network.boards) {
    const auto nearest = std::min_element(
        network.gateways.begin(), network.gateways.end(),
        [&](const GatewaySettings& one, const GatewaySettings& other) {
          return loss_db(board.position, one.position) < loss_db(board.position, other.position);
        });
    const auto index = nearest == network.gateways.end() ? 0 : nearest - network.gateways.begin();
    boards_of[static_cast<std::size_t>(index)].push_back(board.position);
  }
  HiddenPairs result;
  for (const auto& boards : boards_of) {
    for (auto one = boards.begin(); one != boards.end(); ++one) {
      for (auto other = one + 1; other != boards.end(); ++other) {
        ++result.pairs;
        const int heard_dbm = kDefaultTxPowerDbm - loss_db(*one, *other);
        if (heard_dbm < network.air.carrier_sense.preamble_dbm) ++result.hidden;
      }
    }
  }
  return result;
}

}  // namespace espial::sim
