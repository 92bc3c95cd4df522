#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>

#include "hub/features/network_ledger.hpp"
#include "hub/features/network_records.hpp"

namespace espial::features {

void NetworkLedger::restore(const store::Snapshot& snapshot, Instant now,
                            coordinator::Coordinator& role) {
  std::unordered_map<std::uint32_t, std::uint32_t> highest_command;
  for (const auto& [device, id] : snapshot.highest_command_ids) highest_command[device.value] = id;

  for (const store::EspialNode& node : snapshot.nodes) {
    if (node.server != server_) continue;
    const station::Device* const device = ports_.live.find(node.mac);
    const auto highest =
        device == nullptr ? highest_command.end() : highest_command.find(device->id.value);
    restore_node(node, highest == highest_command.end() ? 1 : highest->second + 1, role);
    if (device != nullptr) (void)role.restore_config(node.mac, device->name, 0);
  }
  restore_functions(snapshot, role);
  for (const store::EspialSession& session : snapshot.sessions) restore_session(session, role);
  for (const store::StreamProgress& stream : snapshot.streams) {
    const station::Device* const device = ports_.live.find(stream.device);
    coordinator::StreamProgress progress{};
    if (device == nullptr || stream.window.size() != progress.size()) continue;
    std::copy(stream.window.begin(), stream.window.end(), progress.begin());
    (void)role.restore_stream(device->mac, stream.stream_id, stream.events, progress);
  }
  for (const store::CommandRecord& row : snapshot.open_commands) {
    const station::Device* const device = ports_.live.find(row.device);
    if (device == nullptr || device->protocol != station::Protocol::espial) continue;
    coordinator::CommandRecord record;
    record.mac = device->mac;
    record.id = row.command_id;
    record.slot = row.slot;
    record.kind = row.kind;
    record.value = {row.payload.data(), row.payload.size()};
    record.expiry_s = static_cast<std::uint32_t>(row.expires_at.ms / 1000);
    if (role.restore_command(now, record)) {
      open_commands_[{row.device.value, row.command_id}] = row;
    }
  }
}

/// What the modules offer each other's rooms. Rows of one device stand together.
void NetworkLedger::restore_functions(const store::Snapshot& snapshot,
                                      coordinator::Coordinator& role) const {
  wire::FunctionList functions;
  for (std::size_t i = 0; i < snapshot.functions.size(); ++i) {
    const store::FunctionRecord& row = snapshot.functions[i];
    (void)functions.push_back({row.slot, row.kind, row.accepts_commands, true});
    const bool last =
        i + 1 == snapshot.functions.size() || snapshot.functions[i + 1].device != row.device;
    if (!last) continue;
    const station::Device* const device = ports_.live.find(row.device);
    if (device != nullptr) (void)role.restore_functions(device->mac, functions);
    functions.clear();
  }
}

void NetworkLedger::restore_node(const store::EspialNode& node, std::uint32_t next_command,
                                 coordinator::Coordinator& role) {
  if (node.wrapped.empty()) return;  // it was forgotten before it had a key
  coordinator::NodeRecord record;
  record.mac = node.mac;
  record.module = node.module;
  record.next_command = next_command;
  if (!unwrap_node(node.wrapped, wrap_key_, ports_.crypto, record) || !role.restore_node(record)) {
    ++counters_.damaged;
    spdlog::error(
        "the keys of a module can't be read with this wrap.key; erase its settings and let it join "
        "again in a pairing window");
  }
}

void NetworkLedger::restore_session(const store::EspialSession& session,
                                    coordinator::Coordinator& role) {
  const station::Device* const device = ports_.live.find(session.device);
  if (device == nullptr || session.wrapped.empty()) return;
  coordinator::SessionRecord record;
  record.mac = device->mac;
  if (!unwrap_session(session.wrapped, wrap_key_, ports_.crypto, record)) {
    ++counters_.damaged;
    return;
  }
  if (session.committed_uplink > 0) {
    record.highest_uplink_counter = session.committed_uplink - 1;
    committed_uplink_[device->id.value] = session.committed_uplink;
  }
  sessions_[device->id.value] = static_cast<std::uint8_t>(session.session_id);
  // Without its session a node resumes by itself; nothing is lost but a moment.
  (void)role.restore_session(record);
}

}  // namespace espial::features
