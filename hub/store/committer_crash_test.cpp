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
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "hub/store/committer.hpp"
#include "hub/store/database_servers_test.hpp"
#include "hub/store/mariadb_store.hpp"
#include "hub/store/postgresql_store.hpp"
#include "hub/store/soci_support.hpp"
#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

/// Units are numbered; unit n is a reading of field n % kFields taken at n.
constexpr std::uint32_t kFields = 100;

/// So small that passes of sorting begin and end all the time.
constexpr SorterLimits kBusySorting{.max_recent_rows = 300, .slice_rows = 20};

/// Makes the same store again and again.
using Maker = std::function<std::unique_ptr<Store>(SorterLimits)>;

Maker sqlite_in(const TemporaryFolder& folder) {
  return [file = folder.file()](SorterLimits sorting) {
    return make_sqlite_store({.file = file, .busy_timeout_ms = 10, .sorting = sorting});
  };
}

/// Submits units as fast as it can and writes the number of each completed one to `pipe`.
[[noreturn]] void run_child(const Maker& make, int pipe, bool complete_before_commit,
                            SorterLimits sorting) {
  spdlog::set_level(spdlog::level::off);
  boost::asio::io_context io;
  const auto guard = boost::asio::make_work_guard(io);
  const auto store = make(sorting);
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
std::set<std::uint32_t> run_and_kill(const Maker& make, std::size_t count,
                                     bool complete_before_commit, SorterLimits sorting = {}) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    run_child(make, ends[1], complete_before_commit, sorting);
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

void prepare(const Maker& make) {
  const auto store = make({});
  ASSERT_EQ(store->open(), StoreError::none);
  ASSERT_EQ(apply(*store, {device_record(1)}), StoreError::none);
}

std::set<std::uint32_t> stored(const Maker& make) {
  std::set<std::uint32_t> numbers;
  const auto store = make({});
  EXPECT_EQ(store->open(), StoreError::none) << store->last_error_text();
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
    const Maker make = sqlite_in(folder);
    prepare(make);
    const auto completed = run_and_kill(make, count, false);
    EXPECT_GE(completed.size(), count);
    EXPECT_EQ(count_lost(completed, stored(make)), 0u) << "after " << count;
  }
}

TEST(CommitterCrash, LosesAndDoublesNothingWhileItSorts) {
  for (const std::size_t count : {1'300u, 1'700u, 3'000u, 5'000u}) {
    const TemporaryFolder folder;
    const Maker make = sqlite_in(folder);
    prepare(make);
    const auto completed = run_and_kill(make, count, false, kBusySorting);
    const auto found = stored(make);
    EXPECT_EQ(count_lost(completed, found), 0u) << "after " << count;
    soci::session file(soci::sqlite3, "db=" + folder.file().string());
    int days = 0;
    file << "SELECT count(*) FROM reading_days", soci::into(days);
    EXPECT_EQ(days, 1) << "nothing was sorted";
  }
}

class CommitterCrashOnAServer : public testing::TestWithParam<std::string> {};

TEST_P(CommitterCrashOnAServer, LosesAndDoublesNothingWhileItSortsBeside) {
  const bool is_postgresql = GetParam() == "postgresql";
  std::int64_t days_sorted = 0;
  for (const std::size_t count : {5'000u, 20'000u}) {
    const ServerAddress address =
        (is_postgresql ? postgresql_server() : mariadb_server()).new_database();
    const Maker make = [&](SorterLimits sorting) {
      return is_postgresql ? make_postgresql_store(address, sorting)
                           : make_mariadb_store(address, sorting);
    };
    prepare(make);
    const auto completed = run_and_kill(make, count, false, kBusySorting);
    EXPECT_GE(completed.size(), count);
    EXPECT_EQ(count_lost(completed, stored(make)), 0u) << "after " << count;
    const auto connect =
        is_postgresql ? make_postgresql_connector(address) : make_mariadb_connector(address);
    const auto connection = connect(Purpose::reading);
    const auto days = connection->prepare("SELECT count(*) FROM reading_days");
    ASSERT_TRUE(days->next());
    days_sorted += days->integer(0);
  }
  EXPECT_GE(days_sorted, 1) << "nothing was sorted";
}

INSTANTIATE_TEST_SUITE_P(Servers, CommitterCrashOnAServer, testing::Values("postgresql", "mariadb"),
                         [](const auto& server) { return server.param; });

TEST(CommitterCrash, TheUnsafeControlLosesSome) {
  const TemporaryFolder folder;
  const Maker make = sqlite_in(folder);
  prepare(make);
  // Held here, so that the commit that should follow the completions can't win the race.
  soci::session other(soci::sqlite3, "db=" + folder.file().string());
  other << "BEGIN IMMEDIATE";
  const auto completed = run_and_kill(make, 1, true);
  other << "ROLLBACK";
  EXPECT_GE(completed.size(), 1u);
  EXPECT_EQ(count_lost(completed, stored(make)), completed.size());
}

}  // namespace
}  // namespace espial::store
