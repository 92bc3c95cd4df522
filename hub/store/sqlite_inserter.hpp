#pragma once

#include <span>
#include <string>

#include "hub/store/connection.hpp"
#include "hub/store/sqlite_statement.hpp"

namespace espial::store {

/// Inserts many readings with one run of a statement: most of what a run costs is not its rows.
class SqliteInserter final : public ReadingInserter {
 public:
  SqliteInserter(soci::session& session, const std::string& table, IfThere if_there);

  void insert(std::span<const ReadingRow> rows) override;

 private:
  SqliteStatement one_;
  SqliteStatement many_;
};

}  // namespace espial::store
