#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

#include "hub/store/connection.hpp"
#include "hub/store/recent_rows.hpp"
#include "hub/store/sorter.hpp"

namespace espial::store {

/// Appends readings to the table `recent`, and to the rows in memory once they are committed.
/// Whether a reading's device is known is looked up once a device, at first of all together: a
/// foreign key would be once a reading, for a quarter of the whole cost. Devices are never removed.
class ReadingWriter {
 public:
  ReadingWriter(RecentRows& rows, Sorter& sorter, std::uint64_t next_arrival)
      : rows_(rows), sorter_(sorter), next_arrival_(next_arrival) {}

  /// `reading` must live until `write` or `undo_to`.
  void add(const Reading& reading) { added_.push_back(&reading); }
  /// `write` deletes all readings of the device, those that it writes included.
  void erase(DeviceId device) { to_erase_.push_back(device); }
  /// Writes what was added, each with the next number of arrival. Those that bring their own were
  /// stored before: they go where they are to be at once, unless they are there. Throws SOCI's
  /// errors, among them a broken constraint when a device is not known.
  void write(Connection& connection);

  /// What was done since the last commit.
  struct Mark {
    std::size_t written = 0;
    std::size_t erased = 0;
  };
  Mark mark() const { return {written_.size(), erased_.size()}; }
  /// Forgets what was added, and what was done after `mark`.
  void undo_to(Mark mark);
  void committed();

  /// Everything that arrived before this one is committed, and among the rows. Any thread.
  std::uint64_t next_arrival() const { return next_arrival_; }

 private:
  void check_device(Connection& connection, DeviceId device);

  RecentRows& rows_;
  Sorter& sorter_;
  std::unique_ptr<ReadingInserter> recent_;
  bool has_listed_ = false;                          // all devices, at least once
  std::unordered_set<std::uint32_t> known_devices_;  // committed
  std::unordered_set<std::uint32_t> new_devices_;    // seen in this transaction
  std::vector<const Reading*> added_;
  std::vector<DeviceId> to_erase_;
  std::vector<ReadingRow> to_insert_;  // of one `write`; kept for its memory
  std::vector<RecentRows::Entry> written_;
  std::vector<DeviceId> erased_;
  std::atomic<std::uint64_t> next_arrival_;  // of the first one in written_
};

}  // namespace espial::store
