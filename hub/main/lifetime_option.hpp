#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace CLI {
class App;
}

/// How long a command may wait for its module, as the command line takes and tells it.
namespace espial::main {

/// --lifetime SECONDS; without it the hub chooses.
void add_lifetime_option(CLI::App& command, std::optional<std::uint32_t>& lifetime_s);

/// "90 s", "15 min", "3 h", "7 days": from now until then, rounded to the nearest.
std::string time_left(std::int64_t expires_at_ms);

}  // namespace espial::main
