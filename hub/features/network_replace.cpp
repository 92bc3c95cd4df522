// Modules that are gone: another one takes the place of a broken one (its name, its number in the
// history, its card), or nobody does.
#include <spdlog/spdlog.h>

#include <string>
#include <vector>

#include "hub/features/espial_network.hpp"
#include "hub/features/shown_records.hpp"
#include "ports/linux/clock.hpp"
#include "station/mac_text.hpp"

namespace espial::features {

using station::Problem;

namespace {

/// Locally administered, and given to no module.
constexpr std::uint8_t kReplaced[] = {0xee, 0x52};

MacAddress replaced_address(station::DeviceId id) {
  return {{kReplaced[0], kReplaced[1], static_cast<std::uint8_t>(id.value >> 24),
           static_cast<std::uint8_t>(id.value >> 16), static_cast<std::uint8_t>(id.value >> 8),
           static_cast<std::uint8_t>(id.value)}};
}

/// The new module's functions, under the names that people gave those of the old one.
std::vector<station::FunctionState> functions_of(const station::Device& fresh,
                                                 const station::Device& broken) {
  std::vector<station::FunctionState> functions = fresh.functions;
  for (station::FunctionState& function : functions) {
    const station::FunctionState* const former = broken.function(function.slot);
    if (former == nullptr || former->kind != function.kind) continue;
    function.title = former->title;
    if (function.values.empty()) function = *former;
  }
  return functions;
}

}  // namespace

std::optional<CommandRefusal> EspialNetwork::replace(station::DeviceId broken_id,
                                                     station::DeviceId fresh_id) {
  const station::Device* const broken = ports_.live.find(broken_id);
  const station::Device* const fresh = ports_.live.find(fresh_id);
  if (broken == nullptr || fresh == nullptr || broken == fresh) {
    return CommandRefusal{false, Problem::kNoSuchDevice, "name two modules that are known"};
  }
  for (const station::Device* const device : {broken, fresh}) {
    if (device->protocol == station::Protocol::espial) continue;
    return CommandRefusal{false, Problem::kBadValue,
                          device->name +
                              " is a board of another protocol: only Espial's own modules take "
                              "each other's place"};
  }
  const coordinator::NodeEntry* const node = role_.find(fresh->mac);
  if (node == nullptr || !node->key) {
    return CommandRefusal{false, Problem::kNeverJoined,
                          "the new module has to join this network first; then it can replace "
                          "another one of it"};
  }
  if (broken->online) {
    return CommandRefusal{false, Problem::kStillOnline,
                          "the module to be replaced is online; switch it off first"};
  }
  if (node->commands_outstanding > 0) {
    return CommandRefusal{true, Problem::kDeviceBusy,
                          "the new module has commands to do; try again in a minute"};
  }
  const MacAddress former = broken->mac;
  if (!ledger_.replace(broken_id, fresh_id, node->next_command)) {
    return CommandRefusal{true, Problem::kStoreBusy,
                          "the hub can't store the replacement now; try again"};
  }
  // The broken one's key admits nobody any more.
  (void)role_.forget(monotonic_now(), former);
  const station::Device& now_known = *ports_.live.find(broken_id);
  tell_name(now_known);
  ledger_.answer_failures();
  spdlog::info("{} is the module at {} now", now_known.name, text_of(now_known.mac));
  return std::nullopt;
}

std::optional<CommandRefusal> EspialNetwork::forget(station::DeviceId id) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr || role_.find(device->mac) == nullptr) return std::nullopt;
  if (!role_.forget(monotonic_now(), device->mac)) {
    return CommandRefusal{true, Problem::kStoreBusy, "the hub can't store this now; try again"};
  }
  configured_.erase(device->mac);
  ledger_.answer_failures();
  spdlog::info("{}, the module at {}, is forgotten", device->name, text_of(device->mac));
  return std::nullopt;
}

bool NetworkLedger::replace(station::DeviceId broken_id, station::DeviceId fresh_id,
                            std::uint32_t next_command) {
  const station::Device fresh = *ports_.live.find(fresh_id);
  const station::Device broken = *ports_.live.find(broken_id);
  station::Device device = fresh;
  device.id = broken.id;
  device.name = broken.name;
  device.functions = functions_of(fresh, broken);
  // The new one's row stays for the readings that point to it, at an address that is nobody's: it
  // has joined nothing.
  station::Device remains;
  remains.id = fresh.id;
  remains.mac = replaced_address(fresh.id);
  remains.name = "replaced " + std::to_string(fresh.id.value);
  remains.hidden = true;

  // Sessions are bound to addresses. After a restart before the next one the module resumes.
  store::EspialSession its_own;
  its_own.device = fresh.id;
  store::EspialSession of_the_broken;
  of_the_broken.device = broken.id;
  store::Changes changes{device_record(remains), device_record(device), std::move(its_own),
                         std::move(of_the_broken)};
  for (const station::FunctionState& function : broken.functions) {
    if (device.function(function.slot) != nullptr) continue;
    changes.emplace_back(no_function(device.id, function.slot));
  }
  for (const station::FunctionState& function : device.functions) {
    changes.emplace_back(function_record(device.id, function));
  }
  if (next_command > 1) {
    // After a restart this device's commands go on behind those that the module has seen.
    store::CommandRecord seen;
    seen.device = device.id;
    seen.command_id = next_command - 1;
    seen.state = store::CommandState::expired;
    seen.created_at = seen.ended_at = ports_.now();
    changes.emplace_back(std::move(seen));
  }
  if (!ports_.committer.submit({std::move(changes), {}})) return false;

  // Both go and one comes, so that pages forget the address that is no more.
  (void)ports_.live.remove(fresh.id);
  (void)ports_.live.remove(broken.id);
  (void)ports_.live.put(device);
  (void)ports_.live.put(remains);
  move_session(fresh.id.value, broken.id.value);
  return true;
}

void NetworkLedger::move_session(std::uint32_t from, std::uint32_t to) {
  const auto session = sessions_.find(from);
  const auto committed = committed_uplink_.find(from);
  sessions_.erase(to);
  committed_uplink_.erase(to);
  if (session != sessions_.end()) sessions_[to] = session->second;
  if (committed != committed_uplink_.end()) committed_uplink_[to] = committed->second;
  sessions_.erase(from);
  committed_uplink_.erase(from);
}

}  // namespace espial::features
