#include "hub/main/stored_state.hpp"

#include <utility>

namespace espial::main {

void show_stored(const store::Snapshot& snapshot, station::LiveState& live) {
  auto function = snapshot.functions.begin();  // in the order of the devices
  for (const store::DeviceRecord& record : snapshot.devices) {
    station::Device device;
    device.id = record.id;
    device.mac = record.mac;
    device.name = record.name;
    device.protocol = record.protocol;
    device.server = record.server;
    device.module = record.module;
    device.joined_at = record.joined_at;
    device.last_seen = record.last_seen;
    // A module of ours is online when its coordinator hears it; a box when its node does; a plain
    // board until it leaves.
    device.online = record.online && record.protocol == station::Protocol::s2;
    device.firmware = record.firmware;
    device.chip = record.chip;
    device.hidden = !record.joined_at.known();
    for (; function != snapshot.functions.end() && function->device == record.id; ++function) {
      if (function->kind == 0) continue;
      station::FunctionState state;
      state.slot = function->slot;
      state.kind = function->kind;
      state.title = function->title;
      state.accepts_commands = function->accepts_commands;
      device.functions.push_back(std::move(state));
    }
    (void)live.put(device);
  }
  for (const store::Reading& reading : snapshot.latest) {
    station::Value value;
    value.field = reading.field;
    value.type = reading.type;
    value.number = reading.number;
    value.text = reading.text;
    (void)live.apply_reading(reading.device, reading.slot, reading.taken_at, &value, 1);
  }
}

}  // namespace espial::main
