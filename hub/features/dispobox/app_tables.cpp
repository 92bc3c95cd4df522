#include "hub/features/dispobox/app_tables.hpp"

#include <soci/soci.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace espial::dispobox {
namespace {

/// Rows of one transaction.
constexpr std::size_t kMaxBatch = 256;
/// Where the connection string says nothing else.
constexpr const char* kDefaults =
    " charset=utf8mb4 connect_timeout=5 read_timeout=10 write_timeout=10";

std::string column(std::uint8_t box) { return '`' + std::to_string(box) + '`'; }

/// The engine's words, without the statement.
std::string words_of(const std::exception& error) {
  const auto* known = dynamic_cast<const soci::soci_error*>(&error);
  return known == nullptr ? error.what() : known->get_error_message();
}

/// One connection. Everything throws SOCI's errors.
class Connection {
 public:
  explicit Connection(const std::string& connect) : sql_("mysql", connect + kDefaults) {
    make_tables();
    std::string name;
    soci::statement columns =
        (sql_.prepare << "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
                         "DATABASE() AND TABLE_NAME = 'stats'",
         soci::into(name));
    columns.execute();
    while (columns.fetch()) columns_.insert(name);
  }

  void write(const std::vector<TableRow>& rows, bool all_boxes) {
    add_columns(rows);
    soci::transaction transaction(sql_);
    for (const TableRow& row : rows) {
      for (const BoxView& box : row.boxes) {
        if (all_boxes || box.box == row.changed) write_state(box);
      }
      all_boxes = false;
      write_stats(row);
    }
    transaction.commit();
  }

 private:
  void make_tables() {
    sql_ << "CREATE TABLE IF NOT EXISTS current_state (id INT NOT NULL PRIMARY KEY, name "
            "VARCHAR(64) "
            "NOT NULL, state INT NOT NULL) DEFAULT CHARSET = utf8mb4";
    std::string boxes;
    for (const int floor : {4, 6}) {
      for (int box = 1; box <= 8; ++box) {
        boxes += ", " + column(static_cast<std::uint8_t>(floor * 10 + box)) + " INT DEFAULT -1";
      }
    }
    sql_ << "CREATE TABLE IF NOT EXISTS stats (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, time "
            "DATETIME NOT NULL, `0` INT DEFAULT -1" +
                boxes + ") DEFAULT CHARSET = utf8mb4";
  }

  /// Changing a table ends a transaction, so this comes before.
  void add_columns(const std::vector<TableRow>& rows) {
    for (const TableRow& row : rows) {
      for (const BoxView& box : row.boxes) {
        if (!columns_.insert(std::to_string(box.box)).second) continue;
        sql_ << "ALTER TABLE stats ADD COLUMN " + column(box.box) + " INT DEFAULT -1";
      }
    }
  }

  /// Not "insert or replace": the table may be S1's own, without a key.
  void write_state(const BoxView& box) {
    const int id = box.box;
    const int state = static_cast<int>(box.state);
    int count = 0;
    sql_ << "SELECT COUNT(*) FROM current_state WHERE id = :id", soci::use(id), soci::into(count);
    if (count > 0) {
      sql_ << "UPDATE current_state SET name = :name, state = :state WHERE id = :id",
          soci::use(box.name), soci::use(state), soci::use(id);
    } else {
      sql_ << "INSERT INTO current_state (id, name, state) VALUES (:id, :name, :state)",
          soci::use(id), soci::use(box.name), soci::use(state);
    }
  }

  /// Columns and states are numbers of ours; only the time is a value that is bound.
  void write_stats(const TableRow& row) {
    std::string names = "time";
    std::string values = ":time";
    for (const BoxView& box : row.boxes) {
      names += ", " + column(box.box);
      values += ", " + std::to_string(static_cast<int>(box.state));
    }
    sql_ << "INSERT INTO stats (" + names + ") VALUES (" + values + ")", soci::use(row.time);
  }

  soci::session sql_;
  std::set<std::string> columns_;
};

}  // namespace

class AppTables::Worker {
 public:
  explicit Worker(Options options)
      : options_(std::move(options)),
        delay_ms_(options_.retry_delay_ms),
        thread_([this] { run(); }) {}

  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void add(TableRow row) {
    {
      const std::lock_guard lock(mutex_);
      if (backlog_.size() >= options_.max_backlog) {
        backlog_.pop_front();
        ++counters_.dropped;
      }
      backlog_.push_back(std::move(row));
    }
    changed_.notify_all();
  }

  TableCounters counters() const {
    const std::lock_guard lock(mutex_);
    TableCounters counters = counters_;
    counters.backlog = backlog_.size() + in_hand_;
    return counters;
  }

 private:
  void run() {
    while (true) {
      std::vector<TableRow> rows;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopping_ || !backlog_.empty(); });
        if (backlog_.empty()) return;
        const auto end =
            backlog_.begin() + static_cast<std::ptrdiff_t>(std::min(kMaxBatch, backlog_.size()));
        rows.assign(std::make_move_iterator(backlog_.begin()), std::make_move_iterator(end));
        backlog_.erase(backlog_.begin(), end);
        in_hand_ = rows.size();
      }
      if (!write(rows)) return;
    }
  }

  /// Tries until it succeeds. False when it was told to stop and could not.
  bool write(const std::vector<TableRow>& rows) {
    while (true) {
      try {
        const bool fresh = connection_ == nullptr;
        if (fresh) connection_ = std::make_unique<Connection>(options_.connect);
        connection_->write(rows, fresh);
        succeeded(rows.size());
        return true;
      } catch (const std::exception& error) {
        connection_.reset();
        if (!failed(words_of(error))) return false;
      }
    }
  }

  void succeeded(std::size_t count) {
    const std::lock_guard lock(mutex_);
    if (!counters_.last_error.empty()) spdlog::info("DispoBox: the applications' database is back");
    counters_.written += count;
    counters_.last_error.clear();
    in_hand_ = 0;
    delay_ms_ = options_.retry_delay_ms;
  }

  /// Waits before the next try. False when there is to be none.
  bool failed(const std::string& words) {
    std::unique_lock lock(mutex_);
    ++counters_.failures;
    if (counters_.last_error != words) {
      spdlog::warn(
          "DispoBox: the applications' tables can't be written: {}. Check "
          "--dispobox-database; up to {} changes wait",
          words, options_.max_backlog);
    }
    counters_.last_error = words;
    const auto delay = std::chrono::milliseconds(delay_ms_);
    delay_ms_ = std::min(delay_ms_ * 2, options_.max_retry_delay_ms);
    changed_.wait_for(lock, delay, [this] { return stopping_; });
    return !stopping_;
  }

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<TableRow> backlog_;
  std::size_t in_hand_ = 0;
  TableCounters counters_;
  bool stopping_ = false;
  int delay_ms_;
  std::unique_ptr<Connection> connection_;
  std::thread thread_;
};

AppTables::AppTables(Options options) : worker_(std::make_unique<Worker>(std::move(options))) {}

AppTables::~AppTables() = default;

void AppTables::add(TableRow row) { worker_->add(std::move(row)); }

TableCounters AppTables::counters() const { return worker_->counters(); }

}  // namespace espial::dispobox
