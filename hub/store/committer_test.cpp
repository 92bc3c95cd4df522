#include "hub/store/committer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "hub/store/soci_support.hpp"
#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

using boost::asio::io_context;

/// Answers `apply` as told, and waits in it while the gate is closed.
class ScriptedStore : public Store {
 public:
  void keep(Retention) override {}
  StoreError open() override { return StoreError::none; }
  void close() override {}
  StoreError load(Snapshot&) override { return StoreError::none; }
  std::unique_ptr<Reader> open_reader() override { return nullptr; }
  std::string last_error_text() const override { return "scripted"; }

  Tidying tidy(UnixTime, bool at_leisure) override {
    const std::lock_guard lock(mutex_);
    tidied_.push_back(at_leisure);
    changed_.notify_all();
    Tidying tidying;
    tidying.readings_sorted = 10;
    tidying.recent_readings = 90;
    tidying.more = pieces_ > 0 && --pieces_ > 0;
    if (tidying_fails_) tidying.error = StoreError::full;
    return tidying;
  }
  StoreError apply(std::span<const Changes* const> units,
                   std::vector<std::size_t>& refused) override {
    std::unique_lock lock(mutex_);
    ++entered_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_gate_; });
    refused.clear();
    if (!answers_.empty()) {
      const StoreError answer = answers_.front();
      answers_.pop_front();
      if (answer != StoreError::none) return answer;
    }
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (units[i]->empty()) refused.push_back(i);
    }
    batches_.push_back(units.size());
    return StoreError::none;
  }

  void leave_untidy(int pieces, bool fails = false) {
    pieces_ = pieces;
    tidying_fails_ = fails;
  }
  /// `at_leisure` of each call, once there are so many.
  std::vector<bool> tidied(std::size_t times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return tidied_.size() >= times; });
    return tidied_;
  }

  void answer(std::deque<StoreError> answers) {
    const std::lock_guard lock(mutex_);
    answers_ = std::move(answers);
  }
  void set_gate(bool open_gate) {
    const std::lock_guard lock(mutex_);
    open_gate_ = open_gate;
    changed_.notify_all();
  }
  void wait_until_entered(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return entered_ >= times; });
  }
  std::vector<std::size_t> batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_gate_ = true;
  int entered_ = 0;
  std::deque<StoreError> answers_;
  std::vector<std::size_t> batches_;
  std::vector<bool> tidied_;
  int pieces_ = 0;
  bool tidying_fails_ = false;
};

struct Completion {
  int number;
  Verdict verdict;
};

class CommitterTest : public testing::Test {
 protected:
  void start(CommitterOptions options = {}) {
    options.retry_delay_ms = 1;
    options.max_retry_delay_ms = 2;
    committer_ = std::make_unique<Committer>(store_, io_, options);
  }
  bool submit(int number, bool poison = false) {
    Unit unit;
    if (!poison) unit.changes.push_back(number_reading(1, number, number));
    unit.completion = [this, number](Verdict verdict) { done_.push_back({number, verdict}); };
    return committer_->submit(std::move(unit));
  }
  /// Runs completions until there are `count`.
  void run_until(std::size_t count) {
    io_.restart();
    const auto guard = boost::asio::make_work_guard(io_);
    while (done_.size() < count) io_.run_one();
  }
  void expect_in_order(std::size_t count) {
    ASSERT_EQ(done_.size(), count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(done_[i].number, static_cast<int>(i));
  }

  ScriptedStore store_;
  io_context io_;
  std::vector<Completion> done_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterTest, TidiesAfterACommitAndOnWhileNothingIsQueued) {
  store_.leave_untidy(3);
  start();
  EXPECT_EQ(store_.tidied(3), (std::vector<bool>{true, true, true})) << "what the last run left";
  ASSERT_TRUE(submit(0));
  EXPECT_EQ(store_.tidied(4), (std::vector<bool>{true, true, true, false}));
  run_until(1);
  committer_->stop();
  EXPECT_EQ(store_.tidied(4).size(), 4u) << "nothing was left to do";
  EXPECT_EQ(committer_->counters().readings_sorted, 40u);
  EXPECT_EQ(committer_->counters().recent_readings, 90u);
  EXPECT_EQ(committer_->counters().tidyings_failed, 0u);
}

TEST_F(CommitterTest, CommitsWhenTidyingFails) {
  store_.leave_untidy(0, true);
  start();
  store_.tidied(1);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(submit(i));
    run_until(static_cast<std::size_t>(i) + 1);
  }
  committer_->stop();
  expect_in_order(3);
  EXPECT_EQ(committer_->counters().units_stored, 3u);
  EXPECT_EQ(committer_->counters().tidyings_failed, 4u) << "at the start and after each commit";
  EXPECT_EQ(committer_->counters().last_error, StoreError::none);
}

TEST_F(CommitterTest, DiscardsWithoutTidying) {
  start({.discard = true});
  ASSERT_TRUE(submit(0));
  run_until(1);
  committer_->stop();
  EXPECT_TRUE(store_.tidied(0).empty());
}

TEST_F(CommitterTest, CompletesInTheOrderOfSubmission) {
  start({.max_units_per_commit = 7});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(submit(i));
  run_until(100);
  expect_in_order(100);
  const CommitterCounters counters = committer_->counters();
  EXPECT_EQ(counters.units_stored, 100u);
  EXPECT_EQ(counters.commits, store_.batches().size());
  EXPECT_EQ(counters.backlog_units, 0u);
  EXPECT_EQ(counters.backlog_bytes, 0u);
}

TEST_F(CommitterTest, CompletesNothingBeforeTheCommit) {
  store_.set_gate(false);
  start();
  ASSERT_TRUE(submit(0));
  store_.wait_until_entered(1);
  EXPECT_EQ(io_.poll(), 0u);
  store_.set_gate(true);
  run_until(1);
  expect_in_order(1);
}

TEST_F(CommitterTest, GathersWhatComesDuringACommit) {
  store_.set_gate(false);
  start({.max_units_per_commit = 10, .gather_ms = 0});
  ASSERT_TRUE(submit(0));
  store_.wait_until_entered(1);
  for (int i = 1; i <= 25; ++i) ASSERT_TRUE(submit(i));
  store_.set_gate(true);
  run_until(26);
  EXPECT_EQ(store_.batches(), (std::vector<std::size_t>{1, 10, 10, 5}));
}

TEST_F(CommitterTest, TriesAgainUntilItSucceedsAndLosesNothing) {
  store_.answer({StoreError::locked, StoreError::full, StoreError::io, StoreError::none});
  start({.max_units_per_commit = 5});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(submit(i));
  run_until(20);
  expect_in_order(20);
  const CommitterCounters counters = committer_->counters();
  EXPECT_EQ(counters.commits_failed, 3u);
  EXPECT_EQ(counters.units_stored, 20u);
  EXPECT_EQ(counters.last_error, StoreError::none);
}

TEST_F(CommitterTest, CompletesARefusedUnitInItsPlace) {
  start();
  ASSERT_TRUE(submit(0));
  ASSERT_TRUE(submit(1, true));
  ASSERT_TRUE(submit(2));
  run_until(3);
  expect_in_order(3);
  EXPECT_EQ(done_[0].verdict, Verdict::stored);
  EXPECT_EQ(done_[1].verdict, Verdict::refused);
  EXPECT_EQ(done_[2].verdict, Verdict::stored);
  EXPECT_EQ(committer_->counters().units_refused, 1u);
  EXPECT_EQ(committer_->counters().units_stored, 2u);
}

TEST_F(CommitterTest, TurnsUnitsAwayWhenTheBacklogIsFull) {
  store_.set_gate(false);
  start({.max_backlog_units = 3});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(submit(i));
  EXPECT_FALSE(submit(3));
  EXPECT_EQ(committer_->counters().units_turned_away, 1u);
  store_.set_gate(true);
  run_until(3);
  ASSERT_TRUE(submit(3));
  run_until(4);
  expect_in_order(4);
}

TEST_F(CommitterTest, CountsTheBytesOfItsBacklog) {
  store_.set_gate(false);
  start({.max_backlog_bytes = 8'192});
  Unit small;
  small.changes.push_back(MetaRecord{"k", "v"});
  Unit big;
  big.changes.push_back(MetaRecord{"k", std::string(8'192, 'v')});
  EXPECT_TRUE(committer_->submit(std::move(small)));
  EXPECT_FALSE(committer_->submit(std::move(big)));
  EXPECT_EQ(std::get<MetaRecord>(big.changes.at(0)).value.size(), 8'192u) << "untouched";
  store_.set_gate(true);
}

TEST_F(CommitterTest, CommitsWhatIsQueuedWhenItStops) {
  start({.max_units_per_commit = 10, .gather_ms = 60'000});
  for (int i = 0; i < 25; ++i) ASSERT_TRUE(submit(i));
  committer_->stop();
  committer_->stop();
  EXPECT_FALSE(submit(25));
  io_.run();
  expect_in_order(25);
}

TEST_F(CommitterTest, GivesUpAtItsDeadlineWithoutCompleting) {
  store_.answer(std::deque<StoreError>(1'000, StoreError::full));
  start({.max_units_per_commit = 2, .stop_timeout_ms = 0});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(submit(i));
  committer_->stop();
  io_.run();
  EXPECT_TRUE(done_.empty());
  EXPECT_EQ(committer_->counters().units_abandoned, 5u);
  EXPECT_EQ(committer_->counters().backlog_units, 0u);
  EXPECT_EQ(committer_->counters().last_error, StoreError::full);
}

TEST_F(CommitterTest, TakesUnitsFromSeveralThreads) {
  start({.max_units_per_commit = 64});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 250; ++i) EXPECT_TRUE(submit(1'000 * t + i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  run_until(1'000);
  std::vector<int> next(4, 0);
  for (const Completion& completion : done_) {
    EXPECT_EQ(completion.number % 1'000,
              next[static_cast<std::size_t>(completion.number / 1'000)]++);
  }
}

TEST_F(CommitterTest, StoresNothingInDiscardMode) {
  start({.discard = true});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(submit(i));
  run_until(10);
  expect_in_order(10);
  EXPECT_TRUE(store_.batches().empty());
}

TEST_F(CommitterTest, TheUnsafeControlCompletesBeforeTheCommit) {
  store_.set_gate(false);
  start({.unsafe_complete_before_commit = true});
  ASSERT_TRUE(submit(0));
  run_until(1);
  expect_in_order(1);
  EXPECT_TRUE(store_.batches().empty());
  store_.set_gate(true);
  committer_->stop();
  EXPECT_EQ(store_.batches(), std::vector<std::size_t>{1}) << "and still writes it";
  io_.restart();
  io_.poll();
  expect_in_order(1);  // each completes only once
}

/// Waits for a count that another thread raises.
template <typename Reached>
void wait_for(Reached&& reached) {
  while (!reached()) std::this_thread::yield();
}

class CommitterOnSqlite : public testing::Test {
 protected:
  void start(std::int64_t max_pages, int stop_timeout_ms) {
    store_ =
        make_sqlite_store({.file = folder_.file(), .busy_timeout_ms = 1, .max_pages = max_pages});
    ASSERT_EQ(store_->open(), StoreError::none);
    ASSERT_EQ(apply(*store_, {device_record(1)}), StoreError::none);
    committer_ = std::make_unique<Committer>(
        *store_, io_,
        CommitterOptions{
            .retry_delay_ms = 1, .max_retry_delay_ms = 2, .stop_timeout_ms = stop_timeout_ms});
  }
  void submit(Changes changes) {
    ASSERT_TRUE(committer_->submit({std::move(changes), [this](Verdict) { ++completed_; }}));
  }

  TemporaryFolder folder_;
  io_context io_;
  int completed_ = 0;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterOnSqlite, CompletesNothingWhileAnotherProgramHoldsTheDatabase) {
  start(0, 60'000);
  soci::session other(soci::sqlite3, "db=" + folder_.file().string());
  other << "BEGIN IMMEDIATE";
  submit({number_reading(1, 1, 1)});
  wait_for([&] { return committer_->counters().commits_failed >= 3; });
  EXPECT_EQ(committer_->counters().last_error, StoreError::locked);
  EXPECT_EQ(io_.poll(), 0u);
  EXPECT_EQ(store_->open_reader()->counts().readings, 0u);
  other << "ROLLBACK";
  committer_->stop();
  io_.restart();
  io_.run();
  EXPECT_EQ(completed_, 1);
  EXPECT_EQ(store_->open_reader()->counts().readings, 1u);
}

TEST_F(CommitterOnSqlite, CompletesNothingWhileTheDiskIsFull) {
  start(40, 0);
  Changes many;
  for (int i = 0; i < 20'000; ++i) many.push_back(number_reading(1, i, 1));
  submit(std::move(many));
  wait_for([&] { return committer_->counters().commits_failed >= 2; });
  EXPECT_EQ(committer_->counters().last_error, StoreError::full);
  EXPECT_EQ(io_.poll(), 0u);
  EXPECT_EQ(store_->open_reader()->counts().readings, 0u);
  EXPECT_EQ(completed_, 0);
}

}  // namespace
}  // namespace espial::store
