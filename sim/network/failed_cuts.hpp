#pragma once

#include <cstdint>
#include <vector>

#include "sim/network/reduction.hpp"

namespace espial::sim {

/// A run of power cuts that broke a promise once, as `espial sim --power-cuts N --shrink` says it.
struct FailedCuts {
  std::uint64_t seed = 0;  ///< of draw_cut_scenario()
  Reduction left;
};

/// A test runs each of them again; whoever finds another one adds it here, with what it was. As
/// with failed_seeds.hpp, a seed draws another network when the drawing changes.
inline std::vector<FailedCuts> failed_cuts() {
  std::vector<FailedCuts> all;
  // What the hub had stored it took for new after a restart (sim/bugs, 22).
  FailedCuts stored_twice{2018, {}};
  stored_twice.left.rooms.emplace({3U, 4U, 5U});
  stored_twice.left.hardships.emplace();
  stored_twice.left.cuts = {CutPoint::kGatewayMoves,   CutPoint::kBoardLeaving,
                            CutPoint::kLastGoodTorn,   CutPoint::kReportAsked,
                            CutPoint::kModuleTorn,     CutPoint::kBoardConfirming,
                            CutPoint::kModuleTorn,     CutPoint::kGatewayQueues,
                            CutPoint::kCommandWritten, CutPoint::kDescriptionAsked};
  stored_twice.left.span = Duration::microseconds(51'300'000);
  all.push_back(stored_twice);
  // The end of a command that expired while its module was being forgotten was stored behind that.
  FailedCuts end_of_nothing{4088, {}};
  end_of_nothing.left.hardships.emplace();
  end_of_nothing.left.cuts = {
      CutPoint::kNodeAsked,       CutPoint::kBoardSearching,     CutPoint::kBoardJoining,
      CutPoint::kReportAsked,     CutPoint::kDescriptionDurable, CutPoint::kReportDurable,
      CutPoint::kBondsWritten,    CutPoint::kGatewayQueues,      CutPoint::kCommandWritten,
      CutPoint::kReportDurable,   CutPoint::kKeyWritten,         CutPoint::kBoardJoining,
      CutPoint::kHubIdle,         CutPoint::kReportAsked,        CutPoint::kNodeDurable,
      CutPoint::kHubIdle,         CutPoint::kReportDurable,      CutPoint::kReportAsked,
      CutPoint::kBondsTorn,       CutPoint::kBoardAsleep,        CutPoint::kCommandWritten,
      CutPoint::kForgottenDurable};
  end_of_nothing.left.span = Duration::microseconds(90'000'000);
  all.push_back(end_of_nothing);
  // Counters were reserved for a module that was being forgotten: a session of nobody was stored.
  FailedCuts session_of_nobody{530793, {}};
  session_of_nobody.left.rooms.emplace({0U});
  session_of_nobody.left.hardships.emplace();
  session_of_nobody.left.cuts = {
      CutPoint::kForgottenAsked, CutPoint::kCommandTorn, CutPoint::kBoardResuming,
      CutPoint::kGatewayMoves,   CutPoint::kBondsTorn,   CutPoint::kBoardJoining,
      CutPoint::kBoardResuming,  CutPoint::kReportAsked, CutPoint::kCommandWritten,
      CutPoint::kModuleTorn,     CutPoint::kCommandTorn, CutPoint::kHubIdle,
      CutPoint::kGatewayMoves,   CutPoint::kKeyTorn,     CutPoint::kForgottenDurable};
  session_of_nobody.left.span = Duration::microseconds(91'800'000);
  all.push_back(session_of_nobody);
  // A board that had found another gateway followed the move that its former one had announced.
  FailedCuts move_of_another{23217, {}};
  move_of_another.left.rooms.emplace({3U});
  move_of_another.left.hardships.emplace();
  move_of_another.left.cuts = {CutPoint::kBoardResuming, CutPoint::kLastGoodTorn,
                               CutPoint::kNodeDurable, CutPoint::kForgottenDurable};
  move_of_another.left.span = Duration::microseconds(46'080'000);
  all.push_back(move_of_another);
  return all;
}

}  // namespace espial::sim
