#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace espial::access {

/// What somebody may do; each may do what the ones before it may.
enum class Role : std::uint8_t {
  kViewer,    ///< look
  kOperator,  ///< send commands, rename modules
  kAdmin,     ///< manage accounts, tokens and the broker's users; read who did what
};

/// "viewer", "operator", "admin".
std::string_view to_text(Role role);
/// Nothing for any other word.
std::optional<Role> parse_role(std::string_view text);

}  // namespace espial::access
