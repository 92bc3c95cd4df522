#pragma once

#include <string>

namespace espial::store {

/// Why a PostgreSQL server and we don't come together; all of it empty when that can't be said: it
/// can't be reached, or there is something else at its address.
struct PostgresqlRefusal {
  /// What the server says, as an SQLSTATE: "28P01" for a wrong password.
  std::string state;
  /// We said nothing to it: it has not proved who it is.
  bool is_untrusted = false;
};

/// Connects once more by these parameters, since neither SOCI nor libpq says why of a connection
/// that failed.
PostgresqlRefusal refusal_of_postgresql(const std::string& parameters);

}  // namespace espial::store
