#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hub/store/recent_rows.hpp"
#include "hub/store/sqlite_statement.hpp"

namespace espial::store {

/// A reading as a row of `recent`, of a day's table or of `latest`.
struct ReadingRow {
  RecentRows::Entry entry;
  std::optional<std::string_view> text;  ///< for ValueType::text
};

/// Inserts readings into one table, many with one run of a statement: most of what a run costs is
/// not its rows. Throws SOCI's errors.
class ReadingInserter {
 public:
  /// `on_conflict` ends the statement: "ON CONFLICT DO NOTHING", or nothing.
  ReadingInserter(soci::session& session, const std::string& table, const std::string& on_conflict);

  void insert(std::span<const ReadingRow> rows);

 private:
  static constexpr std::size_t kRowsAtOnce = 16;

  static std::string text_of(const std::string& table, const std::string& on_conflict,
                             std::size_t rows);

  SqliteStatement one_;
  SqliteStatement many_;
};

}  // namespace espial::store
