#include "hub/features/shown_records.hpp"

#include <algorithm>

namespace espial::features {

store::DeviceRecord device_record(const station::Device& device) {
  store::DeviceRecord record;
  record.id = device.id;
  record.mac = device.mac;
  record.name = device.name;
  record.protocol = device.protocol;
  record.server = device.server;
  record.module = device.module;
  record.joined_at = device.joined_at;
  record.last_seen = device.last_seen;
  record.online = device.online;
  record.firmware = device.firmware;
  record.chip = device.chip;
  return record;
}

store::FunctionRecord function_record(station::DeviceId device,
                                      const station::FunctionState& function) {
  return {device, function.slot, function.kind, function.title, function.accepts_commands};
}

store::FunctionRecord no_function(station::DeviceId device, std::uint8_t slot) {
  return {device, slot, 0, {}, false};
}

void append_functions(store::Changes& changes, station::DeviceId device,
                      const std::vector<station::FunctionState>& former,
                      const std::vector<station::FunctionState>& now) {
  for (const station::FunctionState& function : former) {
    const bool stays = std::any_of(now.begin(), now.end(), [&](const station::FunctionState& one) {
      return one.slot == function.slot;
    });
    if (!stays) changes.emplace_back(no_function(device, function.slot));
  }
  for (const station::FunctionState& function : now) {
    changes.emplace_back(function_record(device, function));
  }
}

}  // namespace espial::features
