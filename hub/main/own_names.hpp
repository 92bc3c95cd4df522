#pragma once

#include <string>
#include <vector>

namespace espial::main {

/// What this machine is called on its network: host name, the same with ".local", localhost, and
/// every address it has.
std::vector<std::string> names_of_this_machine();

/// An address of this machine that others can reach it by; "127.0.0.1" when it has none.
std::string lan_address();

}  // namespace espial::main
