#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "hub/store/changes.hpp"
#include "hub/store/store.hpp"

namespace boost::asio {
class io_context;
}

namespace espial::store {

/// What became of a unit.
enum class Verdict : std::uint8_t {
  stored,   ///< on disk
  refused,  ///< broke a rule of the schema: nothing of it is stored, and it never will be
};

/// Changes that are stored together or not at all, and what to do afterwards. The completion runs
/// on the io_context's thread; empty: nothing.
struct Unit {
  Changes changes;
  std::function<void(Verdict)> completion;
};

struct CommitterOptions {
  std::size_t max_units_per_commit = 2'000;
  /// The oldest waiting unit waits at most this long for company. A commit costs about as much as
  /// the rows of a hundred readings, most of it in the kernel.
  int gather_ms = 10;
  std::size_t max_backlog_units = 65'536;
  std::size_t max_backlog_bytes = 16 * 1024 * 1024;
  /// After a failed commit: the first pause, doubled up to the longest.
  int retry_delay_ms = 20;
  int max_retry_delay_ms = 2'000;
  /// How long `stop` goes on trying to commit before it gives up what is left.
  int stop_timeout_ms = 5'000;
  /// For tests and bench only, the control that must lose: completes units as they come.
  bool unsafe_complete_before_commit = false;
  /// For bench only: same grouping, but nothing is written.
  bool discard = false;
};

/// What happened since the start.
struct CommitterCounters {
  std::uint64_t units_stored = 0;
  std::uint64_t units_refused = 0;      ///< Verdict::refused
  std::uint64_t units_turned_away = 0;  ///< `submit` said no: backlog full, or stopped
  std::uint64_t units_abandoned = 0;    ///< given up by `stop`; their completions never ran
  std::uint64_t commits = 0;
  std::uint64_t commits_failed = 0;
  std::uint64_t readings_sorted = 0;
  std::uint64_t tidyings_failed = 0;
  std::uint64_t recent_readings = 0;  ///< those not yet sorted
  std::uint64_t days_to_roll_up = 0;  ///< as Tidying has it
  std::uint64_t days_to_prune = 0;    ///< as Tidying has it
  std::size_t backlog_units = 0;
  std::size_t backlog_bytes = 0;
  StoreError last_error = StoreError::none;  ///< none again after the next good commit
};

/// Writes to the store from one thread of its own, many units to a transaction.
///   1. Completions run in the order of submission, and only after the commit that holds them.
///   2. A commit that fails (locked, full, I/O) is tried again with growing pauses until it
///      succeeds; nothing completes meanwhile; the log says what to do, at most every ten seconds.
///   3. A unit that breaks a rule of the schema is left out, counted and completed as refused; the
///      others of its batch are stored.
///   4. A full backlog refuses the unit: whoever submitted it must not acknowledge it.
///   5. After each commit, and on and on while nothing is queued, the store gets to tidy up a
///   piece; beside the commits where it can (Tidier).
class Committer {
 public:
  /// `store` must be open, and is the committer's alone until it is stopped. `executor` must
  /// outlive the committer.
  Committer(Store& store, boost::asio::io_context& executor, CommitterOptions options = {});
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// Queues a unit; any thread. False when the backlog is full or the committer stopped: then the
  /// unit is untouched and its completion will not run.
  [[nodiscard]] bool submit(Unit&& unit);

  /// Commits what is queued, posts the completions and ends the thread. Idempotent.
  void stop();

  CommitterCounters counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace espial::store
