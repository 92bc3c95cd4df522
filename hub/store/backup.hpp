#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "hub/store/store_address.hpp"

namespace espial::store {

/// A backup is an SQLite database of the same schema, whatever the engine: it is also the way from
/// one engine to another. What it holds of keys is wrapped by a key that it does not hold.
struct BackupResult {
  StoreError error = StoreError::none;
  std::string problem;     ///< for people; empty when all went well
  std::uint64_t rows = 0;  ///< copied one by one; none from SQLite to SQLite
};

/// Called often with how far it is, for people: "20000 rows, recent", "12 of 40 MB". Must not
/// throw.
using BackupProgress = std::function<void(const std::string& text)>;

/// Writes everything, as it is at one moment, to a new file that only its owner may read (mode
/// 0600); a hub may run meanwhile. `file` appears when it is complete.
BackupResult back_up(const StoreAddress& from, const std::filesystem::path& file,
                     const BackupProgress& progress = {});

/// Fills a database that has nothing in it yet from a backup of this version or an earlier one.
/// Sessions with modules are left out: their counters have gone on since, and must never be used
/// twice. The modules resume by themselves, and their commands are numbered from the present time
/// on, past those they had since. So are the documents of the collections `left_out`,
/// what may have ended since. A new SQLite file has mode 0600.
BackupResult restore(const std::filesystem::path& file, const StoreAddress& to,
                     const std::vector<std::string>& left_out = {},
                     const BackupProgress& progress = {});

}  // namespace espial::store
