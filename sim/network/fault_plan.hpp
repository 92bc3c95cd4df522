#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/air/air.hpp"
#include "sim/network/network.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// What may befall a network.
enum class Fault : std::uint8_t {
  kBoardPowerCut,     ///< at any moment; the power is back a little later
  kBoardCutAtWrite,   ///< in the middle of one of its next writes to flash, or right after it
  kBoardReset,        ///< at any moment; what is in retained memory stays, where there is any
  kFlashFails,        ///< a board's flash takes no writes for a while
  kBoardResetAtByte,  ///< in the middle of a write to retained memory
  kGatewayPowerCut,
  kGatewayReplaced,  ///< it dies for good, and another one with another address is switched on
  kGatewayMoved,     ///< its router goes to another channel without a word
  kGatewayMoveAnnounced,
  kLinkCut,         ///< between one gateway and the broker
  kBrokerStopped,   ///< it keeps what it has
  kBrokerKilled,    ///< it forgets what it had not saved
  kHubPowerCut,     ///< coordinator and store, at any moment
  kHubCutAtCommit,  ///< the same, when a commit is durable and nobody has been told
  kOwnerPaused,     ///< the coordinator's process stops; when for long, a successor takes over
  kStoreStalled,
  kCommitFailed,
  kConfigured,  ///< no trouble: a board is told to behave otherwise, without a reset
  kReplayed,    ///< the adversary is at work for a while; see Attack
  kForged,
  kFlooded,
  kLookAlike,
  kAirWorse,       ///< much is lost, dropped and doubled for a while
  kOtherVersions,  ///< somebody speaks another version of the protocol for a while
  kAllDead,        ///< hub, broker and every gateway at once: boards have only each other
  kModuleRevoked,  ///< somebody took it for lost, and finds it again
  kNetworkKeyChanged,
  kNeighbour,  ///< something befalls the house of S0's next door
  kNumber,
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::kNumber);

/// "board_power_cut" and so on.
std::string_view to_text(Fault fault);

struct FaultSettings {
  /// How long from one of a kind to the next, in the mean; zero: never.
  std::array<Duration, kFaults> mean_gap{};
  /// A trouble lasts up to so long.
  Duration most_trouble = Duration::seconds(30);
  /// The board that is told, again and again, to take less of the air than it would; nothing: any
  /// board is told anything.
  std::optional<std::uint32_t> talker;
  /// How the air is while it is worse.
  AirSettings worse_air;
};

/// Draws from a seed what befalls a network and when, and does it. Every trouble ends by itself;
/// heal() ends all of them at once.
class FaultPlan {
 public:
  using Counts = std::array<std::uint64_t, kFaults>;

  /// `network` must outlive the plan; `usual_air` is how its air was made.
  FaultPlan(const FaultSettings& settings, std::uint64_t seed, const AirSettings& usual_air,
            Network& network);

  /// When act() has something to do; kNever when nothing will happen any more.
  Instant next_at() const;
  /// Does what is due at the network's present.
  void act();
  /// Everything is well from now on, and nothing more befalls the network.
  void heal();

  /// How often each kind really happened.
  const Counts& counts() const { return counts_; }

 private:
  /// What is broken now, and when it is mended. One of a kind for each device.
  struct Trouble {
    Fault fault;
    std::uint32_t device;
    Instant until;
  };

  void inflict(Fault fault);
  static bool lasts(Fault fault);
  bool befall(Fault fault, std::uint32_t device);
  bool befall_board(Fault fault, std::uint32_t device);
  bool befall_gateway(Fault fault, std::uint32_t device);
  bool befall_shared(Fault fault, Instant until);
  void mend(const Trouble& trouble);
  void switch_all(bool on);
  bool is_troubled(Fault fault, std::uint32_t device) const;
  Instant draw_next(Fault fault);
  Duration draw_span();

  FaultSettings settings_;
  SplitMix random_;
  AirSettings usual_air_;
  Network& network_;
  std::array<Instant, kFaults> next_{};
  std::vector<Trouble> troubles_;
  /// When to look whether the store has reached the step at which the hub's power shall fail.
  Instant commit_watch_ = kNever;
  Counts counts_{};
};

}  // namespace espial::sim
