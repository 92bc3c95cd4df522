#include "hub/store/reading_writer.hpp"

#include <optional>
#include <string_view>

namespace espial::store {

void ReadingWriter::write(soci::session& session) {
  if (!insert_ && !added_.empty()) {
    insert_ = std::make_unique<SqliteStatement>(
        session,
        "INSERT INTO recent (arrival, device, slot, field, taken_at_ms, number, text) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)");
  }
  for (const Reading* const reading : added_) {
    if (reading->arrival != 0) {
      sorter_.file_again(session, *reading);
      continue;
    }
    const auto& entry = written_.emplace_back(RecentRows::Entry::of(*reading, next_arrival()));
    const ValueType type = entry.row.type;
    insert_->run(
        entry.row.arrival, reading->device.value, reading->slot, reading->field,
        entry.row.taken_at_ms,
        type == ValueType::number ? std::optional(entry.row.number) : std::nullopt,
        type == ValueType::text ? std::optional<std::string_view>(reading->text) : std::nullopt);
  }
  added_.clear();
}

void ReadingWriter::undo_to(std::size_t written) {
  added_.clear();
  written_.resize(written);
}

void ReadingWriter::committed() {
  rows_.append(written_);
  next_arrival_ += written_.size();
  written_.clear();
}

}  // namespace espial::store
