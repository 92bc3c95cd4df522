#pragma once

#include <memory>

#include "hub/store/soci_support.hpp"
#include "hub/store/sqlite_store.hpp"

namespace espial::store {

/// Opens a connection to the file, for writing or for reading only. Throws SOCI's errors.
std::unique_ptr<soci::session> connect_sqlite(const SqliteOptions& options, bool for_writing);

/// A reader over a connection of its own.
std::unique_ptr<Reader> make_sqlite_reader(std::unique_ptr<soci::session> session);

}  // namespace espial::store
