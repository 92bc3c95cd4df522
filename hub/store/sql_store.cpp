#include "hub/store/sql_store.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "hub/store/batch_writer.hpp"
#include "hub/store/bulk_statement.hpp"
#include "hub/store/day_tables.hpp"
#include "hub/store/pruner.hpp"
#include "hub/store/reading_writer.hpp"
#include "hub/store/recent_rows.hpp"
#include "hub/store/rollups.hpp"
#include "hub/store/schema.hpp"
#include "hub/store/snapshot_loader.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sorter.hpp"

namespace espial::store {
namespace {

/// Counts what `apply` commits, in the database itself: so a server that is lost in the middle of a
/// commit can be asked later whether it has it.
class CommitCount {
 public:
  explicit CommitCount(Connection& connection)
      : connection_(connection),
        write_(upsert(connection.dialect(), "meta", {"\"key\""}, {"\"value\""})) {
    const auto query =
        connection.prepare("SELECT \"value\" FROM meta WHERE \"key\" = 'store.commits'");
    if (query->next()) count_ = std::stoull(query->text(0));
  }

  std::uint64_t count() const { return count_; }
  /// The number of the commit that this is part of.
  std::uint64_t write_next() {
    write_.add("store.commits", std::to_string(count_ + 1));
    write_.execute(connection_);
    return count_ + 1;
  }
  void committed() { ++count_; }

 private:
  Connection& connection_;
  BulkStatement write_;
  std::uint64_t count_ = 0;
};

/// What is there while the database is connected, in the order in which one needs the other.
struct Opened {
  Opened(std::unique_ptr<Connection> open_connection, RecentRows& recent,
         const SorterLimits& limits, const Retention& retention)
      : connection(std::move(open_connection)),
        pruner(rollups, retention),
        sorter(recent, rollups, limits),
        readings(recent, sorter, sorter.open(*connection)),
        writer(connection->dialect(), readings),
        commits(*connection) {
    rollups.open(*connection);
    pruner.open(*connection);
  }

  std::unique_ptr<Connection> connection;
  Rollups rollups;
  Pruner pruner;
  Sorter sorter;
  ReadingWriter readings;
  BatchWriter writer;
  CommitCount commits;
};

constexpr std::int64_t kAuditPeriod_ms = 3'600'000;
constexpr std::int64_t kDay_ms = 86'400'000;

/// Lets go of the records of the audit log that are too old, and of the oldest beyond the limit.
void limit_audit(Connection& connection, UnixTime now, const AuditLimits& limits) {
  if (limits.days > 0) {
    BulkStatement aged("DELETE FROM audit WHERE at_ms < ?");
    aged.add(std::max<std::int64_t>(0, now.ms - limits.days * kDay_ms));
    aged.execute(connection);
  }
  if (limits.records > 0) {
    // One level more than needed: MariaDB lets nobody choose from what is being deleted from.
    BulkStatement crowded_out(
        "DELETE FROM audit WHERE id < (SELECT lowest FROM (SELECT MIN(id) AS lowest FROM "
        "(SELECT id FROM audit ORDER BY id DESC LIMIT ?) AS newest) AS kept)");
    crowded_out.add(limits.records);
    crowded_out.execute(connection);
  }
}

/// A commit of which we don't know whether the server has done it.
struct Uncertain {
  std::uint64_t number = 0;
  std::vector<std::size_t> refused;
};

class SqlStore : public Store {
 public:
  SqlStore(Connector connect, SorterLimits sorting, AuditLimits audit)
      : connect_(std::move(connect)), sorting_(sorting), audit_(audit) {}

  void keep(Retention retention) override { retention_ = std::move(retention); }

  StoreError open() override {
    close();
    const StoreError error = connect();
    is_open_ = error == StoreError::none;
    return error;
  }

  void close() override {
    is_open_ = false;
    uncertain_.reset();
    disconnect();
  }

  StoreError load(Snapshot& snapshot) override {
    if (const StoreError error = stay_connected(); error != StoreError::none) return error;
    return guarded([&] {
      snapshot = load_snapshot(*opened_->connection, *recent_);
      return StoreError::none;
    });
  }

  StoreError apply(std::span<const Changes* const> units,
                   std::vector<std::size_t>& refused) override {
    refused.clear();
    if (const StoreError error = stay_connected(); error != StoreError::none) return error;
    if (const auto uncertain = std::exchange(uncertain_, std::nullopt);
        uncertain && opened_->commits.count() == uncertain->number) {
      refused = uncertain->refused;
      return StoreError::none;
    }
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (!std::all_of(units[i]->begin(), units[i]->end(), within_limits)) refused.push_back(i);
    }
    const std::vector<std::size_t> beyond_limits = refused;
    StoreError error = transaction([&] {
      write_together(units, beyond_limits);
      count_commit(refused);
    });
    if (error == StoreError::constraint) {
      error = transaction([&] {
        write_one_by_one(units, beyond_limits, refused);
        count_commit(refused);
      });
    }
    if (error == StoreError::none) {
      opened_->readings.committed();
      opened_->commits.committed();
    }
    if (error != StoreError::away) uncertain_.reset();
    return error;
  }

  Tidying tidy(UnixTime now, bool at_leisure) override {
    Tidying tidying;
    tidying.error = stay_connected();
    if (tidying.error != StoreError::none) return tidying;
    Sorter& sorter = opened_->sorter;
    if (opened_->connection->needs_upkeep()) {
      tidying.error = guarded([&] {
        opened_->connection->upkeep();
        return StoreError::none;
      });
      tidying.more = true;
    } else if (sorter.prepare(now, opened_->readings.next_arrival())) {
      tidying.error = transaction([&] { sorter.work(*opened_->connection, at_leisure); });
      if (tidying.error == StoreError::none) {
        tidying.readings_sorted = sorter.committed();
        tidying.more = true;
      }
    } else if (opened_->rollups.prepare(Sorter::closed_before(now))) {
      tidying.error = transaction([&] { opened_->rollups.work(*opened_->connection, at_leisure); });
      if (tidying.error == StoreError::none) {
        opened_->rollups.committed();
        tidying.more = true;
      }
    } else if (audit_is_due(now)) {
      tidying.error = transaction([&] { limit_audit(*opened_->connection, now, audit_); });
      if (tidying.error == StoreError::none) audit_due_ = {now.ms + kAuditPeriod_ms};
    } else if (opened_->pruner.prepare(day_of(now.ms))) {
      tidying.error = transaction([&] { opened_->pruner.work(*opened_->connection); });
      if (tidying.error == StoreError::none) {
        if (const auto gone = opened_->pruner.committed()) sorter.forget_day(*gone);
        tidying.more = true;
      }
    }
    if (opened_) {
      tidying.days_to_prune = opened_->pruner.days_left(day_of(now.ms));
      tidying.days_to_roll_up = opened_->rollups.days_left(Sorter::closed_before(now));
      tidying.day_tables = opened_->rollups.days();
    }
    tidying.recent_readings = recent_->size();
    return tidying;
  }

  std::unique_ptr<Reader> open_reader() override {
    if (!is_open_) return nullptr;
    return make_sql_reader(connect_, recent_);
  }

  std::string last_error_text() const override { return last_error_text_; }

 private:
  StoreError connect() {
    return guarded([&] {
      auto connection = connect_(true);
      const StoreError refusal = migrate(*connection);
      if (refusal != StoreError::none) return refusal;
      recent_->clear();
      opened_ = std::make_unique<Opened>(std::move(connection), *recent_, sorting_, retention_);
      return StoreError::none;
    });
  }

  /// Once an hour, also when the clock was set back.
  bool audit_is_due(UnixTime now) const {
    const bool limited = audit_.days > 0 || audit_.records > 0;
    return limited && (now.ms >= audit_due_.ms || now.ms + kAuditPeriod_ms < audit_due_.ms);
  }

  void disconnect() {
    try {
      opened_.reset();
    } catch (const std::exception& error) {
      last_error_text_ = words_of(error);
    }
  }

  StoreError stay_connected() {
    if (!is_open_) return StoreError::not_open;
    return opened_ ? StoreError::none : connect();
  }

  template <typename Work>
  StoreError guarded(Work&& work) {
    StoreError result = StoreError::other;
    try {
      return work();
    } catch (const std::exception& error) {
      last_error_text_ = words_of(error);
      result = classify(error);
    }
    if (result == StoreError::away) disconnect();
    return result;
  }

  /// All of `work` in one transaction, or nothing of it.
  template <typename Work>
  StoreError transaction(Work&& work) {
    const StoreError error = guarded([&] {
      opened_->connection->begin();
      work();
      opened_->connection->commit();
      return StoreError::none;
    });
    if (error != StoreError::none && opened_) roll_back();
    return error;
  }

  void roll_back() {
    undo_to({});
    try {
      opened_->connection->roll_back();
    } catch (const std::exception&) {
      // No transaction was open: some errors end it.
    }
  }

  /// Forgets what was prepared and not committed, but for the readings up to `mark`.
  void undo_to(ReadingWriter::Mark mark) {
    opened_->writer.reset();
    opened_->readings.undo_to(mark);
    opened_->sorter.undone();
    opened_->rollups.undone();
    opened_->pruner.undone();
  }

  void count_commit(const std::vector<std::size_t>& refused) {
    if (!opened_->connection->is_remote()) return;
    uncertain_ = Uncertain{opened_->commits.write_next(), refused};
  }

  void write_together(std::span<const Changes* const> units,
                      const std::vector<std::size_t>& left_out) {
    auto skip = left_out.begin();
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (skip != left_out.end() && *skip == i) {
        ++skip;
        continue;
      }
      opened_->writer.add(*units[i]);
    }
    opened_->writer.write(*opened_->connection);
  }

  /// Finds the units that break a rule by writing each for itself.
  void write_one_by_one(std::span<const Changes* const> units,
                        const std::vector<std::size_t>& left_out,
                        std::vector<std::size_t>& refused) {
    refused.clear();
    auto skip = left_out.begin();
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (skip != left_out.end() && *skip == i) {
        ++skip;
        refused.push_back(i);
        continue;
      }
      Connection& connection = *opened_->connection;
      const ReadingWriter::Mark mark = opened_->readings.mark();
      connection.execute("SAVEPOINT unit");
      try {
        opened_->writer.add(*units[i]);
        opened_->writer.write(connection);
      } catch (const std::exception& error) {
        if (classify(error) != StoreError::constraint) throw;
        last_error_text_ = words_of(error);
        undo_to(mark);
        connection.execute("ROLLBACK TO SAVEPOINT unit");
        refused.push_back(i);
      }
      connection.execute("RELEASE SAVEPOINT unit");
    }
  }

  const Connector connect_;
  const SorterLimits sorting_;
  const AuditLimits audit_;
  UnixTime audit_due_{};
  Retention retention_;
  const std::shared_ptr<RecentRows> recent_ =
      std::make_shared<RecentRows>();  // readers have it too
  bool is_open_ = false;
  std::unique_ptr<Opened> opened_;
  std::optional<Uncertain> uncertain_;
  std::string last_error_text_;
};

}  // namespace

std::unique_ptr<Store> make_sql_store(Connector connect, SorterLimits sorting, AuditLimits audit) {
  return std::make_unique<SqlStore>(std::move(connect), sorting, audit);
}

}  // namespace espial::store
