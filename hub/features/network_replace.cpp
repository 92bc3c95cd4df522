// Modules that are gone: another one takes the place of a broken one (its name, its number in the
// history, its card), or nobody does.
#include <spdlog/spdlog.h>

#include "hub/features/espial_network.hpp"
#include "ports/linux/clock.hpp"
#include "station/mac_text.hpp"

namespace espial::features {

using station::Problem;

std::optional<CommandRefusal> EspialNetwork::replace(Replacement wanted) {
  const station::Device* const broken = ports_.live.find(wanted.broken);
  const station::Device* const fresh = ports_.live.find(wanted.fresh);
  if (broken == nullptr || fresh == nullptr) return unknown_successor();
  if (auto refusal = check_replacement(*broken, *fresh)) return refusal;
  const coordinator::NodeEntry* const node = role_.find(fresh->mac);
  if (node == nullptr || !node->key) {
    return CommandRefusal{false, Problem::kNeverJoined,
                          "the new module has to join this network first; then it can replace "
                          "another one of it"};
  }
  if (node->commands_outstanding > 0) return successor_is_busy();
  const MacAddress former = broken->mac;
  const station::DeviceId id = wanted.broken;
  const std::vector<store::CommandRecord> over = ledger_.open_commands(id);
  const auto succession = ledger_.replace(std::move(wanted), node->next_command);
  if (!succession) return replacement_not_stored();
  // First, for others know these commands by the broken one's address.
  tell_expired(over);
  show(ports_.live, *succession);
  // The broken one's key admits nobody any more; where there is no room for that now, soon.
  replaced_.insert(former);
  tick();
  configured_.erase(former);
  const station::Device& now_known = *ports_.live.find(id);
  tell_name(now_known);
  spdlog::info("{} is the module at {} now", now_known.name, text_of(now_known.mac));
  return std::nullopt;
}

void EspialNetwork::tick() {
  std::erase_if(replaced_, [this](const MacAddress& mac) { return role_.find(mac) == nullptr; });
  for (const MacAddress& mac : replaced_) (void)role_.forget(monotonic_now(), mac);
  ledger_.answer_failures();
}

std::optional<CommandRefusal> EspialNetwork::forget(station::DeviceId id) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr || role_.find(device->mac) == nullptr) return std::nullopt;
  const std::vector<store::CommandRecord> over = ledger_.open_commands(id);
  if (!role_.forget(monotonic_now(), device->mac)) {
    return CommandRefusal{true, Problem::kStoreBusy, "the hub can't store this now; try again"};
  }
  // Otherwise the store has turned it away, and the module is still there.
  if (ledger_.open_commands(id).empty()) tell_expired(over);
  configured_.erase(device->mac);
  ledger_.answer_failures();
  spdlog::info("{}, the module at {}, is forgotten", device->name, text_of(device->mac));
  return std::nullopt;
}

void EspialNetwork::tell_expired(const std::vector<store::CommandRecord>& over) const {
  if (!ports_.on_command) return;
  for (const store::CommandRecord& record : over) {
    ports_.on_command(
        {record.device, record.command_id, record.slot, store::CommandState::expired});
  }
}

std::vector<store::CommandRecord> NetworkLedger::open_commands(station::DeviceId device) const {
  std::vector<store::CommandRecord> open;
  const auto last = open_commands_.lower_bound({device.value + 1, 0});
  for (auto one = open_commands_.lower_bound({device.value, 0}); one != last; ++one) {
    open.push_back(one->second);
  }
  return open;
}

/// As they are to be stored when their module is no more.
store::Changes NetworkLedger::expired_commands(station::DeviceId device) const {
  store::Changes expired;
  for (store::CommandRecord& over : open_commands(device)) {
    over.state = store::CommandState::expired;
    over.ended_at = ports_.now();
    expired.emplace_back(std::move(over));
  }
  return expired;
}

void NetworkLedger::drop_commands(station::DeviceId device) {
  open_commands_.erase(open_commands_.lower_bound({device.value, 0}),
                       open_commands_.lower_bound({device.value + 1, 0}));
}

std::optional<Succession> NetworkLedger::replace(Replacement wanted, std::uint32_t next_command) {
  const station::Device fresh = *ports_.live.find(wanted.fresh);
  const station::Device broken = *ports_.live.find(wanted.broken);
  const Succession succession = succession_of(ports_.live, broken, fresh);
  store::Changes changes = records_of(succession, broken);
  append(changes, std::move(wanted.along));
  // Sessions are bound to addresses. After a restart before the next one the module resumes.
  store::EspialSession its_own;
  its_own.device = fresh.id;
  store::EspialSession of_the_broken;
  of_the_broken.device = broken.id;
  changes.emplace_back(std::move(its_own));
  changes.emplace_back(std::move(of_the_broken));
  // No key in case the hub ends before the coordinator has forgotten it: it says more, later.
  store::EspialNode keyless;
  keyless.mac = broken.mac;
  keyless.server = server_;
  changes.emplace_back(std::move(keyless));
  // They were meant for the broken one; under their numbers the new one may be told other things.
  append(changes, expired_commands(broken.id));
  if (next_command > 1) {
    // After a restart this device's commands go on behind those that the module has seen.
    store::CommandRecord seen;
    seen.device = broken.id;
    seen.command_id = next_command - 1;
    seen.state = store::CommandState::expired;
    seen.created_at = seen.ended_at = ports_.now();
    changes.emplace_back(std::move(seen));
  }
  if (!ports_.committer.submit({std::move(changes), {}})) return std::nullopt;
  drop_commands(broken.id);
  move_session(fresh.id.value, broken.id.value);
  return succession;
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
