#pragma once

#include <memory>

#include "hub/store/recent_rows.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sqlite_store.hpp"

namespace espial::store {

/// Opens a connection to the file, for writing or for reading only. Throws SOCI's errors.
std::unique_ptr<soci::session> connect_sqlite(const SqliteOptions& options, bool for_writing);

/// A reader over a connection of its own; `recent` is what the store's thread keeps up to date.
std::unique_ptr<Reader> make_sqlite_reader(std::unique_ptr<soci::session> session,
                                           std::shared_ptr<const RecentRows> recent);

}  // namespace espial::store
