#include "hub/store/soci_support.hpp"

#include <mysqld_error.h>
#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>

#include <string_view>

namespace espial::store {
namespace {

StoreError of_sqlite(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StoreError::locked;
    case SQLITE_FULL:
      return StoreError::full;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
      return StoreError::io;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return StoreError::read_only;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StoreError::corrupt;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return StoreError::constraint;
    default:
      return StoreError::other;
  }
}

StoreError of_mariadb(unsigned number, const std::string& words) {
  if (number == CR_SSL_CONNECTION_ERROR && is_about_proof(words)) return StoreError::untrusted;
  // The client's own errors: what it can't reach or has lost.
  if (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR) return StoreError::away;
  switch (number) {
    case ER_CON_COUNT_ERROR:
    case ER_SERVER_SHUTDOWN:
    case ER_NEW_ABORTING_CONNECTION:
    case ER_CONNECTION_KILLED:
      return StoreError::away;
    case ER_DBACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
    case ER_HOST_NOT_PRIVILEGED:
    case ER_BAD_DB_ERROR:
      return StoreError::denied;
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_LOCK_DEADLOCK:
      return StoreError::locked;
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
      return StoreError::full;
    case ER_ERROR_ON_WRITE:
    case ER_GET_ERRNO:  // an error number of the system's is only in its words
      return words.find("28") != std::string::npos ? StoreError::full : StoreError::io;
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
    case ER_TABLEACCESS_DENIED_ERROR:
      return StoreError::read_only;
    case ER_NOT_KEYFILE:
    case ER_INDEX_CORRUPT:
      return StoreError::corrupt;
    case ER_BAD_NULL_ERROR:
    case ER_CONSTRAINT_FAILED:
    case ER_SIGNAL_EXCEPTION:
    case ER_DUP_ENTRY:
    case ER_NO_REFERENCED_ROW:
    case ER_NO_REFERENCED_ROW_2:
    case ER_ROW_IS_REFERENCED_2:
    case ER_DATA_TOO_LONG:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
      return StoreError::constraint;
    default:
      return StoreError::other;
  }
}

/// By the class, or the whole, of an SQLSTATE.
StoreError of_postgresql(std::string_view state) {
  const std::string_view kind = state.substr(0, 2);
  // Without one: libpq could not reach the server.
  if (state.empty() || state[0] == ' ' || state[0] == '\0') return StoreError::away;
  if (kind == "08" || state == "53300") return StoreError::away;
  if (kind == "28" || kind == "3D") return StoreError::denied;
  if (state.substr(0, 4) == "57P0") return StoreError::away;  // shut down, crashed, starting
  if (state == "53100") return StoreError::full;
  if (state == "55P03" || state == "40001" || state == "40P01") return StoreError::locked;
  if (kind == "58") return StoreError::io;
  if (state == "25006" || state == "42501") return StoreError::read_only;
  if (kind == "XX") return StoreError::corrupt;
  if (kind == "22" || kind == "23") return StoreError::constraint;
  return StoreError::other;
}

}  // namespace

std::string words_of(const std::exception& error) {
  const auto* soci_error = dynamic_cast<const soci::soci_error*>(&error);
  return soci_error ? soci_error->get_error_message() : error.what();
}

bool is_about_proof(std::string_view words) {
  return words.find("certificate") != std::string_view::npos ||
         words.find("server does not support") != std::string_view::npos;
}

StoreError classify(const std::exception& error) {
  if (dynamic_cast<const RuleBroken*>(&error)) return StoreError::constraint;
  if (dynamic_cast<const NotProved*>(&error)) return StoreError::untrusted;
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    return of_sqlite(sqlite->result());
  }
  if (const auto* mariadb = dynamic_cast<const soci::mysql_soci_error*>(&error)) {
    return of_mariadb(mariadb->err_num_, mariadb->get_error_message());
  }
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
    return of_postgresql(postgresql->sqlstate());
  }
  return StoreError::other;
}

}  // namespace espial::store
