#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hub/features/dispobox/boxes.hpp"

namespace espial::dispobox {

/// One change, as S1's applications read it.
struct TableRow {
  std::string time;  ///< by the site's clocks, "2026-11-21 17:46:05"
  std::uint8_t changed = 0;
  std::vector<BoxView> boxes;        ///< all of them as they were then
  std::vector<std::uint8_t> gone{};  ///< that were there before, and have no state any more
};

struct TableCounters {
  std::uint64_t written = 0;
  std::uint64_t dropped = 0;  ///< the oldest, when the database was away for too long
  std::uint64_t refused = 0;  ///< by the tables, in whole or in part
  std::uint64_t failures = 0;
  std::size_t backlog = 0;
  std::string last_error;  ///< the database's words; empty after the next success
};

/// The tables that S1's applications read straight from MariaDB or MySQL:
///
///     current_state(id, name, state)                      a row for each box; 0 is the system;
///                                                         none for one that is gone
///     stats(id, time, `0`, `41`..`48`, `61`..`68`)        a row for each change, with all boxes
///
/// Missing tables are made, and missing columns of `stats` added; those that are there are used as
/// they are. A thread of its own does all this, so that a database that hangs holds up nobody.
///   1. While the database is away rows wait, at most `max_backlog`; then the oldest go, counted.
///   2. What the tables themselves refuse (a name too long for S1's own column) is left out of them
///      and counted; the log has the reason, once. Nothing waits for it.
///   3. After every connection `current_state` is written in full, whatever was dropped.
///   4. A row whose confirmation was lost with the connection may be there twice.
class AppTables {
 public:
  struct Options {
    /// How to reach the database, in SOCI's words: "db=dispobox user=box password=... host=...".
    std::string connect;
    std::size_t max_backlog = 10'000;
    int retry_delay_ms = 500;
    int max_retry_delay_ms = 30'000;
  };

  explicit AppTables(Options options);
  /// Writes what waits, if the database answers at once.
  ~AppTables();
  AppTables(const AppTables&) = delete;
  AppTables& operator=(const AppTables&) = delete;

  /// Never blocks.
  void add(TableRow row);
  TableCounters counters() const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace espial::dispobox
