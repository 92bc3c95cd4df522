#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "hub/store/dialect.hpp"
#include "hub/store/recent_rows.hpp"
#include "hub/store/statement.hpp"

namespace soci {
class session;
}

namespace espial::store {

/// A reading as a row of `recent`, of a day's table or of `latest`.
struct ReadingRow {
  RecentRows::Entry entry;
  std::optional<std::string_view> text;  ///< for ValueType::text
};

/// The columns of `recent`, of a day's table and of `latest`, in the order of their values.
inline constexpr char kReadingColumns[] =
    "(device, slot, field, taken_at_ms, arrival, number, text)";

/// Inserts readings into one table by the quickest way of the engine. Throws SOCI's errors.
class ReadingInserter {
 public:
  ReadingInserter() = default;
  virtual ~ReadingInserter() = default;
  ReadingInserter(const ReadingInserter&) = delete;
  ReadingInserter& operator=(const ReadingInserter&) = delete;

  virtual void insert(std::span<const ReadingRow> rows) = 0;
};

/// A parameter of a statement; the first one is NULL.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

/// A connection to a database, of any engine; used by one thread at a time. Everything here throws
/// SOCI's errors. Statements and inserters must not outlive it.
class Connection {
 public:
  Connection() = default;
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  virtual const Dialect& dialect() const = 0;
  /// For what SOCI does well enough.
  virtual soci::session& session() = 0;

  virtual std::unique_ptr<Statement> prepare(const std::string& text) = 0;
  virtual std::unique_ptr<ReadingInserter> inserter(const std::string& table, IfThere if_there) = 0;
  /// Runs a statement once for each row of `parameters` values.
  virtual void run_many(const std::string& text, std::span<const Value> values,
                        std::size_t parameters) = 0;
  void execute(const std::string& text) { prepare(text)->run(); }

  /// Begins to write: nobody else does until the end of the transaction.
  virtual void begin() = 0;
  /// Begins to read: everything is of one moment until the end of the transaction.
  virtual void begin_reading() = 0;
  virtual void commit() { execute("COMMIT"); }
  void roll_back() { execute("ROLLBACK"); }
  /// Makes or changes a table, in the transaction if the engine can (Dialect::can_undo_tables).
  virtual void define(const std::string& text) { execute(text); }
  /// Removes a table, in the transaction if the engine can, else right after it: a power cut in
  /// between leaves a table that nobody reads.
  virtual void drop(const std::string& table) { execute("DROP TABLE IF EXISTS " + table); }

  /// Deletes readings from `recent` that arrived before `end`, the oldest ones first; some `limit`
  /// of them, or more where that is cheaper. Returns whether no more can be deleted.
  virtual bool sweep(std::uint64_t end, std::size_t limit);
  /// Whether nobody may append to `recent` from the beginning of a transaction that sweeps to the
  /// end of its commit.
  virtual bool sweeps_alone() const { return false; }

  /// Version of the schema; 0 for a database without one.
  virtual std::uint32_t schema_version() = 0;
  virtual void set_schema_version(std::uint32_t version) = 0;
  /// Whether there are tables, though no schema of ours.
  virtual bool holds_something_else() = 0;

  /// Whether it can be lost in the middle of a commit. Of such an engine a second connection writes
  /// other tables meanwhile.
  virtual bool is_remote() const = 0;
  /// Whether the engine has work of its own that had better be done between two commits.
  virtual bool needs_upkeep() const { return false; }
  virtual void upkeep() {}
  /// Bytes on disk, as far as the engine tells.
  virtual std::uint64_t size_bytes() = 0;
};

/// What a connection is for. Of all but the first there is one each to a database, which the engine
/// sees to: who asks for it waits a little for the last one to end, and is refused (locked) after
/// that.
enum class Purpose : std::uint8_t {
  reading,
  writing,
  tidying,    ///< beside the one that writes; its commits need not be on disk before the next one
  tidying_2,  ///< the same beside that one
  tidying_3,  ///< and beside both
};

/// Those that tidy at the same time.
inline constexpr std::array kTidyingPurposes{Purpose::tidying, Purpose::tidying_2,
                                             Purpose::tidying_3};

/// Makes a connection. Throws SOCI's errors. Any thread.
using Connector = std::function<std::unique_ptr<Connection>(Purpose)>;

/// A transaction that only reads; ends with the object.
class Moment {
 public:
  explicit Moment(Connection& connection);
  ~Moment();
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

 private:
  Connection& connection_;
};

}  // namespace espial::store
