#include "hub/features/network_ledger.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>

#include "core/wire/kind.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/session_packets.hpp"
#include "core/wire/value.hpp"
#include "hub/features/network_records.hpp"
#include "hub/features/s0_shown.hpp"
#include "hub/features/shown_records.hpp"
#include "hub/store/hex.hpp"
#include "ports/linux/clock.hpp"
#include "station/mac_text.hpp"
#include "station/registry.hpp"

namespace espial::features {
namespace {

store::CommandState stored_state(coordinator::CommandState state) {
  switch (state) {
    case coordinator::CommandState::kQueued:
      return store::CommandState::pending;
    case coordinator::CommandState::kExecuted:
      return store::CommandState::executed;
    case coordinator::CommandState::kRefused:
      return store::CommandState::refused;
    case coordinator::CommandState::kExpired:
      return store::CommandState::expired;
  }
  return store::CommandState::expired;
}

/// Field number and value as the database has them, from those of the air.
store::Reading stored_reading(station::DeviceId device, std::uint8_t slot, UnixTime taken_at,
                              const station::Value& value) {
  store::Reading reading;
  reading.device = device;
  reading.slot = slot;
  reading.field = value.field;
  reading.type = value.type;
  reading.taken_at = taken_at;
  reading.number = value.number;
  reading.text = value.text;
  return reading;
}

}  // namespace

NetworkLedger::NetworkLedger(ServerId server, const Key& wrap_key, Ports ports)
    : server_(server), wrap_key_(wrap_key), ports_(std::move(ports)) {}

void NetworkLedger::commit_node(coordinator::Ticket ticket, const coordinator::NodeRecord& record) {
  const station::Device* const device = admit(record.mac, record.module);
  if (device == nullptr) {
    fail(ticket, record.mac);
    return;
  }
  store::EspialNode node;
  node.mac = record.mac;
  node.server = server_;
  node.module = record.module;
  node.generation = record.key ? record.key->generation : 0;
  node.wrapped = wrap_node(record, wrap_key_, ports_.crypto, ports_.random);
  const station::DeviceId id = device->id;
  store::Changes changes{device_record(*device), std::move(node)};
  if (record.revoked) {
    store::EspialSession over;
    over.device = id;
    changes.emplace_back(std::move(over));
  }
  const bool taken =
      submit(ticket, record.mac, std::move(changes), [this, id] { (void)ports_.live.show(id); });
  if (!taken || !record.revoked) return;
  sessions_.erase(id.value);
  committed_uplink_.erase(id.value);
}

const station::Device* NetworkLedger::admit(const MacAddress& mac, ModuleId module) {
  station::AdmitRequest request;
  request.mac = mac;
  request.protocol = station::Protocol::espial;
  request.server = server_;
  request.wanted_module = module;
  request.now = ports_.now();
  request.hidden = true;
  const auto admitted = station::admit(ports_.live, request);
  if (admitted.error == station::AdmitError::none) return admitted.device;
  ++counters_.not_admitted;
  if (log_limit_.pass(monotonic_now())) {
    spdlog::warn("module {} is not admitted: {}", text_of(mac), station::to_text(admitted.error));
  }
  return nullptr;
}

void NetworkLedger::commit_session(coordinator::Ticket ticket,
                                   const coordinator::SessionRecord& record) {
  const station::Device* const device = ports_.live.find(record.mac);
  const auto session = session::Session::load(ports_.crypto, record.state);
  if (device == nullptr || !session) {
    fail(ticket, record.mac);
    return;
  }
  // Reserving counters commits the same session again: what it has received stays received.
  const std::uint32_t id = device->id.value;
  const auto known = sessions_.find(id);
  const bool same = known != sessions_.end() && known->second == session->id();
  const auto committed = committed_uplink_.find(id);
  store::EspialSession row;
  row.device = device->id;
  row.session_id = session->id();
  row.committed_uplink = same && committed != committed_uplink_.end() ? committed->second : 0;
  row.reserved_downlink = session->reserved_until();
  row.wrapped = wrap_session(record, wrap_key_, ports_.crypto, ports_.random);
  if (!submit(ticket, record.mac, {std::move(row)}) || same) return;
  sessions_[id] = session->id();
  committed_uplink_.erase(id);
}

void NetworkLedger::commit_report(coordinator::Ticket ticket,
                                  const coordinator::ReportRecord& record) {
  const station::Device* const device = ports_.live.find(record.mac);
  if (device == nullptr) {
    fail(ticket, record.mac);
    return;
  }
  const station::DeviceId id = device->id;
  store::Changes changes;
  std::vector<Shown> shown;
  add_readings(id, record, changes, shown);
  if (record.sequence) {
    store::StreamProgress progress;
    progress.device = id;
    progress.stream_id = record.stream_id;
    progress.events = record.events;
    progress.window.assign(record.progress.begin(), record.progress.end());
    changes.emplace_back(std::move(progress));
  }
  // One more than the counter, so that 0 can say "none yet".
  const auto known = committed_uplink_.find(id.value);
  const std::uint64_t committed = std::max(known == committed_uplink_.end() ? 0 : known->second,
                                           record.highest_uplink_counter + 1);
  changes.emplace_back(store::SessionProgress{id, record.session, committed, 0});
  changes.emplace_back(store::DeviceSeen{id, record.received_at, true});
  trace::ReportName name;
  name.sequence = record.sequence;
  name.events = record.events;
  if (record.taken_at.known()) {
    name.since_taken = Duration::milliseconds(record.received_at.ms - record.taken_at.ms);
  }
  const auto number = ports_.trace.begin(monotonic_now(), name);
  auto show = [this, id, number, shown = std::move(shown)] {
    bool news = false;
    for (const Shown& reading : shown) {
      const auto outcome = ports_.live.apply_reading(id, reading.slot, reading.taken_at,
                                                     reading.values.data(), reading.values.size());
      news = news || outcome == station::Outcome::done;
    }
    ports_.trace.stored(number, monotonic_now(), news);
  };
  if (submit(ticket, record.mac, std::move(changes), std::move(show))) {
    committed_uplink_[id.value] = committed;
  } else {
    ports_.trace.turned_away(number, monotonic_now());
  }
}

void NetworkLedger::add_readings(station::DeviceId device, const coordinator::ReportRecord& record,
                                 store::Changes& changes, std::vector<Shown>& shown) {
  const auto readings = wire::parse_readings(record.readings);
  if (!readings) return;
  const UnixTime taken_at =
      record.taken_at.known() && record.taken_at.ms > 0 ? record.taken_at : ports_.now();
  for (const wire::Reading& reading : *readings) {
    Shown one;
    if (add_values(device, reading.slot, reading.kind, reading.value, taken_at, changes, one)) {
      shown.push_back(std::move(one));
    }
  }
}

bool NetworkLedger::add_values(station::DeviceId device, std::uint8_t slot, std::uint8_t kind,
                               ByteView bytes, UnixTime taken_at, store::Changes& changes,
                               Shown& shown) {
  shown.slot = slot;
  shown.taken_at = taken_at;
  ++counters_.readings;
  const wire::KindInfo* const info = wire::find_standard_kind(kind);
  if (info == nullptr) {
    shown.values = s0::shown_values(kind, bytes);
    if (shown.values.empty()) {
      // A module of a later version: nothing that it was told is stored may be lost.
      ++counters_.unknown_kinds;
      shown.values.push_back(station::Value::of(0, store::to_hex(bytes)));
    }
  } else {
    const auto values = wire::decode_value(*info, bytes);
    if (!values) {
      ++counters_.bad_values;
      if (log_limit_.pass(monotonic_now())) {
        const station::Device* const sender = ports_.live.find(device);
        spdlog::warn("{}: a {} with a value it can't have ({}) is not stored",
                     sender == nullptr ? "?" : sender->name, info->name,
                     wire::to_text(values.refusal()));
      }
      return false;
    }
    std::uint8_t field = 0;
    for (const wire::FieldValue& value : *values) {
      const bool text = info->fields[field].type == wire::FieldType::kText;
      shown.values.push_back(text           ? station::Value::of(field, value.text)
                             : value.number ? station::Value::of(field, *value.number)
                                            : station::Value::none(field));
      ++field;
    }
  }
  for (const station::Value& value : shown.values) {
    if (!ports_.notes.is_logged(device, slot, value.field)) continue;
    changes.emplace_back(stored_reading(device, slot, taken_at, value));
  }
  return true;
}

void NetworkLedger::commit_command(coordinator::Ticket ticket,
                                   const coordinator::CommandRecord& record) {
  const station::Device* const device = ports_.live.find(record.mac);
  if (device == nullptr) {
    fail(ticket, record.mac);
    return;
  }
  const CommandKey key{device->id.value, record.id};
  const auto known = open_commands_.find(key);
  store::CommandRecord row;
  if (known != open_commands_.end()) {
    row = known->second;
  } else {
    row.device = device->id;
    row.command_id = record.id;
    row.slot = record.slot;
    row.kind = record.kind;
    row.payload.assign(record.value.begin(), record.value.end());
    row.created_at = ports_.now();
    row.expires_at = {static_cast<std::int64_t>(record.expiry_s) * 1000};
  }
  row.state = stored_state(record.state);
  const bool ended = row.state != store::CommandState::pending;
  if (ended) row.ended_at = ports_.now();
  if (!submit(ticket, record.mac, {row})) return;
  if (ended) {
    open_commands_.erase(key);
  } else {
    open_commands_[key] = std::move(row);
  }
}

void NetworkLedger::commit_description(coordinator::Ticket ticket,
                                       const coordinator::DescriptionRecord& record) {
  const station::Device* const known = ports_.live.find(record.mac);
  if (known == nullptr) {
    fail(ticket, record.mac);
    return;
  }
  station::Device device = *known;
  std::vector<std::uint8_t> former_slots;
  for (const auto& function : device.functions) former_slots.push_back(function.slot);
  describe(device, record.properties);

  store::Changes changes{device_record(device)};
  for (const std::uint8_t slot : former_slots) {
    // Kind 0: the module no longer has this function.
    if (device.function(slot) == nullptr) {
      changes.emplace_back(no_function(device.id, slot));
    }
  }
  for (const auto& function : device.functions) {
    changes.emplace_back(function_record(device.id, function));
  }
  // At once and not after the commit: the name must be seen to be taken by whoever asks next.
  if (submit(ticket, record.mac, std::move(changes))) (void)ports_.live.put(device);
}

void NetworkLedger::describe(station::Device& device, ByteView bytes) {
  wire::Packet packet;
  packet.type = wire::PacketType::kConnect;
  packet.payload = bytes;
  const auto description = wire::parse_description(packet);
  if (!description) return;
  const wire::Properties* const properties = &description->properties;
  if (properties->firmware) device.firmware.assign(*properties->firmware);
  if (properties->chip) device.chip.assign(*properties->chip);
  // The name a module brings is a proposal for one that nobody has named yet.
  const bool unnamed = device.name == station::default_name(device.id.value);
  if (unnamed && properties->name &&
      station::check_name(*properties->name) == station::NameError::none &&
      ports_.live.find_name(*properties->name) == nullptr) {
    device.name.assign(*properties->name);
  }
  if (!properties->functions) return;
  std::vector<station::FunctionState> functions;
  for (const wire::Function& function : *properties->functions) {
    station::FunctionState state;
    const station::FunctionState* const present = device.function(function.slot);
    if (present != nullptr && present->kind == function.kind) state = *present;
    state.slot = function.slot;
    state.kind = function.kind;
    state.accepts_commands = function.accepts_commands;
    functions.push_back(std::move(state));
  }
  std::sort(functions.begin(), functions.end(),
            [](const auto& a, const auto& b) { return a.slot < b.slot; });
  device.functions = std::move(functions);
}

void NetworkLedger::commit_forgotten(coordinator::Ticket ticket, const MacAddress& mac,
                                     const coordinator::FormerKeys& former) {
  const station::Device* const device = ports_.live.find(mac);
  store::EspialNode node;
  node.mac = mac;
  node.server = server_;
  if (former.key) {
    coordinator::NodeRecord record;
    record.mac = mac;
    record.former = former;
    node.wrapped = wrap_node(record, wrap_key_, ports_.crypto, ports_.random);
  }
  if (device == nullptr) {
    // Another module has its place already.
    (void)submit(ticket, mac, {std::move(node)});
    return;
  }
  const station::DeviceId id = device->id;
  store::EspialSession session;
  session.device = id;
  store::Changes changes{std::move(node), std::move(session)};
  append(changes, expired_commands(id));
  if (!submit(ticket, mac, std::move(changes))) return;
  drop_commands(id);
  sessions_.erase(id.value);
  committed_uplink_.erase(id.value);
}

bool NetworkLedger::store_device(station::DeviceId id) {
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr || ports_.committer.submit({{device_record(*device)}, {}})) return true;
  ++counters_.turned_away;
  return false;
}

void NetworkLedger::fail(coordinator::Ticket ticket, const MacAddress& mac, bool turned_away) {
  failures_.push_back({ticket, mac, turned_away, taken_});
}

const NetworkLedger::Failure* NetworkLedger::find_failure(const MacAddress& mac) const {
  const auto found = std::find_if(failures_.begin(), failures_.end(),
                                  [&mac](const Failure& failure) { return failure.mac == mac; });
  return found == failures_.end() ? nullptr : &*found;
}

void NetworkLedger::answer_failures() {
  // Only those that are there now: the coordinator may ask again at once, and be turned away again.
  for (std::size_t left = failures_.size(); left > 0; --left) {
    if (failures_.front().after > completed_) return;
    const coordinator::Ticket ticket = failures_.front().ticket;
    failures_.pop_front();
    ports_.committed(ticket, false);
  }
}

bool NetworkLedger::submit(coordinator::Ticket ticket, const MacAddress& mac,
                           store::Changes changes, std::function<void()> shown) {
  store::Unit unit;
  unit.changes = std::move(changes);
  unit.completion = [this, ticket, show = std::move(shown)](store::Verdict verdict) {
    ++completed_;
    if (verdict == store::Verdict::refused) {
      ports_.failed("the database refused a record of the network");
      return;
    }
    if (show) show();
    ports_.committed(ticket, true);
    answer_failures();
  };
  const Failure* const earlier = find_failure(mac);
  if (earlier == nullptr && ports_.committer.submit(std::move(unit))) {
    ++taken_;
    return true;
  }
  const bool turned_away = earlier == nullptr || earlier->turned_away;
  fail(ticket, mac, turned_away);
  if (turned_away) {
    ++counters_.turned_away;
    ports_.turned_away();
  }
  return false;
}

}  // namespace espial::features
