#include "hub/store/batch_writer.hpp"

#include <algorithm>

namespace espial::store {
namespace {

constexpr char kMeta[] =
    "INSERT INTO meta (key, value) VALUES (:k, :v) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value";

constexpr char kDevice[] =
    "INSERT INTO devices (id, mac, name, protocol, server, module, joined_at_ms, last_seen_ms, "
    "online, session_id, firmware, chip) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l) "
    "ON CONFLICT (id) DO UPDATE SET mac = excluded.mac, name = excluded.name, "
    "protocol = excluded.protocol, server = excluded.server, module = excluded.module, "
    "joined_at_ms = excluded.joined_at_ms, last_seen_ms = excluded.last_seen_ms, "
    "online = excluded.online, session_id = excluded.session_id, firmware = excluded.firmware, "
    "chip = excluded.chip";

constexpr char kDeviceSeen[] = "UPDATE devices SET last_seen_ms = :t, online = :o WHERE id = :d";

constexpr char kFunction[] =
    "INSERT INTO functions (device, slot, kind, title, accepts_commands) "
    "VALUES (:a, :b, :c, :d, :e) ON CONFLICT (device, slot) DO UPDATE SET kind = excluded.kind, "
    "title = excluded.title, accepts_commands = excluded.accepts_commands";

constexpr char kNode[] =
    "INSERT INTO espial_nodes (mac, server, module, generation, wrapped) "
    "VALUES (:a, :b, :c, :d, :e) ON CONFLICT (mac) DO UPDATE SET server = excluded.server, "
    "module = excluded.module, generation = excluded.generation, wrapped = excluded.wrapped";

constexpr char kSession[] =
    "INSERT INTO espial_sessions (device, session_id, committed_uplink, reserved_downlink, "
    "wrapped) VALUES (:a, :b, :c, :d, :e) ON CONFLICT (device) DO UPDATE SET "
    "session_id = excluded.session_id, committed_uplink = excluded.committed_uplink, "
    "reserved_downlink = excluded.reserved_downlink, wrapped = excluded.wrapped";

constexpr char kSessionProgress[] =
    "UPDATE espial_sessions SET committed_uplink = max(committed_uplink, :u), "
    "reserved_downlink = max(reserved_downlink, :r) WHERE device = :d AND session_id = :s";

constexpr char kStream[] =
    "INSERT INTO streams (device, events, stream_id, sequence_window) VALUES (:a, :b, :c, :d) "
    "ON CONFLICT (device, events) DO UPDATE SET stream_id = excluded.stream_id, "
    "sequence_window = excluded.sequence_window";

constexpr char kCommand[] =
    "INSERT INTO commands (device, command_id, slot, kind, payload, state, created_at_ms, "
    "ended_at_ms, expires_at_ms) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i) "
    "ON CONFLICT (device, command_id) DO UPDATE SET slot = excluded.slot, kind = excluded.kind, "
    "payload = excluded.payload, state = excluded.state, created_at_ms = excluded.created_at_ms, "
    "ended_at_ms = excluded.ended_at_ms, expires_at_ms = excluded.expires_at_ms";

constexpr char kDocument[] =
    "INSERT INTO documents (collection, name, body) VALUES (:c, :n, :b) "
    "ON CONFLICT (collection, name) DO UPDATE SET body = excluded.body";

constexpr char kDocumentRemoved[] = "DELETE FROM documents WHERE collection = :c AND name = :n";

constexpr char kAudit[] =
    "INSERT INTO audit (at_ms, account, action, subject, detail) VALUES (:a, :b, :c, :d, :e)";

long long signed_bits(std::uint64_t value) { return static_cast<long long>(value); }

std::string text_of(const MacAddress& mac) {
  const auto text = to_text(mac);
  return {text.data(), text.size()};
}

}  // namespace

BatchWriter::BatchWriter(ReadingWriter& readings)
    : readings_(readings),
      meta_(kMeta),
      devices_(kDevice),
      devices_seen_(kDeviceSeen),
      functions_(kFunction),
      nodes_(kNode),
      sessions_(kSession),
      sessions_progressed_(kSessionProgress),
      streams_(kStream),
      commands_(kCommand),
      documents_(kDocument),
      documents_removed_(kDocumentRemoved),
      audit_(kAudit) {}

void BatchWriter::add(const Changes& changes) {
  for (const Change& change : changes) {
    std::visit([this](const auto& record) { collect(record); }, change);
  }
}

void BatchWriter::write(soci::session& session) {
  collect_newest();
  meta_.execute(session);
  devices_.execute(session);
  devices_seen_.execute(session);
  functions_.execute(session);
  nodes_.execute(session);
  sessions_.execute(session);
  sessions_progressed_.execute(session);
  streams_.execute(session);
  commands_.execute(session);
  documents_.execute(session);
  documents_removed_.execute(session);
  audit_.execute(session);
  readings_.write(session);
}

void BatchWriter::reset() {
  seen_.clear();
  progress_.clear();
  session_progress_.clear();
  bodies_.clear();
  meta_.forget();
  devices_.forget();
  devices_seen_.forget();
  functions_.forget();
  nodes_.forget();
  sessions_.forget();
  sessions_progressed_.forget();
  streams_.forget();
  commands_.forget();
  documents_.forget();
  documents_removed_.forget();
  audit_.forget();
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
  devices_.add(device.id.value, text_of(device.mac), device.name, static_cast<Int>(device.protocol),
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
                to_hex(command.payload), static_cast<Int>(command.state), command.created_at.ms,
                command.ended_at.ms, command.expires_at.ms);
}

void BatchWriter::collect(const MetaRecord& meta) { meta_.add(meta.key, meta.value); }

void BatchWriter::collect(const Document& document) {
  bodies_[{document.collection, document.name}] = document.body;
}

void BatchWriter::collect(const AuditRecord& record) {
  audit_.add(record.at.ms, record.account, record.action, record.subject, record.detail);
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
