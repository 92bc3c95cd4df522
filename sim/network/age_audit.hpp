#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/node/application.hpp"
#include "sim/network/charged_crypto.hpp"
#include "sim/network/numbered.hpp"
#include "sim/network/scene.hpp"

namespace espial::sim {

/// Looks into what a board seals while it holds reports whose age is open: a reset of unknown
/// length came over them, and the time of day would tell how old they are. They wait for a new
/// session, which says what time it is, if its hub knows.
class AgeAudit final : public SealListener {
 public:
  AgeAudit(Scene& scene, std::uint32_t board) : scene_(scene), board_(board) {}

  /// The age of these is open from now on; of none any more when the time was told, or the board
  /// stopped.
  void begin(std::vector<Numbered> open) { open_ = std::move(open); }
  void on_state(node::NodeState state);
  void on_seal(ByteView plaintext) override;

 private:
  Scene& scene_;
  std::uint32_t board_;
  std::vector<Numbered> open_;
  node::NodeState state_ = node::NodeState::kIdle;
};

}  // namespace espial::sim
