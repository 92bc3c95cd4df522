#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/simulation.hpp"

namespace espial::sim {

/// What a scenario may be short of; without it there is as much as there usually is.
enum class Hardship : std::uint8_t {
  kTalker,            ///< of the air: a board that would take more than it may
  kManyCommands,      ///< of room for the commands of one board
  kFewFrames,         ///< of gateways' places for frames that go down
  kFewModules,        ///< of gateways' places for modules
  kHastyButtons,      ///< of the air, for lamps: buttons that are pressed too often
  kSlowChips,         ///< of time: chips whose cryptography takes some
  kSleepingStations,  ///< of ears: gateways that hear everything at their softAP only
  kNeighbour,         ///< of the air: a house of S0's next door is on it too
  kNumber,
};
inline constexpr std::size_t kHardships = static_cast<std::size_t>(Hardship::kNumber);

/// "talker" and so on.
std::string_view to_text(Hardship hardship);

/// What is left of a scenario that was made smaller. Nothing said: all of it.
struct Reduction {
  std::optional<std::vector<std::uint32_t>> boards;
  std::optional<std::vector<std::uint32_t>> gateways;
  std::optional<std::vector<std::uint32_t>> s0_modules;
  /// The boards, by their number in the whole scenario, that are still buttons or lamps.
  std::optional<std::vector<std::uint32_t>> rooms;
  std::optional<std::vector<Fault>> faults;
  std::optional<std::vector<Hardship>> hardships;
  std::optional<std::vector<CutPoint>> cuts;
  std::optional<Duration> span;
  bool commands = true;
};

/// The scenario with only what `reduction` leaves; the boards and gateways that are left keep their
/// seeds and places and are numbered anew, and so are S0's modules.
/// @returns nothing when it names a board, gateway or S0 module that there is not, or leaves no
///          board or no gateway.
std::optional<Scenario> reduced(const Scenario& scenario, const Reduction& reduction);

/// Says whether a scenario still shows what is looked for.
using StillBroken = std::function<bool(const Scenario&)>;

/// Makes a broken scenario smaller as long as it stays broken: with fewer power cuts, without
/// faults of a kind, hardships or commands, shorter, with fewer boards, gateways, S0 modules and
/// rooms. Greedy, and at most `most_runs` calls of `broken`; every step is told to `progress`.
Reduction shrink(const Scenario& scenario, const StillBroken& broken, std::size_t most_runs,
                 const std::function<void(const Reduction&)>& progress);

/// As options of `espial sim`: " --only-boards 0,3 --only-faults forged --span-s 12.5".
std::string to_options(const Reduction& reduction);

/// The inverse of to_text(); nothing for what names none.
std::optional<Fault> fault_named(std::string_view name);
std::optional<Hardship> hardship_named(std::string_view name);

}  // namespace espial::sim
