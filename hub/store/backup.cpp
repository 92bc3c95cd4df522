#include "hub/store/backup.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "hub/store/bulk_statement.hpp"
#include "hub/store/day_tables.hpp"
#include "hub/store/filed_readings.hpp"
#include "hub/store/schema.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sqlite_connection.hpp"
#include "hub/store/sqlite_statement.hpp"
#include "ports/linux/clock.hpp"

namespace espial::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRowsAtOnce = 10'000;
constexpr std::size_t kBytesAtOnce = 4'194'304;

/// Types: i integer, r real, t text. The tables of readings are copied otherwise, and those of
/// sessions are not.
struct Table {
  const char* name;
  std::vector<std::string_view> columns;
  const char* types;
};

const std::vector<Table>& tables() {
  static const std::vector<Table> all{
      {"devices",
       {"id", "mac", "name", "protocol", "server", "module", "joined_at_ms", "last_seen_ms",
        "online", "session_id", "firmware", "chip"},
       "ittiiiiiittt"},
      {"functions", {"device", "slot", "kind", "title", "accepts_commands"}, "iiiti"},
      {"streams", {"device", "events", "stream_id", "sequence_window"}, "iiit"},
      {"espial_nodes", {"mac", "server", "module", "generation", "wrapped"}, "tiiit"},
      {"commands",
       {"device", "command_id", "slot", "kind", "payload", "state", "created_at_ms", "ended_at_ms",
        "expires_at_ms"},
       "iiiitiiii"},
      {"documents", {"collection", "name", "body"}, "ttt"},
      {"audit", {"at_ms", "account", "action", "subject", "detail"}, "itttt"},
      {"rollup_hours",
       {"device", "slot", "field", "start_ms", "readings", "numbers", "total", "lowest", "highest"},
       "iiiiiirrr"},
      {"rollup_days",
       {"device", "slot", "field", "start_ms", "readings", "numbers", "total", "lowest", "highest"},
       "iiiiiirrr"},
      {"rolled_days", {"day", "pruned_at_days"}, "ii"},
  };
  return all;
}

class Copy {
 public:
  Copy(Connection& from, Connection& to, const BackupProgress& progress)
      : from_(from), to_(to), progress_(progress) {}

  std::uint64_t run() {
    const Moment moment(from_);
    to_.begin();
    for (const Table& table : tables()) copy(table);
    copy_meta();
    copy_readings("recent", "arrival");
    copy_readings("latest", kReadingKey);
    copy_readings(kElsewhen, kReadingKey);
    const auto days = from_.prepare("SELECT day FROM reading_days");
    days->begin();
    while (days->next()) {
      create_day_table(to_, days->integer(0));
      copy_readings(day_table(days->integer(0)), kReadingKey);
    }
    copy_state("sorting", {"sorted_before", "pass_before", "device", "slot", "field", "arrival"});
    copy_state("rolling", {"day", "device"});
    to_.commit();
    return rows_;
  }

 private:
  static constexpr char kReadingKey[] = "device, slot, field, taken_at_ms, arrival";

  static std::string joined(const std::vector<std::string_view>& names) {
    std::string text;
    for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
    return text;
  }

  static Value value_of(const Statement& row, int column, char type) {
    if (row.is_null(column)) return std::monostate();
    if (type == 'i') return row.integer(column);
    if (type == 'r') return row.number(column);
    return row.text(column);
  }

  void copy(const Table& table) {
    const std::string columns = joined(table.columns);
    const std::vector<std::string_view> marks(table.columns.size(), "?");
    const std::string insert = std::string("INSERT INTO ") + table.name + " (" + columns +
                               ") VALUES (" + joined(marks) + ")";
    const auto query = from_.prepare("SELECT " + columns + " FROM " + table.name);
    query->begin();
    std::vector<Value> values;
    std::size_t rows = 0;
    const auto write = [&] {
      to_.run_many(insert, values, table.columns.size());
      values.clear();
      note(table.name, std::exchange(rows, 0));
    };
    while (query->next()) {
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        values.push_back(value_of(*query, static_cast<int>(i), table.types[i]));
      }
      if (++rows == kRowsAtOnce) write();
    }
    write();
  }

  /// Not the keys that say where a database of its own stands.
  void copy_meta() {
    const auto query = from_.prepare("SELECT \"key\", \"value\" FROM meta");
    query->begin();
    const auto insert = to_.prepare(upsert(to_.dialect(), "meta", {"\"key\""}, {"\"value\""}));
    while (query->next()) {
      const std::string key = query->text(0);
      if (key.rfind("store.", 0) != 0) insert->run(key, query->text(1));
    }
  }

  /// In parts, each from where the last one ended: some engines hand over all that a query finds at
  /// once.
  void copy_readings(const std::string& table, const std::string& key) {
    const auto inserter = to_.inserter(table, IfThere::refuse);
    const std::string columns =
        "SELECT device, slot, field, taken_at_ms, arrival, number, text FROM " + table;
    const std::string order = " ORDER BY " + key + " LIMIT " + std::to_string(kRowsAtOnce);
    const bool by_arrival = key == "arrival";
    const auto query =
        from_.prepare(columns +
                      (by_arrival ? " WHERE arrival > ?"
                                  : " WHERE device >= ? AND (" + key + ") > (?, ?, ?, ?, ?)") +
                      order);
    RecentRows::Entry last;
    last.row.taken_at_ms = -1;
    for (std::size_t count = kRowsAtOnce; count == kRowsAtOnce;) {
      const Series series = last.series;
      if (by_arrival) {
        query->begin(last.row.arrival);
      } else {
        query->begin(series.device().value, series.device().value, series.slot(), series.field(),
                     last.row.taken_at_ms, last.row.arrival);
      }
      count = copy_part(*query, *inserter, last);
      note(table, count);
    }
  }

  static std::size_t copy_part(Statement& query, ReadingInserter& inserter,
                               RecentRows::Entry& last) {
    std::vector<RecentRows::Entry> entries;
    std::vector<std::string> texts;
    while (query.next()) {
      const ValueType type = !query.is_null(5)   ? ValueType::number
                             : !query.is_null(6) ? ValueType::text
                                                 : ValueType::none;
      entries.push_back({Series::of(DeviceId{static_cast<std::uint32_t>(query.integer(0))},
                                    static_cast<std::uint8_t>(query.integer(1)),
                                    static_cast<std::uint8_t>(query.integer(2))),
                         {static_cast<std::uint64_t>(query.integer(4)), query.integer(3),
                          query.number(5), type}});
      texts.push_back(query.text(6));
    }
    std::vector<ReadingRow> rows;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const bool is_text = entries[i].row.type == ValueType::text;
      rows.push_back(
          {entries[i], is_text ? std::optional<std::string_view>(texts[i]) : std::nullopt});
    }
    inserter.insert(rows);
    if (!entries.empty()) last = entries.back();
    return entries.size();
  }

  /// A table of one row of integers.
  void copy_state(const std::string& table, const std::vector<std::string_view>& columns) {
    const auto query = from_.prepare("SELECT " + joined(columns) + " FROM " + table);
    query->next();
    std::string update = "UPDATE " + table + " SET ";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      update.append(i == 0 ? "" : ", ").append(columns[i]).append(" = ");
      update += std::to_string(query->integer(static_cast<int>(i)));
    }
    query->reset();
    to_.execute(update);
  }

  void note(const std::string& table, std::uint64_t rows) {
    rows_ += rows;
    if (progress_) progress_(fmt::format("{} rows, {}", rows_, table));
  }

  Connection& from_;
  Connection& to_;
  const BackupProgress& progress_;
  std::uint64_t rows_ = 0;
};

template <typename Work>
BackupResult guarded(Work&& work) {
  BackupResult result;
  try {
    work(result);
  } catch (const std::exception& error) {
    result.error = classify(error);
    result.problem = std::string(to_text(result.error)) + " (" + words_of(error) + ")";
  }
  return result;
}

/// Removes an SQLite database and what SQLite keeps beside it.
void remove_database(const fs::path& file) {
  std::error_code ignored;
  for (const char* const end : {"", "-wal", "-shm", "-journal", ".lock"}) {
    fs::remove(file.string() + end, ignored);
  }
}

/// Refuses (too_new, corrupt) what `migrate` refuses.
bool migrated(Connection& connection, BackupResult& result) {
  result.error = migrate(connection);
  if (result.error != StoreError::none) result.problem = to_text(result.error);
  return result.error == StoreError::none;
}

bool is_empty(Connection& connection) {
  const auto query = connection.prepare(
      "SELECT (SELECT count(*) FROM devices) + (SELECT count(*) FROM documents)");
  query->next();
  return query->integer(0) == 0;
}

fs::path beside(const fs::path& file, const char* end) { return file.string() + end; }

/// Makes an empty file that only its owner may read, before anything is written to it. SQLite takes
/// such a file for a new database.
void create_private(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), file.string());
  ::close(descriptor);
}

std::string share_text(std::uint64_t done_bytes, std::uint64_t all_bytes) {
  constexpr std::uint64_t kMegabyte = 1'000'000;
  return fmt::format("{} of {} MB", done_bytes / kMegabyte, all_bytes / kMegabyte + 1);
}

/// While it lives, tells how much of a file SQLite has written at the behest of `connection`.
class GrowthWatch {
 public:
  /// @param all_bytes  the file will have at most.
  GrowthWatch(Connection& connection, fs::path file, std::uint64_t all_bytes,
              const BackupProgress& progress)
      : sqlite_(connection_of(connection.session())),
        file_(std::move(file)),
        all_bytes_(all_bytes),
        progress_(progress) {
    if (progress_) watch(kStepsBetweenLooks);
  }
  ~GrowthWatch() { watch(0); }
  GrowthWatch(const GrowthWatch&) = delete;
  GrowthWatch& operator=(const GrowthWatch&) = delete;

 private:
  /// Of SQLite's machine: some milliseconds.
  static constexpr int kStepsBetweenLooks = 20'000;

  void watch(int steps) {
    const auto look = [](void* self) {
      static_cast<const GrowthWatch*>(self)->look();
      return 0;  // it is to go on
    };
    sqlite_api::sqlite3_progress_handler(sqlite_, steps, look, this);
  }
  void look() const {
    std::error_code error;
    const std::uintmax_t written = fs::file_size(file_, error);
    if (!error) progress_(share_text(written, all_bytes_));
  }

  sqlite_api::sqlite3* const sqlite_;
  const fs::path file_;
  const std::uint64_t all_bytes_;
  const BackupProgress& progress_;
};

/// Modules remember commands that came after the backup, by their numbers: given to other commands,
/// these would be answered as done, and not run. So the next ones have numbers of a later time: a
/// hub gives fewer than one a second to a module.
void pass_commands_by(Connection& connection) {
  const std::int64_t now_ms = unix_now().ms;
  connection
      .prepare(
          "INSERT OR IGNORE INTO commands SELECT id, ?, 0, 0, '', ?, ?, ?, 0 FROM devices "
          "WHERE mac IN (SELECT mac FROM espial_nodes)")
      ->run(now_ms / 1000, static_cast<int>(CommandState::expired), now_ms, now_ms);
}

/// `fs::copy_file` would give the copy the mode of what is copied.
void copy_privately(const fs::path& from, const fs::path& to, const BackupProgress& progress) {
  std::ifstream in(from, std::ios::binary);
  if (!in) throw std::system_error(errno, std::generic_category(), from.string());
  create_private(to);
  std::ofstream out(to, std::ios::binary);
  const std::uint64_t all_bytes = fs::file_size(from);
  std::uint64_t done_bytes = 0;
  for (std::vector<char> part(kBytesAtOnce); in && out;) {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    out.write(part.data(), in.gcount());
    done_bytes += static_cast<std::uint64_t>(in.gcount());
    if (progress) progress(share_text(done_bytes, all_bytes));
  }
  out.close();
  if (!out || in.bad())
    throw std::system_error(std::make_error_code(std::errc::io_error), from.string());
}

}  // namespace

BackupResult back_up(const StoreAddress& from, const fs::path& file,
                     const BackupProgress& progress) {
  const fs::path part = beside(file, ".part");
  BackupResult result = guarded([&](BackupResult& done) {
    if (fs::exists(file)) {
      done.error = StoreError::constraint;
      done.problem = file.string() + " exists already: choose another name";
      return;
    }
    remove_database(part);
    const auto source = make_connector(from)(Purpose::reading);
    create_private(part);
    if (from.engine == StoreAddress::Engine::sqlite) {
      source->execute("PRAGMA query_only = OFF");  // it is not for writing, but that hinders it
      const GrowthWatch watch(*source, part, source->size_bytes(), progress);
      source->prepare("VACUUM INTO ?")->run(part.string());
    } else {
      const auto target = connect_sqlite({.file = part}, Purpose::writing);
      if (!migrated(*target, done)) return;
      done.rows = Copy(*source, *target, progress).run();
    }
    fs::rename(part, file);
  });
  remove_database(part);
  return result;
}

BackupResult restore(const fs::path& file, const StoreAddress& to,
                     const std::vector<std::string>& left_out, const BackupProgress& progress) {
  const bool to_sqlite = to.engine == StoreAddress::Engine::sqlite;
  // A copy is brought to this version; the backup stays as it is.
  const fs::path part = beside(to_sqlite ? to.file : file, ".restoring");
  BackupResult result = guarded([&](BackupResult& done) {
    if (to_sqlite && fs::exists(to.file)) {
      done.error = StoreError::constraint;
      done.problem = to.file.string() + " exists already: a backup is restored into a new database";
      return;
    }
    remove_database(part);
    copy_privately(file, part, progress);
    {
      const auto source = connect_sqlite({.file = part}, Purpose::writing);
      if (!migrated(*source, done)) return;
      source->execute("DELETE FROM espial_sessions");
      pass_commands_by(*source);
      for (const std::string& collection : left_out) {
        source->prepare("DELETE FROM documents WHERE collection = ?")->run(collection);
      }
      if (!to_sqlite) {
        const auto target = make_connector(to)(Purpose::writing);
        if (!migrated(*target, done)) return;
        if (!is_empty(*target)) {
          done.error = StoreError::constraint;
          done.problem = "the database has something in it: a backup is restored into a new one";
          return;
        }
        done.rows = Copy(*source, *target, progress).run();
      }
    }
    if (to_sqlite) fs::rename(part, to.file);
  });
  remove_database(part);
  return result;
}

}  // namespace espial::store
