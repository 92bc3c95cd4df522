// A device is forgotten for good, whatever its protocol.
#include "hub/features/forgetting.hpp"
#include "hub/main/hub_dashboard.hpp"

namespace espial::main {

using http::Refusal;
using station::Problem;

void HubDashboard::forget(const MacAddress& mac, bool with_history,
                          std::function<void(http::ForgetResult)> done) {
  const station::Device* const device = find(mac);
  if (device == nullptr) {
    return done(
        Refusal{Refusal::Kind::kUnknown, Problem::kNoSuchDevice, "there is no such device"});
  }
  const bool keyed = device->protocol == station::Protocol::espial;
  if (device->online && !keyed) {
    return done(Refusal{Refusal::Kind::kInvalid, Problem::kStillOnline,
                        "it is online, and would be back with its next word; switch it off first"});
  }
  const station::DeviceId id = device->id;
  // Its key goes first: what is hidden may not report.
  auto refusal = keyed ? parts_.network.forget(id) : std::nullopt;
  if (!refusal) {
    refusal = features::forget_device(parts_.live, parts_.committer, id, with_history,
                                      [done] { done(std::nullopt); });
  }
  if (refusal) {
    return done(
        Refusal{refusal->try_again_later ? Refusal::Kind::kUnavailable : Refusal::Kind::kInvalid,
                refusal->problem, refusal->reason});
  }
  parts_.s2.forget(id);
  if (parts_.s0 != nullptr) parts_.s0->forget(id);
  parts_.devices.forget(*parts_.live.find(id));
  announce_system();
}

}  // namespace espial::main
