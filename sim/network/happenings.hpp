#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/network/simulation.hpp"

namespace espial::sim {

/// Something that was to befall a network, and how often it did.
struct Happening {
  std::string_view name;
  std::uint64_t count = 0;
  /// The scenario asked for it. It may still be that nothing came of it in one short run; over many
  /// runs, or in a long one, something must.
  bool expected = false;
  /// It was asked for so often in this one run, and could come, that chance alone can't have kept
  /// it away.
  bool sure = false;
};

/// Every kind of fault, attack and mishap, always all of them and in the same order: those that
/// FaultPlan does, those of the air, and those that lie in how the devices were made.
std::vector<Happening> happenings_of(const Simulation& simulation);

/// What of one run is sure and never happened.
std::vector<std::string_view> missed(const std::vector<Happening>& happenings);

/// Adds `more`, of another run, to `sum`, which is empty at first.
void add(std::vector<Happening>& sum, const std::vector<Happening>& more);

}  // namespace espial::sim
