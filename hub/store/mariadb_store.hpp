#pragma once

#include <memory>

#include "hub/store/connection.hpp"
#include "hub/store/server_address.hpp"
#include "hub/store/sorter_limits.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

/// A store in a database of a MariaDB (or MySQL) server. One program at a time writes to it:
/// another one is told StoreError::locked.
std::unique_ptr<Store> make_mariadb_store(ServerAddress address, SorterLimits sorting = {});

Connector make_mariadb_connector(ServerAddress address);

}  // namespace espial::store
