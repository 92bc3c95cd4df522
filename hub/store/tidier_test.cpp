#include "hub/store/tidier.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <limits>
#include <mutex>
#include <vector>

namespace espial::store {
namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
/// After which what should have come by itself will not come any more.
constexpr std::chrono::seconds kPatience{60};

template <typename Result>
bool ends(const std::future<Result>& work) {
  return work.wait_for(kPatience) == std::future_status::ready;
}

/// Tidies as told, and waits in it while the gate is closed.
class ScriptedStore : public Store {
 public:
  explicit ScriptedStore(bool beside) : beside_(beside) {}

  void keep(Retention) override {}
  StoreError open() override { return StoreError::none; }
  void close() override {}
  StoreError load(Snapshot&) override { return StoreError::none; }
  StoreError apply(std::span<const Changes* const>, std::vector<std::size_t>&) override {
    return StoreError::none;
  }
  std::unique_ptr<Reader> open_reader() override { return nullptr; }
  std::string last_error_text() const override { return {}; }
  bool tidies_beside() const override { return beside_; }

  Tidying tidy(UnixTime, bool at_leisure) override {
    std::unique_lock lock(mutex_);
    calls_.push_back(at_leisure);
    changed_.notify_all();
    changed_.wait(lock, [this] { return gate_ >= calls_.size(); });
    return next_;
  }

  void answer(const Tidying& tidying) {
    const std::lock_guard lock(mutex_);
    next_ = tidying;
  }
  /// Lets so many calls return, counted from the first one.
  void let_through(std::size_t calls) {
    const std::lock_guard lock(mutex_);
    gate_ = calls;
    changed_.notify_all();
  }
  /// `at_leisure` of each call, once there are so many, or there will not be.
  std::vector<bool> calls(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return calls_.size() >= count; });
    return calls_;
  }

 private:
  const bool beside_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<bool> calls_;
  std::size_t gate_ = kAll;
  Tidying next_;
};

/// Counts the pieces that were told of.
class Told {
 public:
  void operator()(const Tidying&) {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool comes_to(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
};

UnixTime noon() { return UnixTime{1}; }

TEST(Tidier, TidiesBetweenTwoCommitsWhereTheStoreHasOneWriter) {
  ScriptedStore store(false);
  Tidying more;
  more.more = true;
  store.answer(more);
  Tidier tidier(store, noon, [](const Tidying&) {});
  EXPECT_TRUE(store.calls(0).empty());
  tidier.after_commit();
  EXPECT_EQ(store.calls(0), (std::vector<bool>{false}));
  store.answer({});
  EXPECT_TRUE(tidier.at_leisure());
  EXPECT_FALSE(tidier.at_leisure()) << "nothing was left";
  EXPECT_EQ(store.calls(0), (std::vector<bool>{false, true}));
}

TEST(Tidier, CommitsDoNotWaitForAPieceBeside) {
  ScriptedStore store(true);
  store.let_through(0);
  Tidier tidier(store, noon, [](const Tidying&) {});
  EXPECT_EQ(store.calls(1), (std::vector<bool>{true})) << "what the last run left";
  auto commits = std::async(std::launch::async, [&] {
    for (int i = 0; i < 10; ++i) tidier.after_commit();
    return tidier.at_leisure();
  });
  EXPECT_TRUE(ends(commits));
  EXPECT_EQ(store.calls(1).size(), 1u);
  store.let_through(kAll);
  EXPECT_FALSE(commits.get()) << "others do that";
  EXPECT_EQ(store.calls(2).size(), 2u) << "what those ten commits brought";
}

TEST(Tidier, CommitsWaitForAPieceWhenTooMuchIsRecent) {
  ScriptedStore store(true);
  Tidying much;
  much.recent_readings = 2'000'000;
  much.more = true;
  store.answer(much);
  store.let_through(1);
  Told told;
  Tidier tidier(store, noon, std::ref(told));
  EXPECT_TRUE(told.comes_to(1));
  EXPECT_EQ(store.calls(2).size(), 2u);
  auto commit = std::async(std::launch::async, [&] { tidier.after_commit(); });
  EXPECT_EQ(commit.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  store.let_through(2);
  commit.get();
  store.let_through(kAll);
}

TEST(Tidier, APieceThatFailsIsTriedAfterTheNextCommitAndHoldsNobodyUp) {
  ScriptedStore store(true);
  Tidying failed;
  failed.error = StoreError::full;
  failed.recent_readings = 2'000'000;
  failed.more = true;
  store.answer(failed);
  Told told;
  Tidier tidier(store, noon, std::ref(told));
  for (std::size_t piece = 1; piece <= 3; ++piece) {
    EXPECT_TRUE(told.comes_to(piece));
    EXPECT_EQ(store.calls(piece).size(), piece) << "not by itself";
    store.let_through(piece);
    auto commit = std::async(std::launch::async, [&] { tidier.after_commit(); });
    EXPECT_TRUE(ends(commit));
    EXPECT_EQ(store.calls(piece + 1).size(), piece + 1);
    store.let_through(kAll);
  }
}

TEST(Tidier, StopWaitsForThePieceAtHandAndBeginsNone) {
  ScriptedStore store(true);
  Tidying more;
  more.more = true;
  store.answer(more);
  store.let_through(0);
  Tidier tidier(store, noon, [](const Tidying&) {});
  store.calls(1);
  auto stop = std::async(std::launch::async, [&] { tidier.stop(); });
  EXPECT_EQ(stop.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  tidier.after_commit();
  store.let_through(kAll);
  EXPECT_TRUE(ends(stop));
  store.answer({});
  stop.get();
  EXPECT_EQ(store.calls(1).size(), 1u);
}

}  // namespace
}  // namespace espial::store
