// Another board in the place of a broken one, whatever their protocol.
#include "hub/main/hub_dashboard.hpp"

namespace espial::main {

using station::Problem;

std::optional<features::CommandRefusal> HubDashboard::replace(features::Replacement wanted) {
  const station::Device* const broken = parts_.live.find(wanted.broken);
  if (broken == nullptr) return features::unknown_successor();
  switch (broken->protocol) {
    case station::Protocol::espial:
      return parts_.network.replace(std::move(wanted));
    case station::Protocol::s0:
      if (parts_.s0 != nullptr) return parts_.s0->replace(std::move(wanted));
      return features::CommandRefusal{true, Problem::kDeviceOffline,
                                      "S0 is switched off; start the hub with --s0"};
    case station::Protocol::s1:
      return parts_.devices.replace(std::move(wanted));
    case station::Protocol::s2:
      return parts_.s2.replace(std::move(wanted));
  }
  return features::unknown_successor();
}

}  // namespace espial::main
