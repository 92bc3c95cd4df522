#pragma once

#include "hub/store/soci_support.hpp"

namespace espial::store {

/// Brings the schema forward to kSchemaVersion. Throws SOCI's errors.
/// @retval StoreError::too_new  written by a later version
/// @retval StoreError::corrupt  a database of something else
StoreError migrate_sqlite(soci::session& session);

}  // namespace espial::store
