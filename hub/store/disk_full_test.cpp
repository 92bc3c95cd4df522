// A disk that is really full: a small file system of its own, in a child process that sees it
// alone.

#include <gtest/gtest.h>
#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "hub/store/committer.hpp"
#include "hub/store/sqlite_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

constexpr std::size_t kBacklogUnits = 200;

void write_line(const char* file, const std::string& line) { std::ofstream(file) << line; }

/// Mounts a file system of 4 MB over the folder, for this process alone. Who may not, even with a
/// user namespace of his own, gets a limit of file sizes, which fails writes alike.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& folder) : folder_(folder) {
    const std::string user = std::to_string(::getuid());
    const std::string group = std::to_string(::getgid());
    if (::geteuid() == 0) {
      is_mounted_ = ::unshare(CLONE_NEWNS) == 0;
    } else if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
      write_line("/proc/self/setgroups", "deny");
      write_line("/proc/self/uid_map", "0 " + user + " 1");
      write_line("/proc/self/gid_map", "0 " + group + " 1");
      is_mounted_ = true;
    }
    is_mounted_ = is_mounted_ && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                  ::mount("none", folder.c_str(), "tmpfs", 0, "size=4m") == 0;
    std::printf("a disk that is full by %s\n", is_mounted_ ? "ENOSPC" : "EFBIG");
  }

  void fill() {
    if (!is_mounted_) return limit_files(std::filesystem::file_size(folder_ / "espial.db-wal"));
    std::ofstream filler(folder_ / "filler", std::ios::binary);
    while (filler) (filler << std::string(4'096, 'x')).flush();
  }
  void make_room() {
    if (!is_mounted_) return limit_files(RLIM_INFINITY);
    std::filesystem::remove(folder_ / "filler");
  }
  /// What SQLite makes of it.
  StoreError error() const { return is_mounted_ ? StoreError::full : StoreError::io; }

 private:
  static void limit_files(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }

  const std::filesystem::path folder_;
  bool is_mounted_ = false;
};

/// In the child.
void store_on_a_full_disk(const std::filesystem::path& file) {
  SmallDisk disk(file.parent_path());
  const auto store = make_sqlite_store({.file = file});
  ASSERT_EQ(store->open(), StoreError::none) << store->last_error_text();
  ASSERT_EQ(apply(*store, {device_record(1)}), StoreError::none);

  boost::asio::io_context io;
  const auto guard = boost::asio::make_work_guard(io);
  std::size_t completed = 0;
  std::size_t submitted = 0;
  Committer committer(*store, io,
                      {.max_units_per_commit = 50,
                       .gather_ms = 0,
                       .max_backlog_units = kBacklogUnits,
                       .max_retry_delay_ms = 50,
                       .stop_timeout_ms = 60'000});
  const auto submit = [&] {
    Unit unit;
    for (int i = 0; i < 10; ++i) {
      unit.changes.push_back(number_reading(1, static_cast<std::int64_t>(submitted), i, 0,
                                            static_cast<std::uint8_t>(i)));
    }
    unit.completion = [&](Verdict verdict) { completed += verdict == Verdict::stored ? 1 : 0; };
    if (!committer.submit(std::move(unit))) return false;
    ++submitted;
    return true;
  };
  const auto run_until = [&](std::size_t count) {
    while (completed < count) {
      submit();
      io.run_one();
    }
  };
  run_until(100);

  disk.fill();
  while (committer.counters().last_error != disk.error()) {
    submit();
    io.poll();
  }
  while (submit()) {
  }
  io.poll();
  const std::size_t acknowledged = completed;
  const std::uint64_t failed = committer.counters().commits_failed;
  while (committer.counters().commits_failed < failed + 3) io.poll();
  EXPECT_EQ(completed, acknowledged) << "nothing is acknowledged while the disk is full";
  EXPECT_EQ(committer.counters().backlog_units, kBacklogUnits) << "the backlog has its limit";
  EXPECT_EQ(committer.counters().last_error, disk.error()) << "and it is visible";
  EXPECT_EQ(store->open_reader()->counts().readings, 10 * acknowledged);

  disk.make_room();
  run_until(submitted);
  EXPECT_EQ(committer.counters().last_error, StoreError::none);
  committer.stop();
  io.poll();
  EXPECT_EQ(completed, submitted);
  EXPECT_EQ(store->open_reader()->counts().readings, 10 * submitted) << "each once";
}

TEST(DiskFull, NothingIsAcknowledgedAndWorkGoesOnByItself) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    spdlog::set_level(spdlog::level::off);
    store_on_a_full_disk(folder.file());
    std::fflush(nullptr);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "see above";
}

}  // namespace
}  // namespace espial::store
