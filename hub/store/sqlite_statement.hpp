#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub/store/soci_support.hpp"

namespace espial::store {

/// A prepared statement on SQLite's own interface, for what runs once a reading: SOCI takes several
/// times as long for a row. Throws SOCI's errors, so that one `classify` serves both.
class SqliteStatement {
 public:
  SqliteStatement(soci::session& session, const std::string& text);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  /// Runs a statement without rows, with `values` for its parameters in their order.
  template <typename... Values>
  void run(const Values&... values) {
    begin(values...);
    while (next()) {
    }
  }

  /// Begins a query; texts must outlive it.
  template <typename... Values>
  void begin(const Values&... values) {
    reset();
    int position = 0;
    (bind(++position, values), ...);
  }
  /// The same in steps: `reset`, `bind` for every parameter (the first is 1), `next`.
  void bind(int position, std::int64_t value);
  void bind(int position, std::uint64_t value) { bind(position, static_cast<std::int64_t>(value)); }
  void bind(int position, std::uint32_t value) { bind(position, std::int64_t{value}); }
  void bind(int position, std::uint8_t value) { bind(position, std::int64_t{value}); }
  void bind(int position, double value);
  void bind(int position, std::string_view value);
  template <typename T>
  void bind(int position, const std::optional<T>& value) {
    value ? bind(position, *value) : bind_null(position);
  }

  /// True while there is a row to read; after the last one the statement holds no lock.
  bool next();
  /// Ends a query before its last row.
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;
  std::string text(int column) const;

 private:
  void bind_null(int position);
  void check(int result);

  sqlite_api::sqlite3* connection_;
  sqlite_api::sqlite3_stmt* statement_ = nullptr;
};

/// SQLite's own handle of a session.
sqlite_api::sqlite3* connection_of(soci::session& session);

}  // namespace espial::store
