#pragma once

#include <cstdint>

#include "sim/network/simulation.hpp"

namespace espial::sim {

/// Lets a drawn scenario be short of something, in one run of five each: of the air that one board
/// may take, of room for the commands of one board, of places in gateways, of time for
/// cryptography, of ears, of clocks that go on while a board sleeps. Or keys come to their end:
/// modules are revoked, the network key changes. What was added later draws from seeds of its own,
/// so that scenarios without it are what they were.
void draw_hardship(std::uint64_t seed, Scenario& scenario);

}  // namespace espial::sim
