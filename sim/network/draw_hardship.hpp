#pragma once

#include <cstdint>

#include "sim/network/simulation.hpp"

namespace espial::sim {

/// Lets a drawn scenario be short of something, in one run of five each: of the air that one board
/// may take, of room for the commands of one board, of places in gateways. It draws from a seed of
/// its own, so that scenarios without a hardship are what they were.
void draw_hardship(std::uint64_t seed, Scenario& scenario);

}  // namespace espial::sim
