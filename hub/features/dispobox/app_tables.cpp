#include "hub/features/dispobox/app_tables.hpp"

#include <soci/soci.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

#include "hub/store/soci_support.hpp"

namespace espial::dispobox {
namespace {

/// Rows of one transaction.
constexpr std::size_t kMaxBatch = 256;
/// Where the connection string says nothing else.
constexpr std::array kDefaults{std::pair{"charset", "utf8mb4"}, std::pair{"connect_timeout", "5"},
                               std::pair{"read_timeout", "10"}, std::pair{"write_timeout", "10"}};

/// Whether a connection string of SOCI's, NAME=VALUE or NAME='VALUE' with blanks between, has that
/// name: it refuses one that stands there twice.
bool has_parameter(std::string_view text, std::string_view name) {
  bool quoted = false;
  bool at_name = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (at_name && text.substr(i, name.size()) == name && text.substr(i + name.size(), 1) == "=") {
      return true;
    }
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '\'') {
      quoted = !quoted;
    }
    at_name = !quoted && text[i] == ' ';
  }
  return false;
}

std::string with_defaults(std::string connect) {
  for (const auto& [name, value] : kDefaults) {
    if (!has_parameter(connect, name)) connect += std::string(" ") + name + '=' + value;
  }
  return connect;
}

std::string column(std::uint8_t box) { return '`' + std::to_string(box) + '`'; }

/// Whether the server is well and does not want this change, now or later.
bool is_refusal(const std::exception& error) {
  const store::StoreError kind = store::classify(error);
  return kind == store::StoreError::constraint || kind == store::StoreError::other;
}

/// One connection. Everything throws SOCI's errors.
class Connection {
 public:
  explicit Connection(const std::string& connect) : sql_("mysql", with_defaults(connect)) {
    make_tables();
    std::string name;
    soci::statement columns =
        (sql_.prepare << "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
                         "DATABASE() AND TABLE_NAME = 'stats'",
         soci::into(name));
    columns.execute();
    while (columns.fetch()) columns_.insert(name);
  }

  /// All of it, or nothing.
  void write(const std::vector<TableRow>& rows, bool all_boxes) {
    for (const TableRow& row : rows) add_columns(row);
    soci::transaction transaction(sql_);
    for (const TableRow& row : rows) {
      for (const BoxView& box : row.boxes) {
        if (all_boxes || box.box == row.changed) write_state(box);
      }
      for (const std::uint8_t box : row.gone) {
        if (all_boxes || box == row.changed) remove_state(box);
      }
      all_boxes = false;
      write_stats(row);
    }
    transaction.commit();
  }

  /// As much of it as the tables take. The server's words about the last of the rest; empty when
  /// that was everything.
  std::string write_what_fits(const TableRow& row, bool all_boxes) {
    std::string refusal;
    const auto attempt = [&](auto&& work) {
      try {
        work();
      } catch (const std::exception& error) {
        if (!is_refusal(error)) throw;
        refusal = store::words_of(error);
      }
    };
    attempt([&] { add_columns(row); });
    soci::transaction transaction(sql_);
    for (const BoxView& box : row.boxes) {
      if (all_boxes || box.box == row.changed) attempt([&] { write_state(box); });
    }
    for (const std::uint8_t box : row.gone) {
      if (all_boxes || box == row.changed) attempt([&] { remove_state(box); });
    }
    attempt([&] { write_stats(row); });
    transaction.commit();
    return refusal;
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
  void add_columns(const TableRow& row) {
    for (const BoxView& box : row.boxes) {
      const std::string name = std::to_string(box.box);
      if (columns_.count(name) != 0) continue;
      sql_ << "ALTER TABLE stats ADD COLUMN " + column(box.box) + " INT DEFAULT -1";
      columns_.insert(name);
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

  void remove_state(std::uint8_t box) {
    const int id = box;
    sql_ << "DELETE FROM current_state WHERE id = :id", soci::use(id);
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

  /// Tries until nothing of `rows` is left. False when it was told to stop and could not.
  bool write(std::vector<TableRow>& rows) {
    while (!rows.empty()) {
      try {
        const bool fresh = connection_ == nullptr;
        if (fresh) connection_ = std::make_unique<Connection>(options_.connect);
        write_once(rows, fresh);
      } catch (const std::exception& error) {
        connection_.reset();
        if (!failed(store::words_of(error))) return false;
      }
    }
    return true;
  }

  /// Takes what is written from `rows`. One that the tables refuse would be refused again, and must
  /// not hold up the others.
  void write_once(std::vector<TableRow>& rows, bool all_boxes) {
    try {
      connection_->write(rows, all_boxes);
      succeeded(rows.size(), &TableCounters::written);
      rows.clear();
      return;
    } catch (const std::exception& error) {
      if (!is_refusal(error)) throw;
    }
    while (!rows.empty()) {
      const std::string words = connection_->write_what_fits(rows.front(), all_boxes);
      all_boxes = false;
      if (!words.empty()) tell_refusal(rows.front(), words);
      succeeded(1, words.empty() ? &TableCounters::written : &TableCounters::refused);
      rows.erase(rows.begin());
    }
  }

  void tell_refusal(const TableRow& row, const std::string& words) {
    if (std::exchange(refusal_told_, words) == words) return;
    spdlog::warn(
        "DispoBox: the applications' tables refuse the change of box {} at {}: {}. It is left out, "
        "as will be others of its kind",
        row.changed, row.time, words);
  }

  void succeeded(std::size_t count, std::uint64_t TableCounters::*outcome) {
    const std::lock_guard lock(mutex_);
    if (!counters_.last_error.empty()) spdlog::info("DispoBox: the applications' database is back");
    counters_.*outcome += count;
    counters_.last_error.clear();
    in_hand_ -= count;
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
  std::string refusal_told_;  // in the log
  std::thread thread_;
};

AppTables::AppTables(Options options) : worker_(std::make_unique<Worker>(std::move(options))) {}

AppTables::~AppTables() = default;

void AppTables::add(TableRow row) { worker_->add(std::move(row)); }

TableCounters AppTables::counters() const { return worker_->counters(); }

}  // namespace espial::dispobox
