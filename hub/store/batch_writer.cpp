#include "hub/store/batch_writer.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "hub/store/hex.hpp"
#include "station/mac_text.hpp"

namespace espial::store {
namespace {

long long signed_bits(std::uint64_t value) { return static_cast<long long>(value); }

}  // namespace

BatchWriter::BatchWriter(const Dialect& dialect, ReadingWriter& readings)
    : readings_(readings),
      meta_(upsert(dialect, "meta", {"\"key\""}, {"\"value\""})),
      devices_(upsert(dialect, "devices", {"id"},
                      {"mac", "name", "protocol", "server", "module", "joined_at_ms",
                       "last_seen_ms", "online", "session_id", "firmware", "chip"})),
      devices_seen_("UPDATE devices SET last_seen_ms = ?, online = ? WHERE id = ?"),
      functions_(
          upsert(dialect, "functions", {"device", "slot"}, {"kind", "title", "accepts_commands"})),
      nodes_(
          upsert(dialect, "espial_nodes", {"mac"}, {"server", "module", "generation", "wrapped"})),
      sessions_(upsert(dialect, "espial_sessions", {"device"},
                       {"session_id", "committed_uplink", "reserved_downlink", "wrapped"})),
      sessions_progressed_(
          fmt::format("UPDATE espial_sessions SET committed_uplink = {0}(committed_uplink, ?), "
                      "reserved_downlink = {0}(reserved_downlink, ?) "
                      "WHERE device = ? AND session_id = ?",
                      dialect.greater)),
      streams_(upsert(dialect, "streams", {"device", "events"}, {"stream_id", "sequence_window"})),
      commands_(upsert(
          dialect, "commands", {"device", "command_id"},
          {"slot", "kind", "payload", "state", "created_at_ms", "ended_at_ms", "expires_at_ms"})),
      commands_removed_("DELETE FROM commands WHERE device = ?"),
      documents_(upsert(dialect, "documents", {"collection", "name"}, {"body"})),
      documents_removed_("DELETE FROM documents WHERE collection = ? AND name = ?"),
      audit_("INSERT INTO audit (at_ms, account, action, subject, detail) VALUES (?, ?, ?, ?, ?)") {
}

void BatchWriter::add(const Changes& changes) {
  for (const Change& change : changes) {
    std::visit([this](const auto& record) { collect(record); }, change);
  }
}

void BatchWriter::write(Connection& connection) {
  collect_newest();
  meta_.execute(connection);
  devices_.execute(connection);
  devices_seen_.execute(connection);
  functions_.execute(connection);
  nodes_.execute(connection);
  sessions_.execute(connection);
  sessions_progressed_.execute(connection);
  streams_.execute(connection);
  commands_.execute(connection);
  commands_removed_.execute(connection);
  documents_.execute(connection);
  documents_removed_.execute(connection);
  audit_.execute(connection);
  readings_.write(connection);
}

void BatchWriter::reset() {
  seen_.clear();
  progress_.clear();
  session_progress_.clear();
  bodies_.clear();
  meta_.clear();
  devices_.clear();
  devices_seen_.clear();
  functions_.clear();
  nodes_.clear();
  sessions_.clear();
  sessions_progressed_.clear();
  streams_.clear();
  commands_.clear();
  commands_removed_.clear();
  documents_.clear();
  documents_removed_.clear();
  audit_.clear();
}

void BatchWriter::collect(const Reading& reading) { readings_.add(reading); }

void BatchWriter::collect(const StreamProgress& progress) {
  const std::uint64_t key = std::uint64_t{progress.device.value} << 1 | (progress.events ? 1 : 0);
  progress_[key] = progress;
}

void BatchWriter::collect(const SessionProgress& progress) {
  const auto [place, is_first] = session_progress_.try_emplace(progress.device.value, progress);
  SessionProgress& newest = place->second;
  if (is_first) return;
  if (newest.session_id != progress.session_id) {
    add_row(newest);
    newest = progress;
    return;
  }
  newest.committed_uplink = std::max(newest.committed_uplink, progress.committed_uplink);
  newest.reserved_downlink = std::max(newest.reserved_downlink, progress.reserved_downlink);
}

void BatchWriter::add_row(const SessionProgress& progress) {
  sessions_progressed_.add(signed_bits(progress.committed_uplink),
                           signed_bits(progress.reserved_downlink), progress.device.value,
                           signed_bits(progress.session_id));
}

void BatchWriter::collect(const DeviceSeen& seen) { seen_[seen.device.value] = seen; }

void BatchWriter::collect(const DeviceRecord& device) {
  seen_.erase(device.id.value);  // this one is newer, and rows of `seen_` are written after it
  devices_.add(device.id.value, text_of(device.mac), device.name, static_cast<int>(device.protocol),
               device.server.value, device.module.value, device.joined_at.ms, device.last_seen.ms,
               device.online, device.session_id, device.firmware, device.chip);
}

void BatchWriter::collect(const FunctionRecord& function) {
  functions_.add(function.device.value, function.slot, function.kind, function.title,
                 function.accepts_commands);
}

void BatchWriter::collect(const EspialNode& node) {
  nodes_.add(text_of(node.mac), node.server.value, node.module.value, node.generation,
             to_hex(node.wrapped));
}

void BatchWriter::collect(const EspialSession& session) {
  sessions_.add(session.device.value, signed_bits(session.session_id),
                signed_bits(session.committed_uplink), signed_bits(session.reserved_downlink),
                to_hex(session.wrapped));
}

void BatchWriter::collect(const CommandRecord& command) {
  commands_.add(command.device.value, command.command_id, command.slot, command.kind,
                to_hex(command.payload), static_cast<int>(command.state), command.created_at.ms,
                command.ended_at.ms, command.expires_at.ms);
}

void BatchWriter::collect(const MetaRecord& meta) { meta_.add(meta.key, meta.value); }

void BatchWriter::collect(const Document& document) {
  bodies_[{document.collection, document.name}] = document.body;
}

void BatchWriter::collect(const AuditRecord& record) {
  audit_.add(record.at.ms, record.account, record.action, record.subject, record.detail);
}

void BatchWriter::collect(const HistoryErased& erased) {
  commands_removed_.add(erased.device.value);
  readings_.erase(erased.device);
}

void BatchWriter::collect_newest() {
  for (const auto& [id, seen] : seen_) devices_seen_.add(seen.last_seen.ms, seen.online, id);
  for (const auto& [key, progress] : progress_) {
    streams_.add(progress.device.value, progress.events, progress.stream_id,
                 to_hex(progress.window));
  }
  for (const auto& [id, progress] : session_progress_) {
    add_row(progress);
  }
  for (const auto& [key, body] : bodies_) {
    if (body.empty()) {
      documents_removed_.add(key.first, key.second);
    } else {
      documents_.add(key.first, key.second, body);
    }
  }
  seen_.clear();
  progress_.clear();
  session_progress_.clear();
  bodies_.clear();
}

}  // namespace espial::store
