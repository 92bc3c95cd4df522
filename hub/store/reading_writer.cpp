#include "hub/store/reading_writer.hpp"

#include <optional>

#include "hub/store/soci_support.hpp"

namespace espial::store {

void ReadingWriter::write(Connection& connection) {
  if (!recent_) recent_ = connection.inserter("recent", IfThere::refuse);
  to_insert_.clear();
  for (const Reading* const reading : added_) {
    check_device(connection, reading->device);
    if (reading->arrival != 0) {
      sorter_.file_again(connection, *reading);
      continue;
    }
    const auto& entry =
        written_.emplace_back(RecentRows::Entry::of(*reading, next_arrival_ + written_.size()));
    ReadingRow& row = to_insert_.emplace_back(ReadingRow{entry, std::nullopt});
    if (reading->type == ValueType::text) row.text = reading->text;
  }
  recent_->insert(to_insert_);
  added_.clear();
  for (const DeviceId device : to_erase_) sorter_.erase(connection, device);
  erased_.insert(erased_.end(), to_erase_.begin(), to_erase_.end());
  to_erase_.clear();
}

void ReadingWriter::check_device(Connection& connection, DeviceId device) {
  const auto is_known = [&] {
    return known_devices_.count(device.value) + new_devices_.count(device.value) > 0;
  };
  if (is_known()) return;
  // At first all of them at once: a server is far away.
  const auto query = connection.prepare(has_listed_ ? "SELECT id FROM devices WHERE id = ?"
                                                    : "SELECT id FROM devices");
  has_listed_ ? query->begin(device.value) : query->begin();
  while (query->next()) new_devices_.insert(static_cast<std::uint32_t>(query->integer(0)));
  has_listed_ = true;
  if (!is_known()) throw RuleBroken("a reading of a device that is not known");
}

void ReadingWriter::undo_to(Mark mark) {
  // One of them may have been undone.
  if (known_devices_.empty()) has_listed_ = false;
  new_devices_.clear();
  added_.clear();
  to_erase_.clear();
  written_.resize(mark.written);
  erased_.resize(mark.erased);
}

void ReadingWriter::committed() {
  rows_.append(written_);
  for (const DeviceId device : erased_) rows_.forget(device);
  next_arrival_ += written_.size();
  written_.clear();
  known_devices_.merge(new_devices_);
  new_devices_.clear();
  erased_.clear();
}

}  // namespace espial::store
