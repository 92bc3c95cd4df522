#pragma once

#include <string>
#include <vector>

#include "hub/main/api_client.hpp"

namespace espial::main {

/// Adds `add`, `list` and `remove` to the command `gateway`: its gateways' users at the broker.
void add_gateway_users(CLI::App& gateway, int& exit_code);

}  // namespace espial::main
