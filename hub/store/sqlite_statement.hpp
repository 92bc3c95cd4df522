#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hub/store/soci_support.hpp"
#include "hub/store/statement.hpp"

namespace espial::store {

/// A prepared statement on SQLite's own interface.
class SqliteStatement final : public Statement {
 public:
  SqliteStatement(soci::session& session, const std::string& text);
  ~SqliteStatement() override;

  bool next() override;
  void reset() override;
  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  double number(int column) const override;
  std::string text(int column) const override;

 protected:
  void bind_integer(int position, std::int64_t value) override;
  void bind_number(int position, double value) override;
  void bind_text(int position, std::string_view value) override;
  void bind_null(int position) override;

 private:
  void check(int result);

  sqlite_api::sqlite3* connection_;
  sqlite_api::sqlite3_stmt* statement_ = nullptr;
};

/// SQLite's own handle of a session.
sqlite_api::sqlite3* connection_of(soci::session& session);

}  // namespace espial::store
