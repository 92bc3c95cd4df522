#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/network/network.hpp"
#include "sim/splitmix.hpp"

namespace espial::sim {

/// Where power can fail: each state of each role, each record that a board writes (half written,
/// and just written), each step of the store with each kind of record in it.
enum class CutPoint : std::uint8_t {
  kBoardSearching,
  kBoardPaused,
  kBoardJoining,
  kBoardResuming,
  kBoardConfirming,
  kBoardOnline,
  kBoardLeaving,
  kBoardAsleep,
  kKeyTorn,
  kKeyWritten,
  kLastGoodTorn,
  kLastGoodWritten,
  kCommandTorn,
  kCommandWritten,
  kModuleTorn,
  kModuleWritten,
  kConfigurationTorn,
  kConfigurationWritten,
  kBondsTorn,
  kBondsWritten,
  kRetainedTorn,  ///< a reset, which is not a loss of power
  kGatewayIdle,
  kGatewayHolds,   ///< frames for its uplink
  kGatewayQueues,  ///< frames for modules
  kGatewayMoves,
  kHubIdle,
  kNodeAsked,
  kSessionAsked,
  kReportAsked,
  kCommandAsked,
  kDescriptionAsked,
  kForgottenAsked,
  kNodeDurable,
  kSessionDurable,
  kReportDurable,
  kCommandDurable,
  kDescriptionDurable,
  kForgottenDurable,
  kNumber,
};
inline constexpr std::size_t kCutPoints = static_cast<std::size_t>(CutPoint::kNumber);

/// "board: searching" and so on.
std::string_view to_text(CutPoint point);

/// How often power has failed at each point, over any number of runs.
struct CutCoverage {
  std::array<std::uint64_t, kCutPoints> cuts{};
  std::uint64_t total = 0;
};

/// Cuts power at one point after the other, the least covered first, whenever a device is there.
/// Whoever was cut comes back a moment later. Looks at the network after every event, so that a
/// state which lasts for one event can be met.
class CutPlan {
 public:
  /// `network` and `coverage` must outlive it.
  CutPlan(std::uint64_t seed, Network& network, CutCoverage& coverage);

  /// To be called after every event.
  void look();
  /// When look() has something to do even without an event.
  Instant next_at() const;
  /// Everybody comes back, and nobody is cut any more.
  void heal();

 private:
  enum class Device : std::uint8_t { kBoard, kGateway, kHub };
  struct Off {
    Device device;
    std::uint32_t number;
    Instant until;
  };

  void choose();
  static bool can_come_to(const Board& board, CutPoint point);
  bool can_come(CutPoint point) const;
  void disarm();
  void count();
  void come_back(const Off& off);
  bool is_off(Device device, std::uint32_t number) const;
  Instant back_at();
  std::optional<std::uint32_t> board_there() const;
  std::optional<std::uint32_t> gateway_there() const;
  bool hub_there() const;
  bool look_at_armed();
  void arm();
  bool is_asked_for() const;
  bool ask();

  SplitMix random_;
  Network& network_;
  CutCoverage& coverage_;
  CutPoint point_ = CutPoint::kNumber;
  Instant give_up_at_;
  std::uint64_t events_to_wait_ = 0;
  std::uint32_t armed_board_ = 0;
  std::uint32_t met_before_ = 0;
  bool asked_ = false;  ///< a board to leave, or the hub to forget one
  std::vector<Off> off_;
  bool over_ = false;
};

}  // namespace espial::sim
