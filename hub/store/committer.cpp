#include "hub/store/committer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "hub/store/tidier.hpp"
#include "ports/linux/clock.hpp"

namespace espial::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLogInterval{10};
constexpr std::chrono::seconds kSilentWork{2};

struct Batch {
  std::vector<Unit> units;
  std::size_t bytes = 0;
  Clock::time_point begun;
};

std::size_t text_bytes(const Change& change) {
  return std::visit(
      [](const auto& record) -> std::size_t {
        using Record = std::decay_t<decltype(record)>;
        if constexpr (std::is_same_v<Record, Reading>) return record.text.size();
        if constexpr (std::is_same_v<Record, DeviceRecord>) {
          return record.name.size() + record.session_id.size() + record.firmware.size() +
                 record.chip.size();
        }
        if constexpr (std::is_same_v<Record, FunctionRecord>) return record.title.size();
        if constexpr (std::is_same_v<Record, StreamProgress>) return record.window.size();
        if constexpr (std::is_same_v<Record, EspialNode>) return record.wrapped.size();
        if constexpr (std::is_same_v<Record, EspialSession>) return record.wrapped.size();
        if constexpr (std::is_same_v<Record, CommandRecord>) return record.payload.size();
        if constexpr (std::is_same_v<Record, MetaRecord>) {
          return record.key.size() + record.value.size();
        }
        if constexpr (std::is_same_v<Record, Document>) {
          return record.collection.size() + record.name.size() + record.body.size();
        }
        if constexpr (std::is_same_v<Record, AuditRecord>) {
          return record.account.size() + record.action.size() + record.subject.size() +
                 record.detail.size();
        }
        return 0;
      },
      change);
}

std::size_t bytes_of(const Unit& unit) {
  std::size_t bytes = sizeof(Unit) + unit.changes.size() * sizeof(Change);
  for (const Change& change : unit.changes) bytes += text_bytes(change);
  return bytes;
}

/// `refused` holds ascending indices.
void complete(std::vector<Unit>& units, const std::vector<std::size_t>& refused) {
  auto next = refused.begin();
  for (std::size_t i = 0; i < units.size(); ++i) {
    const bool is_refused = next != refused.end() && *next == i;
    if (is_refused) ++next;
    if (units[i].completion) {
      units[i].completion(is_refused ? Verdict::refused : Verdict::stored);
    }
  }
}

}  // namespace

class Committer::Impl {
 public:
  Impl(Store& store, boost::asio::io_context& executor, CommitterOptions options)
      : store_(store), executor_(executor), options_(options), writer_([this] { run(); }) {}

  bool submit(Unit&& unit) {
    const std::size_t bytes = bytes_of(unit);
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || counters_.backlog_units >= options_.max_backlog_units ||
          counters_.backlog_bytes + bytes > options_.max_backlog_bytes) {
        ++counters_.units_turned_away;
        return false;
      }
      const bool idle = queue_.empty();
      if (idle || queue_.back().units.size() >= options_.max_units_per_commit) {
        queue_.emplace_back().begun = Clock::now();
      }
      if (options_.unsafe_complete_before_commit) complete_now(unit);
      Batch& batch = queue_.back();
      batch.units.push_back(std::move(unit));
      batch.bytes += bytes;
      ++counters_.backlog_units;
      counters_.backlog_bytes += bytes;
      wake = idle || batch.units.size() == options_.max_units_per_commit;
    }
    if (wake) changed_.notify_one();
    return true;
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      if (!stopping_) {
        stopping_ = true;
        give_up_at_ = Clock::now() + std::chrono::milliseconds(options_.stop_timeout_ms);
      }
    }
    changed_.notify_one();
    if (writer_.joinable()) writer_.join();
  }

  CommitterCounters counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
  }

 private:
  void run() {
    if (!options_.discard) {
      tidier_.emplace(store_, unix_now, [this](const Tidying& tidying) { note(tidying); });
    }
    commit_all();
    tidier_.reset();
  }

  void commit_all() {
    Batch batch;
    while (take(batch)) {
      std::vector<std::size_t> refused;
      if (!commit(batch, refused)) {
        abandon(batch);
        return;
      }
      settle(batch, refused);
      post(std::move(batch.units), std::move(refused));
      batch = {};
      if (tidier_) tidier_->after_commit();
    }
  }

  /// A piece of the store's own work.
  void note(const Tidying& tidying) {
    const bool failed = tidying.error != StoreError::none;
    if (failed) {
      log_limited(tidying_logged_at_, [&] {
        spdlog::warn("store: readings can't be sorted, which loses nothing: {} ({})",
                     to_text(tidying.error), store_.last_error_text());
      });
    }
    const std::lock_guard lock(mutex_);
    counters_.readings_sorted += tidying.readings_sorted;
    counters_.recent_readings = tidying.recent_readings;
    counters_.days_to_roll_up = tidying.days_to_roll_up;
    counters_.days_to_prune = tidying.days_to_prune;
    if (failed) ++counters_.tidyings_failed;
    show_progress(tidying);
  }

  /// Work that goes on for longer than kSilentWork is told of now and then.
  void show_progress(const Tidying& tidying) {
    const auto now = Clock::now();
    if (!tidying.more) {
      if (is_work_told_) spdlog::info("store: everything is sorted and summed up");
      is_work_told_ = false;
      work_begun_at_.reset();
      return;
    }
    if (!work_begun_at_) work_begun_at_ = now;
    if (now - *work_begun_at_ < kSilentWork) return;
    is_work_told_ = true;
    log_limited(work_logged_at_, [&] {
      spdlog::info(
          "store: tidying up: {} readings to sort, {} days to sum up, {} days to clear of old "
          "readings",
          tidying.recent_readings, tidying.days_to_roll_up, tidying.days_to_prune);
    });
  }

  bool is_idle() const {
    const std::lock_guard lock(mutex_);
    return queue_.empty() && !stopping_;
  }

  /// Waits for a batch that is full or old enough. False when there is none and none will come.
  bool take(Batch& batch) {
    while (tidier_ && is_idle() && tidier_->at_leisure()) {
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    if (queue_.empty()) return false;
    const auto due = queue_.front().begun + std::chrono::milliseconds(options_.gather_ms);
    changed_.wait_until(lock, due, [this] {
      return stopping_ || queue_.front().units.size() >= options_.max_units_per_commit;
    });
    batch = std::move(queue_.front());
    queue_.pop_front();
    return true;
  }

  /// Tries until it succeeds. False when `stop` has no more patience.
  bool commit(const Batch& batch, std::vector<std::size_t>& refused) {
    if (options_.discard) return true;
    std::vector<const Changes*> changes;
    changes.reserve(batch.units.size());
    for (const Unit& unit : batch.units) changes.push_back(&unit.changes);
    int delay_ms = options_.retry_delay_ms;
    for (;;) {
      const StoreError error = store_.apply(changes, refused);
      if (error == StoreError::none) return true;
      report(error);
      std::unique_lock lock(mutex_);
      ++counters_.commits_failed;
      counters_.last_error = error;
      if (stopping_ && Clock::now() >= give_up_at_) return false;
      // A `stop` during the pause cuts it short, and is the reason for one more try.
      const bool was_stopping = stopping_;
      changed_.wait_for(lock, std::chrono::milliseconds(delay_ms),
                        [&] { return stopping_ != was_stopping; });
      delay_ms = std::min(2 * delay_ms, options_.max_retry_delay_ms);
    }
  }

  void settle(const Batch& batch, const std::vector<std::size_t>& refused) {
    if (!refused.empty()) {
      log_limited(refused_logged_at_, [&] {
        spdlog::warn("store: {} of {} units refused, they break a rule of the database: {}",
                     refused.size(), batch.units.size(), store_.last_error_text());
      });
    }
    const std::lock_guard lock(mutex_);
    if (counters_.last_error != StoreError::none) {
      spdlog::info("store: works again, {} units were waiting", counters_.backlog_units);
      counters_.last_error = StoreError::none;
    }
    ++counters_.commits;
    counters_.units_refused += refused.size();
    counters_.units_stored += batch.units.size() - refused.size();
    forget(batch);
  }

  void abandon(const Batch& batch) {
    const std::lock_guard lock(mutex_);
    counters_.units_abandoned += counters_.backlog_units;
    spdlog::error("store: stopped with {} units not stored; they were not acknowledged",
                  counters_.backlog_units);
    forget(batch);
    for (const Batch& waiting : queue_) forget(waiting);
    queue_.clear();
  }

  void forget(const Batch& batch) {
    counters_.backlog_units -= batch.units.size();
    counters_.backlog_bytes -= batch.bytes;
  }

  /// The control that must lose.
  void complete_now(Unit& unit) {
    boost::asio::post(executor_, [completion = std::exchange(unit.completion, {})] {
      if (completion) completion(Verdict::stored);
    });
  }

  void post(std::vector<Unit>&& units, std::vector<std::size_t>&& refused) {
    boost::asio::post(executor_,
                      [units = std::move(units), refused = std::move(refused)]() mutable {
                        complete(units, refused);
                      });
  }

  void report(StoreError error) {
    log_limited(error_logged_at_, [&] {
      spdlog::error("store: nothing can be stored or acknowledged: {} ({})", to_text(error),
                    store_.last_error_text());
    });
  }

  template <typename Log>
  static void log_limited(Clock::time_point& logged_at, Log&& log) {
    const auto now = Clock::now();
    if (logged_at != Clock::time_point{} && now - logged_at < kLogInterval) return;
    logged_at = now;
    log();
  }

  Store& store_;
  boost::asio::io_context& executor_;
  const CommitterOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> queue_;
  CommitterCounters counters_;
  bool stopping_ = false;
  Clock::time_point give_up_at_;

  std::optional<Tidier> tidier_;  // used by the writer's thread
  Clock::time_point tidying_logged_at_;
  std::optional<Clock::time_point> work_begun_at_;
  Clock::time_point work_logged_at_;
  bool is_work_told_ = false;
  Clock::time_point error_logged_at_;
  Clock::time_point refused_logged_at_;

  std::thread writer_;  // last: it uses all of the above
};

Committer::Committer(Store& store, boost::asio::io_context& executor, CommitterOptions options)
    : impl_(std::make_unique<Impl>(store, executor, options)) {}

Committer::~Committer() { stop(); }

bool Committer::submit(Unit&& unit) { return impl_->submit(std::move(unit)); }

void Committer::stop() { impl_->stop(); }

CommitterCounters Committer::counters() const { return impl_->counters(); }

}  // namespace espial::store
