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
    const auto& entry = written_.emplace_back(RecentRows::Entry::of(*reading, next_arrival()));
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
  if (!known_devices_.insert(device.value).second) return;
  if (!find_device_) {
    find_device_ = connection.prepare("SELECT 1 FROM devices WHERE id = ?");
  }
  find_device_->begin(device.value);
  if (!find_device_->next()) {
    throw RuleBroken("a reading of a device that is not known");
  }
  find_device_->reset();
}

void ReadingWriter::undo_to(Mark mark) {
  known_devices_.clear();  // one of them may have been undone
  added_.clear();
  to_erase_.clear();
  written_.resize(mark.written);
  erased_.resize(mark.erased);
}

void ReadingWriter::committed() {
  rows_.append(written_);
  for (const DeviceId device : erased_) rows_.forget(device);
  next_arrival_ += written_.size();
  sorter_.filed_committed();
  written_.clear();
  erased_.clear();
}

}  // namespace espial::store
