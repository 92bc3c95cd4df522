#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "hub/store/sorter_limits.hpp"
#include "hub/store/store.hpp"

namespace espial::store {

struct SqliteOptions {
  std::filesystem::path file;
  /// How long a statement waits for another program's lock before StoreError::locked.
  int busy_timeout_ms = 1'000;
  /// The database may grow to this many pages (of 4 096 bytes); 0: to SQLite's own limit.
  std::int64_t max_pages = 0;
  SorterLimits sorting = {};
};

/// A store in one SQLite file: write-ahead log, synchronous FULL, so what `apply` returned from
/// survives a power cut.
std::unique_ptr<Store> make_sqlite_store(SqliteOptions options);

}  // namespace espial::store
