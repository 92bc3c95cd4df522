#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
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
/// The same in one word, "board_searching"; and back, nothing for what names none.
std::string word_for(CutPoint point);
std::optional<CutPoint> cut_point_named(std::string_view word);

/// How often power has failed at each point, over any number of runs.
struct CutCoverage {
  std::array<std::uint64_t, kCutPoints> cuts{};
  std::uint64_t total = 0;
};

/// Cuts power at one point after the other, whenever a device is there: at those it is told, or at
/// any, the least covered first. Whoever was cut comes back a moment later. Looks at the network
/// after every event, so that a state which lasts for one event can be met.
class CutPlan {
 public:
  /// `network` and `coverage` must outlive it. Told chosen() of another run of the same network and
  /// seed, it does the same again.
  CutPlan(std::uint64_t seed, Network& network, CutCoverage& coverage,
          std::optional<std::vector<CutPoint>> told = std::nullopt);

  /// To be called after every event.
  void look();
  /// When look() has something to do even without an event.
  Instant next_at() const;
  /// The points in their order, also those that did not come in time.
  const std::vector<CutPoint>& chosen() const { return chosen_; }
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
  std::optional<CutPoint> choose_rare();
  std::optional<CutPoint> choose_told();
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
  SplitMix random_choice_;  ///< what follows a choice is drawn alike whoever chose
  std::optional<std::vector<CutPoint>> told_;
  std::size_t told_done_ = 0;
  std::vector<CutPoint> chosen_;
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
