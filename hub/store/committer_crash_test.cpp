// Real processes, really killed.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "hub/store/committer.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

/// Units are numbered; unit n is a reading of field n % kFields taken at n.
constexpr std::uint32_t kFields = 100;

/// So small that passes of sorting begin and end all the time.
constexpr SorterLimits kBusySorting{.max_recent_rows = 300, .slice_rows = 20};

/// Submits units as fast as it can and writes the number of each completed one to `pipe`.
[[noreturn]] void run_child(const TemporaryFolder& folder, int pipe, bool complete_before_commit,
                            SorterLimits sorting) {
  spdlog::set_level(spdlog::level::off);
  boost::asio::io_context io;
  const auto guard = boost::asio::make_work_guard(io);
  const auto store =
      make_sqlite_store({.file = folder.file(), .busy_timeout_ms = 10, .sorting = sorting});
  if (store->open() != StoreError::none) ::_exit(1);
  Committer committer(
      *store, io,
      {.max_units_per_commit = 500, .unsafe_complete_before_commit = complete_before_commit});
  std::thread completions([&] { io.run(); });
  for (std::uint32_t n = 0;;) {
    Unit unit;
    unit.changes.push_back(number_reading(1, n, n, 0, static_cast<std::uint8_t>(n % kFields)));
    unit.completion = [pipe, n](Verdict verdict) {
      if (verdict != Verdict::stored || ::write(pipe, &n, sizeof n) != sizeof n) ::_exit(1);
    };
    if (committer.submit(std::move(unit))) {
      ++n;
    } else {
      std::this_thread::yield();
    }
  }
}

/// Lets a child work until it has completed `count` units, kills it and returns all it completed.
std::set<std::uint32_t> run_and_kill(const TemporaryFolder& folder, std::size_t count,
                                     bool complete_before_commit, SorterLimits sorting = {}) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    run_child(folder, ends[1], complete_before_commit, sorting);
  }
  ::close(ends[1]);
  std::set<std::uint32_t> completed;
  std::uint32_t n = 0;
  while (::read(ends[0], &n, sizeof n) == sizeof n) {
    completed.insert(n);
    if (completed.size() == count) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
  return completed;
}

void prepare(const TemporaryFolder& folder) {
  const auto store = make_sqlite_store({.file = folder.file()});
  ASSERT_EQ(store->open(), StoreError::none);
  ASSERT_EQ(apply(*store, {device_record(1)}), StoreError::none);
}

std::set<std::uint32_t> stored(const TemporaryFolder& folder) {
  std::set<std::uint32_t> numbers;
  const auto store = make_sqlite_store({.file = folder.file()});
  EXPECT_EQ(store->open(), StoreError::none);
  const auto reader = store->open_reader();
  for (std::uint32_t field = 0; field < kFields; ++field) {
    const History all = reader->history(DeviceId{1}, 0, static_cast<std::uint8_t>(field),
                                        UnixTime{0}, UnixTime{kMaxTimeMs}, kMaxHistoryPoints);
    EXPECT_EQ(all.readings, all.points.size()) << "too many to compare one by one";
    for (const HistoryPoint& point : all.points) {
      const auto n = static_cast<std::uint32_t>(point.number);
      EXPECT_TRUE(numbers.insert(n).second) << n << " is there twice";
    }
  }
  return numbers;
}

std::size_t count_lost(const std::set<std::uint32_t>& completed,
                       const std::set<std::uint32_t>& stored) {
  std::size_t lost = 0;
  for (const std::uint32_t n : completed) lost += stored.count(n) == 0 ? 1 : 0;
  return lost;
}

TEST(CommitterCrash, LosesNothingThatCompleted) {
  for (const std::size_t count : {1u, 700u, 5'000u}) {
    const TemporaryFolder folder;
    prepare(folder);
    const auto completed = run_and_kill(folder, count, false);
    EXPECT_GE(completed.size(), count);
    EXPECT_EQ(count_lost(completed, stored(folder)), 0u) << "after " << count;
  }
}

TEST(CommitterCrash, LosesAndDoublesNothingWhileItSorts) {
  for (const std::size_t count : {1'300u, 1'700u, 3'000u, 5'000u}) {
    const TemporaryFolder folder;
    prepare(folder);
    const auto completed = run_and_kill(folder, count, false, kBusySorting);
    const auto found = stored(folder);
    EXPECT_EQ(count_lost(completed, found), 0u) << "after " << count;
    soci::session file(soci::sqlite3, "db=" + folder.file().string());
    int days = 0;
    file << "SELECT count(*) FROM reading_days", soci::into(days);
    EXPECT_EQ(days, 1) << "nothing was sorted";
  }
}

TEST(CommitterCrash, TheUnsafeControlLosesSome) {
  const TemporaryFolder folder;
  prepare(folder);
  // Held here, so that the commit that should follow the completions can't win the race.
  soci::session other(soci::sqlite3, "db=" + folder.file().string());
  other << "BEGIN IMMEDIATE";
  const auto completed = run_and_kill(folder, 1, true);
  other << "ROLLBACK";
  EXPECT_GE(completed.size(), 1u);
  EXPECT_EQ(count_lost(completed, stored(folder)), completed.size());
}

}  // namespace
}  // namespace espial::store
