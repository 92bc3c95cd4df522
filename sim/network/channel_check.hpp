#pragma once

#include <cstdint>
#include <string>

#include "sim/network/network.hpp"
#include "sim/network/watch.hpp"

namespace espial::sim {

/// Looks where a board is when it is online: on a channel that its gateway was on at some time,
/// or has announced. A radio hears what is sent beside its channel too, so a board may talk to its
/// gateway from where that never was. For networks in which nobody makes up or damages what a
/// gateway says of its channel.
class ChannelCheck final : public Observer {
 public:
  /// Both must outlive it.
  ChannelCheck(Violations& violations, const Network& network)
      : violations_(violations), network_(network) {}

  void on_state(Instant at, std::uint32_t board, node::NodeState state) override {
    const node::Node* const node = network_.board(board).node();
    if (state != node::NodeState::kOnline || node == nullptr) return;
    const auto gateway = gateway_number(node->gateway());
    if (!gateway || *gateway >= network_.gateway_count()) return;
    if (network_.gateway(*gateway).was_on_channel(node->channel())) return;
    violations_.add(
        at, "online where its gateway never was",
        "board " + std::to_string(board) + ", channel " + std::to_string(node->channel().number));
  }

 private:
  Violations& violations_;
  const Network& network_;
};

}  // namespace espial::sim
