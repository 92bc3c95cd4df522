#include "hub/store/reading_inserter.hpp"

namespace espial::store {

ReadingInserter::ReadingInserter(soci::session& session, const std::string& table,
                                 const std::string& on_conflict)
    : one_(session, text_of(table, on_conflict, 1)),
      many_(session, text_of(table, on_conflict, kRowsAtOnce)) {}

std::string ReadingInserter::text_of(const std::string& table, const std::string& on_conflict,
                                     std::size_t rows) {
  std::string text =
      "INSERT INTO " + table + " (device, slot, field, taken_at_ms, arrival, number, text) VALUES ";
  for (std::size_t i = 0; i < rows; ++i) text += i == 0 ? "(?,?,?,?,?,?,?)" : ",(?,?,?,?,?,?,?)";
  return text + " " + on_conflict;
}

void ReadingInserter::insert(std::span<const ReadingRow> rows) {
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
