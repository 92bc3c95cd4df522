#include "hub/store/sqlite_store.hpp"

#include <utility>

#include "hub/store/sql_store.hpp"
#include "hub/store/sqlite_connection.hpp"

namespace espial::store {

std::unique_ptr<Store> make_sqlite_store(SqliteOptions options) {
  const SorterLimits sorting = options.sorting;
  return make_sql_store(
      [options = std::move(options)](Purpose purpose) { return connect_sqlite(options, purpose); },
      sorting);
}

}  // namespace espial::store
