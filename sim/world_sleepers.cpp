// Resets, deep sleep, and what a node finds after them.

#include "sim/world.hpp"
#include "sim/world_parts.hpp"

namespace espial::sim {

void World::boot_node(std::size_t index, wire::ResetReason reason) {
  Device& device = *devices_[index];
  device.acknowledged_before += device.node->ring().counters().acknowledged;
  device.node.reset();
  device.rtc.set_now(now_);
  device.radio.power_cycle();
  device.flash.restore_power();
  make_node(device, reason);
}

void World::reset_node(std::size_t index) {
  devices_[index]->rtc.release(std::nullopt);
  devices_[index]->rtc.lose_power(0x5a);
  boot_node(index, wire::ResetReason::kPower);
  if (devices_[index]->started) devices_[index]->node->start(now_);
}

void World::crash_node(std::size_t index) {
  Device& device = *devices_[index];
  device.rtc.release(now_ - device.rtc.written_at());
  boot_node(index, wire::ResetReason::kWatchdog);
  if (device.started) device.node->start(now_);
}

void World::sleep_node(std::size_t index) {
  Device& device = *devices_[index];
  device.asleep = true;
  device.radio.set_powered(false);
}

void World::wake_node(std::size_t index, bool knows_slept, std::size_t reports) {
  Device& device = *devices_[index];
  device.asleep = false;
  std::optional<Duration> since;
  if (knows_slept) since = now_ - device.rtc.written_at();
  device.rtc.release(since);
  boot_node(index, wire::ResetReason::kDeepSleep);
  for (std::size_t i = 0; i < reports; ++i) (void)report(index);
  if (!device.rtc.stopped()) device.node->start(now_);
}

void World::crash_node_at_byte(std::size_t index, std::size_t bytes) {
  devices_[index]->rtc.reset_at_byte(bytes);
}

}  // namespace espial::sim
