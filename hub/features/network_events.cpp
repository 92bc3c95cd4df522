// What the coordinator tells, brought to the live state, the log and S3's applications.
#include <spdlog/spdlog.h>

#include "hub/features/espial_network.hpp"
#include "ports/linux/clock.hpp"
#include "station/mac_text.hpp"

namespace espial::features {
namespace {

std::string_view to_text(coordinator::OfflineReason reason) {
  switch (reason) {
    case coordinator::OfflineReason::kSilent:
      return "silent for too long";
    case coordinator::OfflineReason::kLeft:
      return "said goodbye";
    case coordinator::OfflineReason::kGatewayLost:
      return "its gateway is gone";
    case coordinator::OfflineReason::kRevoked:
      return "its key was revoked";
  }
  return "unknown reason";
}

std::string_view to_text(coordinator::Refusal reason) {
  switch (reason) {
    case coordinator::Refusal::kUnknownKey:
      return "it has a key that this hub does not know; if it is yours, forget it and pair again";
    case coordinator::Refusal::kWaitingForApproval:
      return "it waits for approval";
    case coordinator::Refusal::kPairingClosed:
      return "it is new and no pairing window is open; open one: espial pair";
    case coordinator::Refusal::kModuleTaken:
      return "its module ID belongs to another module";
    case coordinator::Refusal::kBusy:
      return "too much is going on; it will ask again";
    case coordinator::Refusal::kVersion:
      return "it speaks another version of the protocol";
    case coordinator::Refusal::kRevoked:
      return "its key was revoked";
    case coordinator::Refusal::kClosedByServer:
      return "this network takes no new modules";
  }
  return "unknown reason";
}

}  // namespace

void EspialNetwork::on_node_joined(const MacAddress& mac, ModuleId module) {
  keyed_changed_ = true;
  keys_.joined(mac);
  const station::Device* const device = ports_.live.find(mac);
  if (device == nullptr) return;
  station::Device joined = *device;
  joined.module = module;
  joined.joined_at = unix_now();
  joined.functions.clear();
  (void)ports_.live.put(joined);
  ledger_.store_device(joined.id);
  spdlog::info("{} joined as {}, module {}", text_of(mac), joined.name, module.value);
}

void EspialNetwork::on_node_online(const MacAddress& mac, const MacAddress& gateway,
                                   std::optional<std::int8_t> rssi_dbm, Channel) {
  const station::Device* const device = ports_.live.find(mac);
  if (device == nullptr) return;
  (void)ports_.live.touch(device->id, unix_now(), gateway, rssi_dbm);
  set_online(mac, true);
}

void EspialNetwork::on_node_offline(const MacAddress& mac, coordinator::OfflineReason reason) {
  set_online(mac, false);
  spdlog::info("{} is offline: {}", text_of(mac), to_text(reason));
}

void EspialNetwork::set_online(const MacAddress& mac, bool online) {
  const station::Device* const device = ports_.live.find(mac);
  if (device == nullptr || device->online == online) return;
  (void)ports_.live.set_online(device->id, online, online ? unix_now() : device->last_seen);
  ledger_.store_device(device->id);
}

void EspialNetwork::on_node_left(const MacAddress& mac) {
  replaced_.erase(mac);
  keyed_changed_ = true;
  set_online(mac, false);
}

void EspialNetwork::on_node_waiting(const MacAddress& mac) {
  spdlog::info("{} asks to join and waits for approval", text_of(mac));
}

void EspialNetwork::on_node_revoked(const MacAddress& mac, bool revoked) {
  // Its keys are refused from the first moment; that this outlives the hub is sure only now.
  spdlog::info("{}: {}", text_of(mac), revoked ? "revoked for good" : "not revoked any more");
}

void EspialNetwork::on_heard(const MacAddress& mac, const MacAddress& gateway,
                             std::optional<std::int8_t> rssi_dbm, Channel) {
  const station::Device* const device = ports_.live.find(mac);
  const coordinator::NodeEntry* const node = role_.find(mac);
  if (device == nullptr || node == nullptr) return;
  (void)ports_.live.touch(device->id, unix_now(), gateway, rssi_dbm, role_.interval_s(*node));
}

void EspialNetwork::on_description(const MacAddress& mac, coordinator::Ticket) {
  described_.push_back(mac);
}

void EspialNetwork::on_opened(const MacAddress& mac, ByteView packet,
                              std::optional<std::int8_t> rssi_dbm, Channel channel) {
  const topics::PropertyList list(topics::UpProperties{rssi_dbm, channel, 0});
  publish(topics::device(mac), packet, false, list.view());
}

void EspialNetwork::on_report(const MacAddress&, coordinator::Ticket) {
  // The ledger shows what it has committed: it still has the values at hand.
}

void EspialNetwork::on_command_ended(const MacAddress& mac, std::uint32_t id,
                                     coordinator::CommandState state) {
  const station::Device* const device = ports_.live.find(mac);
  if (device == nullptr || !ports_.on_command) return;
  CommandChange change;
  change.device = device->id;
  change.command_id = id;
  change.state = state == coordinator::CommandState::kExecuted  ? store::CommandState::executed
                 : state == coordinator::CommandState::kRefused ? store::CommandState::refused
                                                                : store::CommandState::expired;
  ports_.on_command(change);
}

void EspialNetwork::on_refused(const MacAddress& mac, coordinator::Refusal reason) {
  if (const auto left_out = log_limit_.pass(monotonic_now())) {
    spdlog::warn("{} was refused: {} ({} more not logged)", text_of(mac), to_text(reason),
                 *left_out);
  }
}

}  // namespace espial::features
