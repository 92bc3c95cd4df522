#pragma once

#include <string>
#include <string_view>

namespace espial::main {

/// What is another in `after` than in `before`, for the audit log: `above -12 -> -10, +hold_s 60,
/// -below`. Both are JSON; empty: nothing was there, or is. Short, and says how much was left out;
/// of addresses that the hub calls only that they changed, for they may hold a secret.
std::string difference(std::string_view before, std::string_view after);

}  // namespace espial::main
