#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "hub/store/recent_rows.hpp"
#include "hub/store/sqlite_statement.hpp"

namespace espial::store {

/// The readings that are in their place: in the table of their day, in the order in which they are
/// read. `latest` holds the newest one of every series, so that a start need not search for it.
/// Throws SOCI's errors; after one, or a transaction that was undone, `forget`.
class FiledReadings {
 public:
  using Entry = RecentRows::Entry;
  using Text = std::optional<std::string_view>;

  /// Puts a reading into its day's table, which it makes if need be. The same one again is dropped.
  void file(soci::session& session, const Entry& entry, const Text& text);
  /// Puts a reading into `latest` if it is newer than the one there. Refuses (constraint) one of a
  /// device that is not known.
  void note_newest(soci::session& session, const Entry& entry, const Text& text);
  /// Drops all prepared statements.
  void forget();

 private:
  std::map<std::int64_t, std::unique_ptr<SqliteStatement>> inserts_;  // by day
  std::unique_ptr<SqliteStatement> note_;
};

}  // namespace espial::store
