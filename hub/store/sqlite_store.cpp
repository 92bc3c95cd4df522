#include "hub/store/sqlite_store.hpp"

#include <algorithm>
#include <utility>

#include "hub/store/batch_writer.hpp"
#include "hub/store/reading_writer.hpp"
#include "hub/store/recent_rows.hpp"
#include "hub/store/snapshot_loader.hpp"
#include "hub/store/sorter.hpp"
#include "hub/store/sqlite_connection.hpp"
#include "hub/store/sqlite_schema.hpp"
#include "hub/store/write_ahead_log.hpp"

namespace espial::store {
namespace {

/// What is there while the database is open, in the order in which one needs the other.
struct Opened {
  explicit Opened(std::unique_ptr<soci::session> open_session, const SorterLimits& limits)
      : session(std::move(open_session)),
        sorter(*recent, limits),
        readings(*recent, sorter, sorter.open(*session)),
        writer(readings) {}

  std::unique_ptr<soci::session> session;
  WriteAheadLog log{*session};
  std::shared_ptr<RecentRows> recent = std::make_shared<RecentRows>();  // readers have it too
  Sorter sorter;
  ReadingWriter readings;
  BatchWriter writer;
};

class SqliteStore : public Store {
 public:
  explicit SqliteStore(SqliteOptions options) : options_(std::move(options)) {}

  StoreError open() override {
    close();
    return guarded([&] {
      auto session = connect_sqlite(options_, true);
      const StoreError refusal = migrate_sqlite(*session);
      if (refusal != StoreError::none) return refusal;
      opened_ = std::make_unique<Opened>(std::move(session), options_.sorting);
      return StoreError::none;
    });
  }

  void close() override {
    try {
      opened_.reset();
    } catch (const std::exception& error) {
      last_error_text_ = words_of(error);
    }
  }

  StoreError load(Snapshot& snapshot) override {
    if (!opened_) return StoreError::not_open;
    return guarded([&] {
      snapshot = load_snapshot(*opened_->session, *opened_->recent);
      return StoreError::none;
    });
  }

  StoreError apply(std::span<const Changes* const> units,
                   std::vector<std::size_t>& refused) override {
    refused.clear();
    if (!opened_) return StoreError::not_open;
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (!std::all_of(units[i]->begin(), units[i]->end(), within_limits)) refused.push_back(i);
    }
    const std::vector<std::size_t> beyond_limits = refused;
    StoreError error = transaction([&] { write_together(units, beyond_limits); });
    if (error == StoreError::constraint) {
      error = transaction([&] { write_one_by_one(units, beyond_limits, refused); });
    }
    if (error == StoreError::none) opened_->readings.committed();
    return error;
  }

  Tidying tidy(UnixTime now, bool at_leisure) override {
    Tidying tidying;
    if (!opened_) {
      tidying.error = StoreError::not_open;
      return tidying;
    }
    Sorter& sorter = opened_->sorter;
    if (opened_->log.is_long()) {
      tidying.error = guarded([&] {
        opened_->log.carry_over();
        return StoreError::none;
      });
      tidying.more = true;
    } else if (sorter.prepare(now, opened_->readings.next_arrival())) {
      tidying.error = transaction([&] { sorter.work(*opened_->session, at_leisure); });
      if (tidying.error == StoreError::none) {
        tidying.readings_sorted = sorter.committed();
        tidying.more = sorter.prepare(now, opened_->readings.next_arrival());
      }
    }
    tidying.recent_readings = opened_->recent->size();
    return tidying;
  }

  std::unique_ptr<Reader> open_reader() override {
    if (!opened_) return nullptr;
    try {
      return make_sqlite_reader(connect_sqlite(options_, false), opened_->recent);
    } catch (const std::exception& error) {
      last_error_text_ = words_of(error);
      return nullptr;
    }
  }

  std::string last_error_text() const override { return last_error_text_; }

 private:
  template <typename Work>
  StoreError guarded(Work&& work) {
    try {
      return work();
    } catch (const std::exception& error) {
      last_error_text_ = words_of(error);
      return classify(error);
    }
  }

  /// All of `work` in one transaction, or nothing of it.
  template <typename Work>
  StoreError transaction(Work&& work) {
    const StoreError error = guarded([&] {
      *opened_->session << "BEGIN IMMEDIATE";
      work();
      *opened_->session << "COMMIT";
      return StoreError::none;
    });
    if (error != StoreError::none) roll_back();
    return error;
  }

  void roll_back() {
    undo_to(0);
    try {
      *opened_->session << "ROLLBACK";
    } catch (const std::exception&) {
      // No transaction was open: SQLite ends it by itself after some errors.
    }
  }

  /// Forgets what was prepared and not committed, but for the first `readings` that were written.
  void undo_to(std::size_t readings) {
    opened_->writer.reset();
    opened_->readings.undo_to(readings);
    opened_->sorter.undone();
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
    opened_->writer.write(*opened_->session);
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
      soci::session& session = *opened_->session;
      const std::size_t written = opened_->readings.written();
      session << "SAVEPOINT unit";
      try {
        opened_->writer.add(*units[i]);
        opened_->writer.write(session);
      } catch (const std::exception& error) {
        if (classify(error) != StoreError::constraint) throw;
        last_error_text_ = words_of(error);
        undo_to(written);
        session << "ROLLBACK TO unit";
        refused.push_back(i);
      }
      session << "RELEASE unit";
    }
  }

  const SqliteOptions options_;
  std::unique_ptr<Opened> opened_;
  std::string last_error_text_;
};

}  // namespace

std::unique_ptr<Store> make_sqlite_store(SqliteOptions options) {
  return std::make_unique<SqliteStore>(std::move(options));
}

}  // namespace espial::store
