#include "hub/store/reading_writer.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace espial::store {
namespace {

std::unique_ptr<SqliteStatement> prepare_insert(soci::session& session, std::size_t rows) {
  std::string text =
      "INSERT INTO recent (arrival, device, slot, field, taken_at_ms, number, text) VALUES ";
  for (std::size_t i = 0; i < rows; ++i) text += i == 0 ? "(?,?,?,?,?,?,?)" : ",(?,?,?,?,?,?,?)";
  return std::make_unique<SqliteStatement>(session, text);
}

}  // namespace

void ReadingWriter::write(soci::session& session) {
  if (!insert_) {
    insert_ = prepare_insert(session, 1);
    insert_many_ = prepare_insert(session, kRowsAtOnce);
  }
  for (const Reading* const reading : added_) check_device(session, reading->device);
  const auto repeated = std::stable_partition(
      added_.begin(), added_.end(), [](const Reading* reading) { return reading->arrival == 0; });
  std::span<const Reading* const> to_insert(added_.begin(), repeated);
  while (!to_insert.empty()) {
    const std::size_t count = to_insert.size() >= kRowsAtOnce ? kRowsAtOnce : 1;
    insert(to_insert.first(count), count == 1 ? *insert_ : *insert_many_);
    to_insert = to_insert.subspan(count);
  }
  std::for_each(repeated, added_.end(),
                [&](const Reading* reading) { sorter_.file_again(session, *reading); });
  added_.clear();
}

void ReadingWriter::check_device(soci::session& session, DeviceId device) {
  if (!known_devices_.insert(device.value).second) return;
  if (!find_device_) {
    find_device_ = std::make_unique<SqliteStatement>(session, "SELECT 1 FROM devices WHERE id = ?");
  }
  find_device_->begin(device.value);
  if (!find_device_->next()) {
    throw soci::sqlite3_soci_error("a reading of a device that is not known", SQLITE_CONSTRAINT);
  }
  find_device_->reset();
}

void ReadingWriter::insert(std::span<const Reading* const> readings, SqliteStatement& statement) {
  statement.reset();
  int position = 0;
  const auto bind = [&](const auto& value) { statement.bind(++position, value); };
  for (const Reading* const reading : readings) {
    const auto entry = RecentRows::Entry::of(*reading, next_arrival());
    const ValueType type = entry.row.type;
    bind(entry.row.arrival);
    bind(reading->device.value);
    bind(reading->slot);
    bind(reading->field);
    bind(entry.row.taken_at_ms);
    bind(type == ValueType::number ? std::optional(entry.row.number) : std::nullopt);
    bind(type == ValueType::text ? std::optional<std::string_view>(reading->text) : std::nullopt);
    written_.push_back(entry);
  }
  statement.next();
}

void ReadingWriter::undo_to(std::size_t written) {
  known_devices_.clear();  // one of them may have been undone
  added_.clear();
  written_.resize(written);
}

void ReadingWriter::committed() {
  rows_.append(written_);
  next_arrival_ += written_.size();
  written_.clear();
}

}  // namespace espial::store
