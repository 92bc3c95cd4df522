#pragma once

#include <functional>
#include <optional>

#include "hub/features/commands.hpp"
#include "hub/store/committer.hpp"
#include "station/live_state.hpp"

namespace espial::features {

/// What every protocol has in common when a person wants to see a device no more: from now on it is
/// hidden, and its name and module ID are free. It is shown again once it has joined anew.
///
/// What its protocol knows of it (keys, sessions, commands) its feature drops before this.
/// @param with_history  what it has measured is deleted too.
/// @param on_stored     called when all of it is on disk.
/// @returns why not; then nothing has changed.
[[nodiscard]] std::optional<CommandRefusal> forget_device(station::LiveState& live,
                                                          store::Committer& committer,
                                                          station::DeviceId device,
                                                          bool with_history,
                                                          std::function<void()> on_stored);

}  // namespace espial::features
