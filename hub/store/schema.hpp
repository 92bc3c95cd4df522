#pragma once

#include "hub/store/connection.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

/// Brings the schema forward to kSchemaVersion. Throws SOCI's errors.
/// @retval StoreError::too_new  written by a later version
/// @retval StoreError::corrupt  a database of something else
StoreError migrate(Connection& connection);

}  // namespace espial::store
