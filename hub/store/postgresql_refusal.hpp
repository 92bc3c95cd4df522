#pragma once

#include <string>

namespace espial::store {

/// Why a PostgreSQL server lets nobody in by these parameters, as an SQLSTATE: "28P01" for a wrong
/// password. Empty when it has said nothing: it can't be reached, or there is something else at its
/// address. Connects once more, since neither SOCI nor libpq says it of a connection that failed.
std::string refusal_of_postgresql(const std::string& parameters);

}  // namespace espial::store
