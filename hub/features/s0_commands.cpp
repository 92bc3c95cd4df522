// Set points and what becomes of them.

#include <utility>

#include "hub/features/s0_network.hpp"
#include "hub/features/s0_shown.hpp"
#include "hub/features/shown_records.hpp"
#include "ports/linux/clock.hpp"

namespace espial::features {

using station::Problem;

store::CommandRecord S0Network::new_command(const station::Device& device, std::uint8_t slot,
                                            ByteView value, Duration lifetime) {
  const station::FunctionState* const function = device.function(slot);
  store::CommandRecord record;
  record.device = device.id;
  record.command_id = last_command_[device.id.value] + 1;
  record.slot = slot;
  record.kind = function == nullptr ? std::uint8_t{0} : function->kind;
  record.payload.assign(value.begin(), value.end());
  record.created_at = unix_now();
  record.expires_at = {record.created_at.ms + lifetime.ms()};
  return record;
}

CommandAccepted S0Network::command(station::DeviceId id, std::uint8_t slot, ByteView value,
                                   Duration lifetime) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr || role_.find(device->mac) == nullptr) {
    return CommandRefusal{false, Problem::kNeverJoined, "this module has never paired"};
  }
  if (!device->online) {
    return CommandRefusal{true, Problem::kDeviceOffline,
                          "the module is offline; it can be set when it is back"};
  }
  store::CommandRecord record = new_command(*device, slot, value, lifetime);
  if (!ports_.committer.submit({{record}, {}})) {
    return CommandRefusal{true, Problem::kStoreBusy,
                          "the hub can't store the command now; try again"};
  }
  const std::uint32_t command_id = last_command_[id.value] = record.command_id;
  const Instant now = monotonic_now();
  const UnixTime expires_at = record.expires_at;
  const auto status = role_.command(now, device->mac, slot, value, command_id, now + lifetime);
  // What took the place of an earlier command has ended that one.
  submit_changes();
  switch (status) {
    case coordinator::S0CommandStatus::kOk:
      open_commands_[{id.value, command_id}] = std::move(record);
      return TakenCommand{command_id, expires_at};
    case coordinator::S0CommandStatus::kBusy:
      end_record(std::move(record), store::CommandState::refused);
      submit_changes();
      return CommandRefusal{true, Problem::kHubBusy,
                            "too many commands are waiting; try again in a few seconds"};
    default:
      end_record(std::move(record), store::CommandState::refused);
      submit_changes();
      return CommandRefusal{false, Problem::kBadValue, "this function can't take that value"};
  }
}

void S0Network::on_command_ended(const MacAddress& mac, std::uint32_t id,
                                 coordinator::CommandState state) {
  const station::Device* const device = ports_.live.find(mac);
  if (device == nullptr) return;
  const auto open = open_commands_.find({device->id.value, id});
  if (open == open_commands_.end()) return;
  store::CommandRecord record = std::move(open->second);
  open_commands_.erase(open);
  const auto ended = state == coordinator::CommandState::kExecuted ? store::CommandState::executed
                                                                   : store::CommandState::expired;
  ended_.push_back({device->id, id, record.slot, ended});
  end_record(std::move(record), ended);
}

/// An end that can't be stored is told to nobody; at the next start the command is found open.
void S0Network::end_record(store::CommandRecord record, store::CommandState state) {
  record.state = state;
  record.ended_at = unix_now();
  changes_.emplace_back(std::move(record));
}

bool S0Network::renamed(station::DeviceId id) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr) return false;
  if (ports_.committer.submit({{device_record(*device)}, {}})) return true;
  ++counters_.not_stored;
  return false;
}

bool S0Network::restart(station::DeviceId id) {
  const station::Device* const device = ports_.live.find(id);
  return device != nullptr && role_.reset(device->mac);
}

}  // namespace espial::features
