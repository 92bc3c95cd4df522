#pragma once

#include <memory>

#include "hub/store/connection.hpp"
#include "hub/store/sqlite_store.hpp"

namespace espial::store {

/// Opens a connection to the file, for writing or for reading only. Throws SOCI's errors.
std::unique_ptr<Connection> connect_sqlite(const SqliteOptions& options, Purpose purpose);

}  // namespace espial::store
