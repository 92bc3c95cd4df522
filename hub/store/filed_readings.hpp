#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>

#include "hub/store/connection.hpp"

namespace espial::store {

/// The readings that are in their place: in the table of their day, in the order in which they are
/// read. `latest` holds the newest one of every series, so that a start need not search for it.
/// Throws SOCI's errors; after one, or a transaction that was undone, `forget`.
class FiledReadings {
 public:
  /// Puts readings, in order of day, into the tables of their days, which it makes if need be. What
  /// is there already is dropped.
  void file(Connection& connection, std::span<const ReadingRow> rows);
  /// Puts readings into `latest` where they are newer than the one there. Refuses (constraint) one
  /// of a device that is not known.
  void note_newest(Connection& connection, std::span<const ReadingRow> rows);
  /// Drops all prepared statements.
  void forget();

 private:
  ReadingInserter& table_of(Connection& connection, std::int64_t day);

  std::map<std::int64_t, std::unique_ptr<ReadingInserter>> days_;
  std::unique_ptr<ReadingInserter> latest_;
};

}  // namespace espial::store
