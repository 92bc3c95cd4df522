#include "hub/store/sqlite_store.hpp"

#include <algorithm>
#include <utility>

#include "hub/store/batch_writer.hpp"
#include "hub/store/snapshot_loader.hpp"
#include "hub/store/sqlite_connection.hpp"
#include "hub/store/sqlite_schema.hpp"

namespace espial::store {
namespace {

/// Numbers of arrival are reserved by the block, so that most commits needn't store the newest.
constexpr std::uint64_t kArrivalBlock = 1 << 20;

class SqliteStore : public Store {
 public:
  explicit SqliteStore(SqliteOptions options) : options_(std::move(options)) {}

  StoreError open() override {
    const StoreError error = guarded([&] {
      session_ = connect_sqlite(options_, true);
      const StoreError refusal = migrate_sqlite(*session_);
      if (refusal != StoreError::none) return refusal;
      read_arrival();
      return StoreError::none;
    });
    if (error != StoreError::none) close();
    return error;
  }

  void close() override {
    writer_.reset();
    try {
      session_.reset();
    } catch (const std::exception& error) {
      last_error_text_ = words_of(error);
    }
  }

  StoreError load(Snapshot& snapshot) override {
    if (!session_) return StoreError::not_open;
    return guarded([&] {
      snapshot = load_snapshot(*session_);
      return StoreError::none;
    });
  }

  StoreError apply(std::span<const Changes* const> units,
                   std::vector<std::size_t>& refused) override {
    refused.clear();
    if (!session_) return StoreError::not_open;
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (!std::all_of(units[i]->begin(), units[i]->end(), within_limits)) refused.push_back(i);
    }
    const std::vector<std::size_t> beyond_limits = refused;
    StoreError error = transaction([&] { write_together(units, beyond_limits); });
    if (error == StoreError::constraint) {
      error = transaction([&] { write_one_by_one(units, beyond_limits, refused); });
    }
    return error;
  }

  std::unique_ptr<Reader> open_reader() override {
    if (!session_) return nullptr;
    try {
      return make_sqlite_reader(connect_sqlite(options_, false));
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
      reserved_now_ = reserved_arrival_;
      *session_ << "BEGIN IMMEDIATE";
      work();
      *session_ << "COMMIT";
      reserved_arrival_ = reserved_now_;
      return StoreError::none;
    });
    if (error != StoreError::none) roll_back();
    return error;
  }

  void roll_back() {
    writer_.reset();
    try {
      *session_ << "ROLLBACK";
    } catch (const std::exception&) {
      // No transaction was open: SQLite ends it by itself after some errors.
    }
  }

  void write_together(std::span<const Changes* const> units,
                      const std::vector<std::size_t>& left_out) {
    auto skip = left_out.begin();
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (skip != left_out.end() && *skip == i) {
        ++skip;
        continue;
      }
      writer_.add(*units[i]);
    }
    write();
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
      *session_ << "SAVEPOINT unit";
      try {
        writer_.add(*units[i]);
        write();
      } catch (const std::exception& error) {
        if (classify(error) != StoreError::constraint) throw;
        last_error_text_ = words_of(error);
        writer_.reset();
        *session_ << "ROLLBACK TO unit";
        refused.push_back(i);
      }
      *session_ << "RELEASE unit";
    }
  }

  /// Writes what was added; the numbers of arrival it uses are reserved in the same transaction.
  void write() {
    writer_.write(*session_);
    if (writer_.next_arrival <= reserved_now_) return;
    const std::uint64_t reserved = writer_.next_arrival + kArrivalBlock;
    *session_ << "INSERT INTO meta (key, value) VALUES ('store.arrival', '" +
                     std::to_string(reserved) +
                     "') ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    reserved_now_ = reserved;
  }

  void read_arrival() {
    long long reserved = 0;
    *session_ << "SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta "
                 "WHERE key = 'store.arrival'",
        soci::into(reserved);
    reserved_arrival_ = static_cast<std::uint64_t>(reserved);
    writer_.next_arrival = reserved_arrival_ + 1;
  }

  SqliteOptions options_;
  std::unique_ptr<soci::session> session_;
  BatchWriter writer_;  // after the session: its statements must go first
  std::uint64_t reserved_arrival_ = 0;
  std::uint64_t reserved_now_ = 0;  // within the transaction
  std::string last_error_text_;
};

}  // namespace

std::unique_ptr<Store> make_sqlite_store(SqliteOptions options) {
  return std::make_unique<SqliteStore>(std::move(options));
}

}  // namespace espial::store
