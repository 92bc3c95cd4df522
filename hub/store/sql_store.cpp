#include "hub/store/sql_store.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "hub/store/batch_writer.hpp"
#include "hub/store/bulk_statement.hpp"
#include "hub/store/command_pruner.hpp"
#include "hub/store/day_tables.hpp"
#include "hub/store/parted_work.hpp"
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
  /// One for each that tidies, or none.
  using Beside = std::vector<std::unique_ptr<Connection>>;

  Opened(std::unique_ptr<Connection> open_connection, Beside others, RecentRows& recent,
         const SorterLimits& limits, const Retention& retention)
      : connection(std::move(open_connection)),
        beside(std::move(others)),
        pruner(rollups, retention),
        sorter(recent, rollups, limits),
        readings(recent, sorter, sorter.open(*connection)),
        writer(connection->dialect(), readings),
        commits(*connection) {
    rollups.open(*connection);
    pruner.open(*connection);
  }

  /// Those that tidy: as many as a piece may have parts.
  std::size_t tidying_count() const { return std::max<std::size_t>(1, beside.size()); }
  Connection& tidying(std::size_t part = 0) { return beside.empty() ? *connection : *beside[part]; }

  std::unique_ptr<Connection> connection;
  Beside beside;  // none: the engine has one writer
  Rollups rollups;
  Pruner pruner;
  CommandPruner commands;
  Sorter sorter;
  ReadingWriter readings;
  BatchWriter writer;
  CommitCount commits;
};

constexpr std::int64_t kAuditPeriod_ms = 3'600'000;
constexpr std::int64_t kDay_ms = 86'400'000;

/// Lets go of the records of the audit log that are too old, and of the oldest beyond the limits.
void limit_audit(Connection& connection, UnixTime now, const AuditLimits& limits) {
  if (limits.days > 0) {
    BulkStatement aged("DELETE FROM audit WHERE at_ms < ?");
    aged.add(std::max<std::int64_t>(0, now.ms - limits.days * kDay_ms));
    aged.execute(connection);
  }
  if (limits.records == 0) return;
  const std::string refused(kRefusedLogin);
  for (const auto& [which, records] :
       {std::pair("action = ?", std::max<std::int64_t>(1, limits.records / kRefusedLoginsShare)),
        std::pair("action <> ?", limits.records)}) {
    // One level more than needed: MariaDB lets nobody choose from what is being deleted from.
    BulkStatement crowded_out(
        fmt::format("DELETE FROM audit WHERE {0} AND id < (SELECT lowest FROM (SELECT MIN(id) AS "
                    "lowest FROM (SELECT id FROM audit WHERE {0} ORDER BY id DESC LIMIT ?) AS "
                    "newest) AS kept)",
                    which));
    crowded_out.add(refused, refused, records);
    crowded_out.execute(connection);
  }
}

/// Whether a change touches what is tidied meanwhile, or locks rows that tidying looks at.
bool is_tidied(const Change& change) {
  if (const auto* const reading = std::get_if<Reading>(&change)) return reading->arrival != 0;
  return std::holds_alternative<HistoryErased>(change) ||
         std::holds_alternative<DeviceRecord>(change) ||
         std::holds_alternative<FunctionRecord>(change) ||
         std::holds_alternative<AuditRecord>(change);
}

/// A commit of which we don't know whether the server has done it.
struct Uncertain {
  std::uint64_t number = 0;
  std::vector<std::size_t> refused;
};

/// Two threads may be in here, on connections of their own: `apply` holds `writing_`, `tidy` holds
/// `tidying_` for one piece, whose parts have threads of their own. Who needs both takes `tidying_`
/// first.
class SqlStore : public Store {
 public:
  SqlStore(Connector connect, SorterLimits sorting, AuditLimits audit)
      : connect_(std::move(connect)), sorting_(sorting), audit_(audit) {}

  void keep(Retention retention) override { retention_ = std::move(retention); }

  StoreError open() override {
    close();
    const std::scoped_lock both(tidying_, writing_);
    const StoreError error = connect();
    is_open_ = error == StoreError::none;
    return error;
  }

  void close() override {
    const std::scoped_lock both(tidying_, writing_);
    is_open_ = false;
    uncertain_.reset();
    disconnect();
  }

  StoreError load(Snapshot& snapshot) override {
    const std::scoped_lock both(tidying_, writing_);
    if (const StoreError error = stay_connected(); error != StoreError::none) return error;
    return guarded([&] {
      snapshot = load_snapshot(*opened_->connection, *recent_);
      return StoreError::none;
    });
  }

  StoreError apply(std::span<const Changes* const> units,
                   std::vector<std::size_t>& refused) override {
    refused.clear();
    const bool needs_both = std::any_of(units.begin(), units.end(), [](const Changes* changes) {
      return std::any_of(changes->begin(), changes->end(), is_tidied);
    });
    std::unique_lock tidying(tidying_, std::defer_lock);
    if (needs_both) tidying.lock();
    std::unique_lock writing(writing_);
    // Asked once: who tidies may lose its connection after this, and what it uses must stay.
    if (!is_connected()) {
      if (!needs_both) {
        writing.unlock();
        tidying.lock();
        writing.lock();
      }
      if (const StoreError error = stay_connected(); error != StoreError::none) return error;
    }
    if (const auto uncertain = std::exchange(uncertain_, std::nullopt);
        uncertain && opened_->commits.count() == uncertain->number) {
      refused = uncertain->refused;
      return StoreError::none;
    }
    const StoreError error = write(units, refused, tidying.owns_lock());
    if (error != StoreError::away) uncertain_.reset();
    return error;
  }

  Tidying tidy(UnixTime now, bool at_leisure) override {
    Tidying tidying;
    const std::lock_guard lock(tidying_);
    if (!is_connected()) {
      const std::lock_guard writing(writing_);
      tidying.error = stay_connected();
    }
    if (tidying.error == StoreError::none) tidy_a_piece(now, at_leisure, tidying);
    if (opened_) {
      tidying.days_to_prune = opened_->pruner.days_left(day_of(now.ms));
      tidying.days_to_roll_up = opened_->rollups.days_left(Sorter::closed_before(now));
      tidying.day_tables = opened_->rollups.days();
    }
    tidying.recent_readings = recent_->size();
    return tidying;
  }

  bool tidies_beside() const override { return tidies_beside_; }

  std::unique_ptr<Reader> open_reader() override {
    if (!is_open_) return nullptr;
    return make_sql_reader(connect_, recent_);
  }

  std::string last_error_text() const override {
    const std::lock_guard lock(text_);
    return last_error_text_;
  }

 private:
  StoreError connect() {
    return guarded([&] {
      auto connection = connect_(Purpose::writing);
      const StoreError refusal = migrate(*connection);
      if (refusal != StoreError::none) return refusal;
      tidies_beside_ = connection->is_remote();
      // Before anything is read: what a lost one was doing is then over.
      Opened::Beside beside;
      SorterLimits limits = sorting_;
      if (tidies_beside_) {
        for (const Purpose purpose : kTidyingPurposes) beside.push_back(connect_(purpose));
        limits.max_recent_rows = std::min(limits.max_recent_rows, limits.max_recent_rows_beside);
      }
      recent_->clear();
      opened_ = std::make_unique<Opened>(std::move(connection), std::move(beside), *recent_, limits,
                                         retention_);
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
      say(words_of(error));
    }
    is_lost_ = false;
  }

  bool is_connected() const { return opened_ && !is_lost_; }

  /// With both locks: the connections may be made anew.
  StoreError stay_connected() {
    if (!is_open_) return StoreError::not_open;
    if (is_connected()) return StoreError::none;
    disconnect();
    return connect();
  }

  void say(std::string words) {
    const std::lock_guard lock(text_);
    last_error_text_ = std::move(words);
  }

  template <typename Work>
  StoreError guarded(Work&& work) {
    StoreError result = StoreError::other;
    try {
      return work();
    } catch (const std::exception& error) {
      say(words_of(error));
      result = classify(error);
    }
    // One connection lost, all made anew: the other thread may be using the rest until then.
    if (result == StoreError::away) is_lost_ = true;
    return result;
  }

  /// All of `work` in one transaction, or nothing of it: then `undo` forgets it here as well.
  template <typename Work, typename Undo>
  StoreError transaction(Connection& connection, Work&& work, Undo&& undo) {
    const StoreError error = guarded([&] {
      connection.begin();
      work();
      connection.commit();
      return StoreError::none;
    });
    if (error == StoreError::none || error == StoreError::away) return error;
    undo();
    roll_back(connection);
    return error;
  }

  static void roll_back(Connection& connection) {
    try {
      connection.roll_back();
    } catch (const std::exception&) {
      // No transaction was open: some errors end it.
    }
  }

  template <typename Work>
  StoreError tidying_transaction(Work&& work) {
    return transaction(opened_->tidying(), work, [this] { opened_->pruner.undone(); });
  }

  StoreError do_in_parts(PartedWork& piece, bool at_leisure) {
    std::size_t begun = 0;
    const StoreError error = guarded([&] {
      const auto begin = [&] { opened_->tidying(begun++).begin(); };
      const auto work = [&](std::size_t part) { piece.work(opened_->tidying(part), part); };
      begin();
      const std::size_t most = divides_ ? opened_->tidying_count() : 1;
      const std::size_t parts = piece.plan(opened_->tidying(), at_leisure, most);
      std::vector<std::future<void>> others;  // wait for their threads, whatever happens
      for (std::size_t part = 1; part < parts; ++part) {
        begin();
        others.push_back(std::async(std::launch::async, work, part));
      }
      work(0);
      for (std::future<void>& other : others) other.get();
      for (std::size_t part = 0; part < parts; ++part) {
        piece.seal(opened_->tidying(part), part);
        opened_->tidying(part).commit();
        piece.committed(part);
      }
      return StoreError::none;
    });
    // Should the parts be in each other's way, the next piece has but one.
    divides_ = error == StoreError::none;
    if (error == StoreError::none || error == StoreError::away) return error;
    piece.undone();
    while (begun > 0) roll_back(opened_->tidying(--begun));
    return error;
  }

  /// `has_tidying`: the changes may touch what is tidied.
  StoreError write(std::span<const Changes* const> units, std::vector<std::size_t>& refused,
                   bool has_tidying) {
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (!std::all_of(units[i]->begin(), units[i]->end(), within_limits)) refused.push_back(i);
    }
    const std::vector<std::size_t> beyond_limits = refused;
    // What the sorter has prepared is of the connection that tidies.
    const bool borrows = has_tidying && !opened_->beside.empty();
    if (borrows) opened_->sorter.undone();
    const auto undo = [&] { undo_to({}, has_tidying); };
    StoreError error = transaction(
        *opened_->connection,
        [&] {
          write_together(units, beyond_limits);
          count_commit(refused);
        },
        undo);
    if (error == StoreError::constraint) {
      error = transaction(
          *opened_->connection,
          [&] {
            write_one_by_one(units, beyond_limits, refused, has_tidying);
            count_commit(refused);
          },
          undo);
    }
    if (error == StoreError::none) {
      opened_->readings.committed();
      if (has_tidying) opened_->sorter.filed_committed();
      opened_->commits.committed();
    }
    if (borrows) opened_->sorter.undone();
    return error;
  }

  void tidy_a_piece(UnixTime now, bool at_leisure, Tidying& tidying) {
    Connection& connection = opened_->tidying();
    Sorter& sorter = opened_->sorter;
    if (connection.needs_upkeep()) {
      tidying.error = guarded([&] {
        connection.upkeep();
        return StoreError::none;
      });
      tidying.more = true;
    } else if (sorter.prepare(now, opened_->readings.next_arrival())) {
      std::unique_lock alone(writing_, std::defer_lock);
      if (sorter.will_sweep() && connection.sweeps_alone()) alone.lock();
      tidying.error = do_in_parts(sorter, at_leisure);
      tidying.readings_sorted = sorter.take_moved();
      tidying.more = tidying.error == StoreError::none;
    } else if (opened_->rollups.prepare(Sorter::closed_before(now))) {
      tidying.error = do_in_parts(opened_->rollups, at_leisure);
      tidying.more = tidying.error == StoreError::none;
    } else if (audit_is_due(now)) {
      tidying.error = tidying_transaction([&] { limit_audit(connection, now, audit_); });
      if (tidying.error == StoreError::none) {
        audit_due_ = {now.ms + kAuditPeriod_ms};
        tidying.more = true;
      }
    } else if (opened_->pruner.prepare(day_of(now.ms))) {
      tidying.error = tidying_transaction([&] { opened_->pruner.work(connection); });
      if (tidying.error == StoreError::none) {
        if (const auto gone = opened_->pruner.committed()) sorter.forget_day(*gone);
        tidying.more = true;
      }
    } else if (opened_->commands.is_due(now)) {
      tidying.error = tidying_transaction([&] { opened_->commands.work(connection, now); });
      if (tidying.error == StoreError::none) {
        opened_->commands.committed();
        tidying.more = true;
      }
    }
  }

  /// Forgets what was prepared and not committed, but for the readings up to `mark`.
  void undo_to(ReadingWriter::Mark mark, bool has_tidying) {
    opened_->writer.reset();
    opened_->readings.undo_to(mark);
    if (has_tidying) opened_->sorter.undone();
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
                        const std::vector<std::size_t>& left_out, std::vector<std::size_t>& refused,
                        bool has_tidying) {
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
        say(words_of(error));
        undo_to(mark, has_tidying);
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
  bool tidies_beside_ = false;
  bool divides_ = true;  // the last piece of tidying went well: the next one may have parts
  std::mutex tidying_;   // the sorter, rollups, pruner and their connection
  std::mutex writing_;   // the rest of opened_
  std::unique_ptr<Opened> opened_;  // replaced with both
  std::atomic<bool> is_lost_ = false;
  std::optional<Uncertain> uncertain_;
  mutable std::mutex text_;
  std::string last_error_text_;
};

}  // namespace

std::unique_ptr<Store> make_sql_store(Connector connect, SorterLimits sorting, AuditLimits audit) {
  return std::make_unique<SqlStore>(std::move(connect), sorting, audit);
}

}  // namespace espial::store
