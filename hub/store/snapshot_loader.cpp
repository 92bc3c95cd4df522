#include "hub/store/snapshot_loader.hpp"

#include <unordered_map>
#include <utility>

#include "hub/store/hex.hpp"
#include "hub/store/soci_support.hpp"

namespace espial::store {
namespace {

using Int = long long;
using Text = std::string;

std::uint8_t u8(Int value) { return static_cast<std::uint8_t>(value); }
std::uint32_t u32(Int value) { return static_cast<std::uint32_t>(value); }
std::uint64_t u64(Int value) { return static_cast<std::uint64_t>(value); }
DeviceId device_id(Int value) { return DeviceId{u32(value)}; }
MacAddress mac_of(const Text& text) { return parse_mac(text).value_or(MacAddress{}); }

void load_meta(Connection& connection, std::vector<MetaRecord>& meta) {
  Query<Text, Text> query(connection.session(),
                          "SELECT \"key\", \"value\" FROM meta ORDER BY \"key\"");
  query.run({}, [&](const Text& key, const Text& value) {
    if (key.rfind("store.", 0) != 0) meta.push_back({key, value});
  });
}

void load_documents(Connection& connection, std::vector<Document>& documents) {
  Query<Text, Text, Text> query(
      connection.session(),
      "SELECT collection, name, body FROM documents ORDER BY collection, name");
  query.run({}, [&](const Text& collection, const Text& name, const Text& body) {
    documents.push_back({collection, name, body});
  });
}

void load_devices(Connection& connection, std::vector<DeviceRecord>& devices) {
  Query<Int, Text, Text, Int, Int, Int, Int, Int, Int, Text, Text, Text> query(
      connection.session(),
      "SELECT id, mac, name, protocol, server, module, joined_at_ms, last_seen_ms, online, "
      "session_id, firmware, chip FROM devices ORDER BY id");
  query.run({}, [&](Int id, const Text& mac, const Text& name, Int protocol, Int server, Int module,
                    Int joined_at_ms, Int last_seen_ms, Int online, const Text& session_id,
                    const Text& firmware, const Text& chip) {
    devices.push_back({device_id(id), mac_of(mac), name, static_cast<Protocol>(protocol),
                       ServerId{u8(server)}, ModuleId{u8(module)}, UnixTime{joined_at_ms},
                       UnixTime{last_seen_ms}, online != 0, session_id, firmware, chip});
  });
}

void load_functions(Connection& connection, std::vector<FunctionRecord>& functions) {
  Query<Int, Int, Int, Text, Int> query(
      connection.session(),
      "SELECT device, slot, kind, title, accepts_commands FROM functions ORDER BY device, slot");
  query.run({}, [&](Int device, Int slot, Int kind, const Text& title, Int accepts) {
    functions.push_back({device_id(device), u8(slot), u8(kind), title, accepts != 0});
  });
}

/// Calls `each` with the readings that a query finds, whose columns are those of `latest`.
template <typename Each>
void read_readings(Statement& query, Each&& each) {
  while (query.next()) {
    Reading reading;
    reading.device = device_id(query.integer(0));
    reading.slot = u8(query.integer(1));
    reading.field = u8(query.integer(2));
    reading.taken_at.ms = query.integer(3);
    reading.arrival = u64(query.integer(4));
    if (!query.is_null(5)) {
      reading.type = ValueType::number;
      reading.number = query.number(5);
    } else if (!query.is_null(6)) {
      reading.type = ValueType::text;
      reading.text = query.text(6);
    }
    each(std::move(reading));
  }
}

/// The newest filed ones, and instead of them those that are newer and recent.
void load_latest(Connection& connection, const RecentRows& recent, std::vector<Reading>& latest) {
  std::unordered_map<std::uint64_t, std::size_t> places;  // by series
  const auto take = [&](Reading&& reading) {
    const auto [place, is_first] = places.try_emplace(Series::of(reading).packed, latest.size());
    if (is_first) {
      latest.push_back(std::move(reading));
    } else {
      latest[place->second] = std::move(reading);
    }
  };
  const auto filed = connection.prepare(
      "SELECT device, slot, field, taken_at_ms, arrival, number, text FROM latest");
  filed->begin();
  read_readings(*filed, take);
  const auto appended = connection.prepare(
      "SELECT device, slot, field, taken_at_ms, arrival, number, text FROM recent "
      "WHERE arrival = ?");
  for (const auto& [series, row] : recent.newest()) {
    const auto known = places.find(series.packed);
    if (known != places.end() &&
        row < RecentRows::Entry::of(latest[known->second], latest[known->second].arrival).row)
      continue;
    appended->begin(row.arrival);
    read_readings(*appended, take);
  }
}

void load_espial(Connection& connection, Snapshot& snapshot) {
  Query<Text, Int, Int, Int, Text> nodes(
      connection.session(),
      "SELECT mac, server, module, generation, wrapped FROM espial_nodes ORDER BY mac");
  nodes.run({}, [&](const Text& mac, Int server, Int module, Int generation, const Text& wrapped) {
    snapshot.nodes.push_back({mac_of(mac), ServerId{u8(server)}, ModuleId{u8(module)},
                              u32(generation), from_hex(wrapped).value_or(Bytes{})});
  });
  Query<Int, Int, Int, Int, Text> sessions(
      connection.session(),
      "SELECT device, session_id, committed_uplink, reserved_downlink, wrapped "
      "FROM espial_sessions ORDER BY device");
  sessions.run({}, [&](Int device, Int id, Int uplink, Int downlink, const Text& wrapped) {
    snapshot.sessions.push_back({device_id(device), u64(id), u64(uplink), u64(downlink),
                                 from_hex(wrapped).value_or(Bytes{})});
  });
  Query<Int, Int, Int, Text> streams(
      connection.session(),
      "SELECT device, events, stream_id, sequence_window FROM streams ORDER BY device, events");
  streams.run({}, [&](Int device, Int events, Int id, const Text& window) {
    snapshot.streams.push_back(
        {device_id(device), u32(id), events != 0, from_hex(window).value_or(Bytes{})});
  });
}

}  // namespace

void read_commands(Connection& connection, const std::string& text,
                   const std::vector<long long>& parameters, std::vector<CommandRecord>& commands) {
  Query<Int, Int, Int, Int, Text, Int, Int, Int, Int> query(connection.session(), text,
                                                            parameters.size());
  query.run(parameters, [&](Int device, Int id, Int slot, Int kind, const Text& payload, Int state,
                            Int created_at_ms, Int ended_at_ms, Int expires_at_ms) {
    commands.push_back({device_id(device), u32(id), u8(slot), u8(kind),
                        from_hex(payload).value_or(Bytes{}), static_cast<CommandState>(state),
                        UnixTime{created_at_ms}, UnixTime{ended_at_ms}, UnixTime{expires_at_ms}});
  });
}

Snapshot load_snapshot(Connection& connection, const RecentRows& recent) {
  Snapshot snapshot;
  load_meta(connection, snapshot.meta);
  load_documents(connection, snapshot.documents);
  load_devices(connection, snapshot.devices);
  load_functions(connection, snapshot.functions);
  load_latest(connection, recent, snapshot.latest);
  load_espial(connection, snapshot);
  read_commands(
      connection,
      std::string(kSelectCommands) + "WHERE state = 0 ORDER BY created_at_ms, device, command_id",
      {}, snapshot.open_commands);
  Query<Int, Int> highest(connection.session(),
                          "SELECT device, max(command_id) FROM commands GROUP BY device "
                          "ORDER BY device");
  highest.run({}, [&](Int device, Int id) {
    snapshot.highest_command_ids.emplace_back(device_id(device), u32(id));
  });
  return snapshot;
}

}  // namespace espial::store
