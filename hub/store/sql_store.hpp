#pragma once

#include <memory>
#include <string>

#include "hub/store/audit_limits.hpp"
#include "hub/store/connection.hpp"
#include "hub/store/sorter_limits.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

/// A store in an SQL database of any engine. When the connection is lost (StoreError::away), the
/// next call makes a new one.
std::unique_ptr<Store> make_sql_store(Connector connect, SorterLimits sorting,
                                      AuditLimits audit = {});

/// A reader that connects when it is first used, and again when the connection is lost. `recent` is
/// what the store's thread keeps up to date.
std::unique_ptr<Reader> make_sql_reader(Connector connect,
                                        std::shared_ptr<const RecentRows> recent);

/// A reader of what is there now, without a store and beside whoever writes. nullptr, and a
/// sentence in `problem`, when the database can't be read.
std::unique_ptr<Reader> open_for_reading(const Connector& connect, Snapshot& snapshot,
                                         std::string& problem);

}  // namespace espial::store
