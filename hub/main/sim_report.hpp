#pragma once

#include <nlohmann/json.hpp>

#include "sim/network/simulation.hpp"

namespace espial::main {

/// What a simulated run came to, with every counter a person may ask for; the names are those of
/// `espial sim --json`.
nlohmann::json sim_report(const sim::Simulation& simulation, double cpu_s);

/// The same in a few lines on standard output.
void print_sim_report(const nlohmann::json& report);

}  // namespace espial::main
