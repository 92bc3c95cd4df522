#include "hub/store/sqlite_inserter.hpp"

#include <cstddef>
#include <optional>

namespace espial::store {
namespace {

constexpr std::size_t kRowsAtOnce = 16;

std::string text_of(const std::string& table, IfThere if_there, std::size_t rows) {
  std::string text = "INSERT INTO " + table + " " + kReadingColumns + " VALUES ";
  for (std::size_t i = 0; i < rows; ++i) text += i == 0 ? "(?,?,?,?,?,?,?)" : ",(?,?,?,?,?,?,?)";
  return text.append(insertion_rule(kSqlite, if_there));
}

}  // namespace

SqliteInserter::SqliteInserter(soci::session& session, const std::string& table, IfThere if_there)
    : one_(session, text_of(table, if_there, 1)),
      many_(session, text_of(table, if_there, kRowsAtOnce)) {}

void SqliteInserter::insert(std::span<const ReadingRow> rows) {
  while (!rows.empty()) {
    const std::size_t count = rows.size() >= kRowsAtOnce ? kRowsAtOnce : 1;
    SqliteStatement& statement = count == 1 ? one_ : many_;
    statement.reset();
    int position = 0;
    const auto bind = [&](const auto& value) { statement.bind(++position, value); };
    for (const auto& [entry, text] : rows.first(count)) {
      const auto& [series, row] = entry;
      bind(series.device().value);
      bind(series.slot());
      bind(series.field());
      bind(row.taken_at_ms);
      bind(row.arrival);
      bind(row.type == ValueType::number ? std::optional(row.number) : std::nullopt);
      bind(text);
    }
    statement.next();
    rows = rows.subspan(count);
  }
}

}  // namespace espial::store
