#pragma once

#include "hub/store/changes.hpp"
#include "station/live_state.hpp"

namespace espial::main {

/// Fills the live state with what the database remembers.
void show_stored(const store::Snapshot& snapshot, station::LiveState& live);

}  // namespace espial::main
