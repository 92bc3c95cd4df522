#pragma once

#include "hub/store/connection.hpp"
#include "hub/store/recent_rows.hpp"

namespace espial::store {

/// Reads everything needed at start; `recent` holds what is not filed. Throws SOCI's errors.
Snapshot load_snapshot(Connection& connection, const RecentRows& recent);

/// Appends the commands that `text`, a query of all columns of `commands`, finds. Throws SOCI's
/// errors.
void read_commands(Connection& connection, const std::string& text,
                   const std::vector<long long>& parameters, std::vector<CommandRecord>& commands);

/// The columns of `commands` as read_commands wants them.
inline constexpr char kSelectCommands[] =
    "SELECT device, command_id, slot, kind, payload, state, created_at_ms, ended_at_ms, "
    "expires_at_ms FROM commands ";

}  // namespace espial::store
