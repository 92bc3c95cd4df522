#include "hub/access/role.hpp"

namespace espial::access {
namespace {

constexpr std::string_view kNames[] = {"viewer", "operator", "admin"};

}  // namespace

std::string_view to_text(Role role) { return kNames[static_cast<std::uint8_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) {
  for (std::uint8_t i = 0; i < 3; ++i) {
    if (kNames[i] == text) return static_cast<Role>(i);
  }
  return std::nullopt;
}

}  // namespace espial::access
