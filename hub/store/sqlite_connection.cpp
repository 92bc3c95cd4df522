#include "hub/store/sqlite_connection.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>

#include "hub/store/soci_support.hpp"
#include "hub/store/sqlite_inserter.hpp"
#include "hub/store/sqlite_statement.hpp"
#include "hub/store/write_ahead_log.hpp"

namespace espial::store {
namespace {

/// A connection is used by one thread at a time here, so SQLite need not take a lock for every
/// value. Only before its first use; afterwards it goes on as it was.
void do_without_locks() {
  static const int result = sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  (void)result;
}

/// A new database is its owner's alone to read: SQLite takes an empty file for one, and gives what
/// it puts beside it the same mode. Why it can't be made, SQLite says in better words.
void make_private(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
}

std::unique_ptr<soci::session> open_session(const SqliteOptions& options, Purpose purpose) {
  const std::string file = options.file.string();
  if (file.find('"') != std::string::npos) {
    throw soci::soci_error("the database's file name may not contain a quotation mark");
  }
  do_without_locks();
  if (purpose == Purpose::writing) make_private(file);
  auto session = std::make_unique<soci::session>(soci::sqlite3, "db=\"" + file + "\"");
  *session << "PRAGMA busy_timeout = " + std::to_string(options.busy_timeout_ms);
  if (purpose == Purpose::reading) {
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

/// Held by the one program that writes: what it knows of the database is right as long as nobody
/// else does. Ends with the program, however that ends.
class WriterLock {
 public:
  explicit WriterLock(const std::string& file)
      : descriptor_(::open((file + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    // A folder that can't be written is told by SQLite, with better words.
    if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    ::close(descriptor_);
    throw soci::sqlite3_soci_error("another hub writes to this database", SQLITE_BUSY);
  }
  ~WriterLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  const int descriptor_;
};

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(const SqliteOptions& options, Purpose purpose)
      : lock_(purpose == Purpose::writing ? std::make_unique<WriterLock>(options.file.string())
                                          : nullptr),
        session_(open_session(options, purpose)) {
    if (lock_) log_ = std::make_unique<WriteAheadLog>(*session_);
  }

  const Dialect& dialect() const override { return kSqlite; }
  soci::session& session() override { return *session_; }

  std::unique_ptr<Statement> prepare(const std::string& text) override {
    return std::make_unique<SqliteStatement>(*session_, text);
  }

  std::unique_ptr<ReadingInserter> inserter(const std::string& table, IfThere if_there) override {
    return std::make_unique<SqliteInserter>(*session_, table, if_there);
  }

  void run_many(const std::string& text, std::span<const Value> values,
                std::size_t parameters) override {
    auto& statement = statements_[text];
    if (!statement) statement = prepare(text);
    for (; !values.empty(); values = values.subspan(parameters)) {
      statement->reset();
      for (std::size_t i = 0; i < parameters; ++i) {
        std::visit([&](const auto& value) { statement->bind(static_cast<int>(i + 1), value); },
                   values[i]);
      }
      statement->next();
    }
  }

  void begin() override { execute("BEGIN IMMEDIATE"); }
  void begin_reading() override { execute("BEGIN"); }

  std::uint32_t schema_version() override {
    return static_cast<std::uint32_t>(ask("PRAGMA user_version"));
  }
  void set_schema_version(std::uint32_t version) override {
    execute("PRAGMA user_version = " + std::to_string(version));
  }
  bool holds_something_else() override { return ask("SELECT count(*) FROM sqlite_master") != 0; }

  bool is_remote() const override { return false; }
  bool needs_upkeep() const override { return log_ && log_->is_long(); }
  void upkeep() override { log_->carry_over(); }
  std::uint64_t size_bytes() override {
    return static_cast<std::uint64_t>(ask("PRAGMA page_count") * ask("PRAGMA page_size"));
  }

 private:
  std::int64_t ask(const std::string& question) {
    SqliteStatement query(*session_, question);
    query.next();
    return query.integer(0);
  }

  std::unique_ptr<WriterLock> lock_;
  std::unique_ptr<soci::session> session_;
  std::unique_ptr<WriteAheadLog> log_;
  std::map<std::string, std::unique_ptr<Statement>> statements_;  // before the session goes
};

}  // namespace

std::unique_ptr<Connection> connect_sqlite(const SqliteOptions& options, Purpose purpose) {
  return std::make_unique<SqliteConnection>(options, purpose);
}

}  // namespace espial::store
