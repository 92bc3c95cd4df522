#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/simulation.hpp"

namespace espial::sim {

/// What is left of a scenario that was made smaller. Nothing said: all of it.
struct Reduction {
  std::optional<std::vector<std::uint32_t>> boards;
  std::optional<std::vector<std::uint32_t>> gateways;
  std::optional<std::vector<Fault>> faults;
  std::optional<Duration> span;
  bool commands = true;

  bool empty() const { return !boards && !gateways && !faults && !span && commands; }
};

/// The scenario with only what `reduction` leaves; the boards and gateways that are left keep their
/// seeds and places and are numbered anew.
/// @returns nothing when it names a board or gateway that there is not, or leaves none.
std::optional<Scenario> reduced(const Scenario& scenario, const Reduction& reduction);

/// Says whether a scenario still shows what is looked for.
using StillBroken = std::function<bool(const Scenario&)>;

/// Makes a broken scenario smaller as long as it stays broken: without faults of a kind, without
/// commands, shorter, with fewer boards and gateways. Greedy, and at most `most_runs` calls of
/// `broken`; every step is told to `progress`.
Reduction shrink(const Scenario& scenario, const StillBroken& broken, std::size_t most_runs,
                 const std::function<void(const Reduction&)>& progress);

/// As options of `espial sim`: " --only-boards 0,3 --only-faults forged --span-s 12.5".
std::string to_options(const Reduction& reduction);

/// The inverse of to_text(); nothing for what names none.
std::optional<Fault> fault_named(std::string_view name);

}  // namespace espial::sim
