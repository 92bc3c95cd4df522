#include "hub/features/forgetting.hpp"

#include <utility>

#include "hub/features/shown_records.hpp"
#include "station/registry.hpp"

namespace espial::features {

std::optional<CommandRefusal> forget_device(station::LiveState& live, store::Committer& committer,
                                            station::DeviceId id, bool with_history,
                                            std::function<void()> on_stored) {
  const station::Device* const device = live.find(id);
  if (device == nullptr) {
    return CommandRefusal{false, station::Problem::kNoSuchDevice, "there is no such device"};
  }
  station::Device remains = station::remains_of(live, *device);
  store::Unit unit;
  unit.changes.emplace_back(device_record(remains));
  if (with_history) {
    unit.changes.emplace_back(store::HistoryErased{id});
    for (station::FunctionState& function : remains.functions) {
      function.values.clear();
      function.taken_at = {};
    }
  }
  unit.completion = [then = std::move(on_stored)](store::Verdict) { then(); };
  if (!committer.submit(std::move(unit))) {
    return CommandRefusal{true, station::Problem::kStoreBusy,
                          "the hub can't store this now; try again"};
  }
  (void)live.hide(id);
  (void)live.put(remains);
  return std::nullopt;
}

}  // namespace espial::features
