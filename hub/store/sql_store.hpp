#pragma once

#include <functional>
#include <memory>

#include "hub/store/connection.hpp"
#include "hub/store/sorter_limits.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

/// Makes a connection, for writing or for reading only. Throws SOCI's errors. Any thread.
using Connector = std::function<std::unique_ptr<Connection>(bool for_writing)>;

/// A store in an SQL database of any engine. When the connection is lost (StoreError::away), the
/// next call makes a new one.
std::unique_ptr<Store> make_sql_store(Connector connect, SorterLimits sorting);

/// A reader that connects when it is first used, and again when the connection is lost. `recent` is
/// what the store's thread keeps up to date.
std::unique_ptr<Reader> make_sql_reader(Connector connect,
                                        std::shared_ptr<const RecentRows> recent);

}  // namespace espial::store
