#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

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
  explicit BatchWriter(ReadingWriter& readings);

  /// `changes` must live until `write` or `reset`.
  void add(const Changes& changes);
  void write(soci::session& session);
  /// Forgets what was added, but for readings, and every prepared statement.
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
  void collect_newest();
  void add_row(const SessionProgress& progress);

  using Int = long long;
  using Text = std::string;

  ReadingWriter& readings_;

  std::unordered_map<std::uint32_t, DeviceSeen> seen_;
  std::unordered_map<std::uint64_t, StreamProgress> progress_;  // device and events
  std::unordered_map<std::uint32_t, SessionProgress> session_progress_;
  std::map<std::pair<Text, Text>, Text> bodies_;  // by collection and name

  BulkStatement<Text, Text> meta_;
  BulkStatement<Int, Text, Text, Int, Int, Int, Int, Int, Int, Text, Text, Text> devices_;
  BulkStatement<Int, Int, Int> devices_seen_;
  BulkStatement<Int, Int, Int, Text, Int> functions_;
  BulkStatement<Text, Int, Int, Int, Text> nodes_;
  BulkStatement<Int, Int, Int, Int, Text> sessions_;
  BulkStatement<Int, Int, Int, Int> sessions_progressed_;
  BulkStatement<Int, Int, Int, Text> streams_;
  BulkStatement<Int, Int, Int, Int, Text, Int, Int, Int, Int> commands_;
  BulkStatement<Text, Text, Text> documents_;
  BulkStatement<Text, Text> documents_removed_;
  BulkStatement<Int, Text, Text, Text, Text> audit_;
};

}  // namespace espial::store
