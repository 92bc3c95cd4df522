#include "hub/store/write_ahead_log.hpp"

#include "hub/store/sqlite_statement.hpp"

namespace espial::store {
namespace {

/// 16 MB. The longer it is, the more of what changes again and again is written once.
constexpr int kLongPages = 4'000;

}  // namespace

using namespace sqlite_api;

WriteAheadLog::WriteAheadLog(soci::session& session) : session_(session) {
  // Replaces SQLite's own hook, and with it the checkpoint within a commit.
  sqlite3_wal_hook(
      connection_of(session),
      [](void* log, sqlite3*, const char*, int pages) {
        static_cast<WriteAheadLog*>(log)->pages_ = pages;
        return SQLITE_OK;
      },
      this);
}

bool WriteAheadLog::is_long() const { return pages_ >= kLongPages; }

void WriteAheadLog::carry_over() {
  sqlite3* const connection = connection_of(session_);
  const int result =
      sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  pages_ = 0;  // the next commit says how long it is now
  // A reader of an older moment: the rest follows later.
  if (result != SQLITE_OK && result != SQLITE_BUSY) {
    throw soci::sqlite3_soci_error(sqlite3_errmsg(connection), result);
  }
}

}  // namespace espial::store
