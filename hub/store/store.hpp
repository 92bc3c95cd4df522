#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub/store/changes.hpp"
#include "hub/store/retention.hpp"

namespace espial::store {

inline constexpr std::uint32_t kSchemaVersion = 5;
inline constexpr std::size_t kMaxHistoryPoints = 10'000;

/// Why the store could not.
enum class [[nodiscard]] StoreError : std::uint8_t{
    none,
    locked,      ///< another program holds the database; try again
    away,        ///< the database's server can't be reached; try again
    denied,      ///< the database's server refuses us; try again
    untrusted,   ///< the database's server does not prove who it is; try again
    full,        ///< no space left; try again when there is
    io,          ///< the disk or the connection failed; try again
    read_only,   ///< no right to write
    corrupt,     ///< not a database, or a damaged one
    too_new,     ///< written by a later version of Espial
    constraint,  ///< a change breaks a rule of the schema
    not_open,   other,
};

/// One short sentence for a person, saying what to do.
std::string_view to_text(StoreError error);

/// One point of a curve. Where more readings lie in the range than points were asked for, a point
/// stands for all numbers of an equal part of the range.
struct HistoryPoint {
  UnixTime at{};  ///< of the reading, or of the first one of the part
  ValueType type = ValueType::none;
  double number = 0;   ///< the reading, or the mean
  double lowest = 0;   ///< equal to `number` for a single reading
  double highest = 0;  ///< likewise
  std::uint32_t count = 0;
  std::string text;
};

struct History {
  StoreError error = StoreError::none;
  std::uint64_t readings = 0;  ///< how many lie in the range
  std::vector<HistoryPoint> points;
};

/// How much there is.
struct StoreCounts {
  StoreError error = StoreError::none;
  std::uint64_t devices = 0;
  std::uint64_t readings = 0;
  std::uint64_t commands = 0;
};

/// What a call of `Store::tidy` did, and what there is.
struct Tidying {
  StoreError error = StoreError::none;
  bool more = false;                  ///< there is more to do now
  std::uint64_t readings_sorted = 0;  ///< moved to where they stay
  std::uint64_t recent_readings = 0;  ///< not yet moved
  std::uint64_t day_tables = 0;       ///< days whose readings have a table
  std::uint64_t days_to_roll_up = 0;  ///< days that are over, and not yet summed up by hour and day
  std::uint64_t days_to_prune = 0;    ///< days from which old readings are to be removed
};

/// Reads what is committed, over a connection of its own: never blocks the writer and is never
/// blocked by it. One thread at a time, any thread; while the store is open.
class Reader {
 public:
  virtual ~Reader() = default;

  /// The readings of one field with from <= taken_at < to, in order of time, at most
  /// `max_points` points (1..kMaxHistoryPoints). Texts are not averaged: the newest stay.
  virtual History history(DeviceId device, std::uint8_t slot, std::uint8_t field, UnixTime from,
                          UnixTime to, std::size_t max_points) = 0;
  /// The same readings one by one, however many they are: `each` is called with every one.
  virtual StoreError readings(DeviceId device, std::uint8_t slot, std::uint8_t field, UnixTime from,
                              UnixTime to, const std::function<void(const Reading&)>& each) = 0;
  /// Counts all rows; takes time in proportion to them.
  virtual StoreCounts counts() = 0;
  /// The newest commands of a device, newest first, at most `limit`.
  virtual StoreError commands(DeviceId device, std::size_t limit,
                              std::vector<CommandRecord>& commands) = 0;
  /// The newest records of the audit log, newest first, at most `limit`.
  virtual StoreError audit(std::size_t limit, std::vector<AuditRecord>& records) = 0;
};

/// Where everything is kept. Used by one thread at a time, but see `tidies_beside`; nothing here
/// throws.
class Store {
 public:
  virtual ~Store() = default;

  /// For how long readings stay; for good unless this is said. Before `open`.
  virtual void keep(Retention retention) = 0;

  /// Opens, and brings an older schema forward one version after the other, each in one
  /// transaction. A newer schema is refused (too_new) and left alone.
  virtual StoreError open() = 0;
  virtual void close() = 0;

  /// Everything needed to go on after a restart.
  virtual StoreError load(Snapshot& snapshot) = 0;

  /// Writes all units in one transaction; on return it is on disk, or nothing is.
  /// `refused` gets the indices of the units that break a rule of the schema, in ascending order:
  /// these are left out whole and the others written.
  /// After an error the same units are to be given again: a server that was lost in the middle of
  /// a commit may have them already, and only the next call finds out.
  virtual StoreError apply(std::span<const Changes* const> units,
                           std::vector<std::size_t>& refused) = 0;

  /// A short piece of what keeps writing and reading quick as the database grows: what was written
  /// in order of arrival is brought into the order in which it is read. To be called between two
  /// writes; `at_leisure`: nobody waits, so the piece may be longer. Costs next to nothing when
  /// there is nothing to do. After an error nothing has changed and it may be called again.
  virtual Tidying tidy(UnixTime now, bool at_leisure) = 0;

  /// Whether `tidy` may be called by another thread while `apply` runs: the engine then works on
  /// two cores. Once it is open.
  virtual bool tidies_beside() const { return false; }

  /// nullptr when the database can't be opened.
  virtual std::unique_ptr<Reader> open_reader() = 0;

  /// The engine's own words about the last error. Any thread.
  virtual std::string last_error_text() const = 0;
};

}  // namespace espial::store
