#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "hub/store/bulk_statement.hpp"
#include "hub/store/changes.hpp"
#include "hub/store/reading_writer.hpp"
#include "hub/store/soci_support.hpp"

namespace espial::store {

/// Collects the changes of many units and writes them table by table. Of what only the newest
/// state counts (DeviceSeen, StreamProgress, SessionProgress, Document) one row is written for each
/// device or name.
/// Throws SOCI's errors.
class BatchWriter {
 public:
  BatchWriter(const Dialect& dialect, ReadingWriter& readings);

  /// `changes` must live until `write` or `reset`.
  void add(const Changes& changes);
  void write(Connection& connection);
  /// Forgets what was added, but for readings.
  void reset();

 private:
  void collect(const Reading& reading);
  void collect(const StreamProgress& progress);
  void collect(const SessionProgress& progress);
  void collect(const DeviceSeen& seen);
  void collect(const DeviceRecord& device);
  void collect(const FunctionRecord& function);
  void collect(const EspialNode& node);
  void collect(const EspialSession& session);
  void collect(const CommandRecord& command);
  void collect(const MetaRecord& meta);
  void collect(const Document& document);
  void collect(const AuditRecord& record);
  void collect(const HistoryErased& erased);
  void collect_newest();
  void add_row(const SessionProgress& progress);

  ReadingWriter& readings_;

  std::unordered_map<std::uint32_t, DeviceSeen> seen_;
  std::unordered_map<std::uint64_t, StreamProgress> progress_;  // device and events
  std::unordered_map<std::uint32_t, SessionProgress> session_progress_;
  std::map<std::pair<std::string, std::string>, std::string> bodies_;  // by collection and name

  BulkStatement meta_;
  BulkStatement devices_;
  BulkStatement devices_seen_;
  BulkStatement functions_;
  BulkStatement nodes_;
  BulkStatement sessions_;
  BulkStatement sessions_progressed_;
  BulkStatement streams_;
  BulkStatement commands_;
  BulkStatement commands_removed_;
  BulkStatement documents_;
  BulkStatement documents_removed_;
  BulkStatement audit_;
};

}  // namespace espial::store
