#include "hub/store/sqlite_statement.hpp"

namespace espial::store {

using namespace sqlite_api;

sqlite3* connection_of(soci::session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

SqliteStatement::SqliteStatement(soci::session& session, const std::string& text)
    : connection_(connection_of(session)) {
  check(sqlite3_prepare_v2(connection_, text.data(), static_cast<int>(text.size()), &statement_,
                           nullptr));
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

bool SqliteStatement::next() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) {
    const soci::sqlite3_soci_error error(sqlite3_errmsg(connection_),
                                         sqlite3_extended_errcode(connection_));
    reset();
    throw error;
  }
  reset();
  return false;
}

// What it returns is the error that `next` has reported.
void SqliteStatement::reset() { sqlite3_reset(statement_); }

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double SqliteStatement::number(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string SqliteStatement::text(int column) const {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void SqliteStatement::bind_integer(int position, std::int64_t value) {
  check(sqlite3_bind_int64(statement_, position, value));
}

void SqliteStatement::bind_number(int position, double value) {
  check(sqlite3_bind_double(statement_, position, value));
}

void SqliteStatement::bind_text(int position, std::string_view value) {
  // SQLITE_STATIC: the text outlives the statement's run.
  check(sqlite3_bind_text(statement_, position, value.data(), static_cast<int>(value.size()),
                          SQLITE_STATIC));
}

void SqliteStatement::bind_null(int position) { check(sqlite3_bind_null(statement_, position)); }

void SqliteStatement::check(int result) {
  if (result == SQLITE_OK) return;
  throw soci::sqlite3_soci_error(sqlite3_errmsg(connection_), result);
}

}  // namespace espial::store
