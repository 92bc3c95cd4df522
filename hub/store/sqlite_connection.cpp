#include "hub/store/sqlite_connection.hpp"

#include <string>

namespace espial::store {
namespace {

/// A connection is used by one thread at a time here, so SQLite need not take a lock for every
/// value. Only before its first use; afterwards it goes on as it was.
void do_without_locks() {
  static const int result = sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  (void)result;
}

}  // namespace

std::unique_ptr<soci::session> connect_sqlite(const SqliteOptions& options, bool for_writing) {
  const std::string file = options.file.string();
  if (file.find('"') != std::string::npos) {
    throw soci::soci_error("the database's file name may not contain a quotation mark");
  }
  do_without_locks();
  auto session = std::make_unique<soci::session>(soci::sqlite3, "db=\"" + file + "\"");
  *session << "PRAGMA busy_timeout = " + std::to_string(options.busy_timeout_ms);
  if (!for_writing) {
    *session << "PRAGMA query_only = ON";
    return session;
  }
  std::string mode;
  *session << "PRAGMA journal_mode = WAL", soci::into(mode);
  if (mode != "wal") throw soci::soci_error("the database's disk takes no write-ahead log");
  *session << "PRAGMA synchronous = FULL";
  *session << "PRAGMA foreign_keys = ON";
  *session << "PRAGMA cache_size = -8192";             // KiB
  *session << "PRAGMA journal_size_limit = 33554432";  // bytes kept after a checkpoint
  if (options.max_pages > 0) {
    *session << "PRAGMA max_page_count = " + std::to_string(options.max_pages);
  }
  return session;
}

}  // namespace espial::store
