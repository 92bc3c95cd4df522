// What a configuration file says of a module, brought to its card and to the module itself.
#include <algorithm>

#include "hub/features/espial_network.hpp"
#include "hub/features/shown_records.hpp"
#include "ports/linux/clock.hpp"

namespace espial::features {

bool EspialNetwork::configure(station::DeviceId id, const configuration::ModulePlan& plan) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr || role_.find(device->mac) == nullptr) return true;
  const MacAddress mac = device->mac;
  std::vector<station::FunctionState> functions = device->functions;
  store::Changes changes;
  coordinator::Configuration configuration;
  std::uint16_t slots = 0;
  for (const configuration::FunctionPlan& planned : plan.functions) {
    slots = static_cast<std::uint16_t>(slots | 1U << planned.slot);
    for (station::FunctionState& function : functions) {
      if (function.slot != planned.slot || planned.title.empty() ||
          function.title == planned.title) {
        continue;
      }
      function.title = planned.title;
      changes.emplace_back(function_record(id, function));
    }
  }
  if (!changes.empty()) {
    if (!ports_.committer.submit({std::move(changes), {}})) return false;
    (void)ports_.live.set_functions(id, functions);
  }
  if (slots != 0) configuration.slots = slots;
  if (plan.max_airtime_permille != 0) {
    configuration.max_airtime_permille = plan.max_airtime_permille;
  }
  configuration.schedule = plan.week;
  const auto known = configured_.find(mac);
  const Told told{plan.interval_s, slots, plan.max_airtime_permille, plan.week};
  if (known != configured_.end() && known->second == told) return true;
  configured_[mac] = told;
  tell_name(*ports_.live.find(id));
  show_interval(*ports_.live.find(id));
  (void)role_.configure(monotonic_now(), mac, configuration);
  return true;
}

void EspialNetwork::show_interval(const station::Device& device) {
  station::Device shown = device;
  shown.functions.clear();
  shown.interval_s = role_.interval_s(*role_.find(device.mac));
  (void)ports_.live.put(shown);
}

bool EspialNetwork::keeps_to_configuration(station::DeviceId id) const {
  const station::Device* const device = ports_.live.find(id);
  return device == nullptr || role_.find(device->mac) == nullptr || role_.configured(device->mac);
}

}  // namespace espial::features
