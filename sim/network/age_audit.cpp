#include "sim/network/age_audit.hpp"

#include <algorithm>
#include <string>

#include "core/node/node.hpp"
#include "core/wire/packets.hpp"
#include "core/wire/report.hpp"
#include "sim/network/board.hpp"

namespace espial::sim {
void AgeAudit::on_state(node::NodeState state) {
  const bool asked = state_ == node::NodeState::kJoining || state_ == node::NodeState::kResuming;
  if (asked && state == node::NodeState::kConfirming) open_.clear();
  state_ = state;
}

void AgeAudit::on_seal(ByteView plaintext) {
  if (open_.empty()) return;
  const auto packets = wire::parse_packets(plaintext);
  if (!packets) return;
  for (const wire::Packet& packet : *packets) {
    const auto report = wire::parse_report(packet);
    if (packet.type != wire::PacketType::kPublish || !report) continue;
    const auto numbered = parse_numbered(board_address(board_),
                                         report->stream == wire::Stream::kEvents, report->readings);
    if (!numbered || std::find(open_.begin(), open_.end(), *numbered) == open_.end()) continue;
    scene_.watch.on_broken(scene_.now, "sent with an open age before the time was known",
                           "board " + std::to_string(board_));
  }
}

}  // namespace espial::sim
