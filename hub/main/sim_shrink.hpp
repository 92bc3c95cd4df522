#pragma once

#include <csignal>
#include <cstdint>
#include <cstdio>

#include "hub/main/sim_wish.hpp"
#include "sim/network/simulation.hpp"

namespace espial::main {

/// `espial sim --shrink`: looks for a smaller scenario than the `whole` one, drawn from `seed`,
/// that breaks the same promise as `broken` did, and writes to `words` how to run it. `wish` is
/// what was asked for. Gives up when `stop_wanted` says so, with the smallest that it has.
void make_smaller(std::FILE* words, const SimWish& wish, std::uint64_t seed,
                  const sim::Scenario& whole, const sim::Simulation& broken,
                  const volatile std::sig_atomic_t& stop_wanted);

}  // namespace espial::main
