#include "hub/broker/child_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace espial::broker {
namespace {

constexpr Duration kPatience = Duration::seconds(60);

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class ChildProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "/espial-child-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    directory_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  SpawnOptions shell(const std::string& script) const {
    SpawnOptions options;
    options.command = {"sh", "-c", script};
    options.working_directory = directory_;
    options.output_file = directory_ / "out";
    return options;
  }

  std::filesystem::path directory_;
};

TEST_F(ChildProcessTest, RunsInItsDirectoryAndTellsItsExitCode) {
  SpawnOptions options = shell("pwd; echo \"$WORD\"; exit 3");
  options.environment = {{"WORD", "hello"}};
  ChildProcess::Spawned spawned = ChildProcess::spawn(options);
  ASSERT_EQ(spawned.error, "");
  ASSERT_TRUE(spawned.process.wait(kPatience));
  EXPECT_TRUE(spawned.process.status().known);
  EXPECT_EQ(spawned.process.status().code, 3);
  EXPECT_EQ(read_file(directory_ / "out"),
            std::filesystem::canonical(directory_).string() + "\nhello\n");
}

TEST_F(ChildProcessTest, InheritsNoFilesOfOurs) {
  const int ours = ::open("/dev/null", O_RDONLY);
  ASSERT_GT(ours, STDERR_FILENO);
  const std::string file = "/proc/self/fd/" + std::to_string(ours);
  ChildProcess::Spawned spawned = ChildProcess::spawn(shell("test ! -e " + file));
  ASSERT_EQ(spawned.error, "");
  ASSERT_TRUE(spawned.process.wait(kPatience));
  EXPECT_EQ(spawned.process.status().code, 0);
  ::close(ours);
}

TEST_F(ChildProcessTest, SaysWhatCanNotBeRun) {
  SpawnOptions options;
  options.command = {"no-such-program-anywhere"};
  ChildProcess::Spawned spawned = ChildProcess::spawn(options);
  EXPECT_TRUE(spawned.not_found);
  EXPECT_EQ(spawned.error, "there is no program no-such-program-anywhere");
  EXPECT_EQ(spawned.process.pid(), 0);

  options.command = {"sh"};
  options.working_directory = directory_ / "missing";
  spawned = ChildProcess::spawn(options);
  EXPECT_FALSE(spawned.not_found);
  EXPECT_NE(spawned.error.find("can't enter"), std::string::npos) << spawned.error;
}

TEST_F(ChildProcessTest, TerminatesAndKillsWhoDoesNotListen) {
  ChildProcess::Spawned polite = ChildProcess::spawn(shell("exec sleep 1000"));
  EXPECT_TRUE(polite.process.running());
  EXPECT_FALSE(polite.process.wait(Duration{}));
  EXPECT_EQ(polite.process.terminate(kPatience).code, 128 + SIGTERM);
  EXPECT_FALSE(polite.process.running());
  EXPECT_FALSE(polite.process.signal(SIGTERM));

  // Deaf from before the exec, so the first SIGTERM can't come too early.
  SpawnOptions deaf = shell("exec env --ignore-signal=TERM sleep 1000");
  ChildProcess::Spawned stubborn = ChildProcess::spawn(deaf);
  const std::string status = "/proc/" + std::to_string(stubborn.process.pid()) + "/status";
  while (read_file(status).find("Name:\tsleep") == std::string::npos) {
    ASSERT_FALSE(stubborn.process.wait(Duration::milliseconds(1)));
  }
  EXPECT_EQ(stubborn.process.terminate(Duration::milliseconds(50)).code, 128 + SIGKILL);
}

TEST_F(ChildProcessTest, HoldsProcessesThatAreNotItsChildren) {
  ChildProcess::Spawned child = ChildProcess::spawn(shell("exec sleep 1000"));
  const pid_t pid = child.process.pid();
  EXPECT_GT(process_start_ticks(pid), 0U);
  ChildProcess other = ChildProcess::adopt(pid);
  EXPECT_TRUE(other.running());
  EXPECT_TRUE(other.signal(SIGKILL));
  EXPECT_TRUE(other.wait(kPatience));
  EXPECT_FALSE(other.status().known);
  EXPECT_TRUE(child.process.wait(kPatience));
  EXPECT_EQ(process_start_ticks(pid), 0U);
  EXPECT_EQ(ChildProcess::adopt(pid).pid(), 0);
}

/// Forks a parent that spawns a child, tells its pid and is killed; returns the child.
ChildProcess orphan(const SpawnOptions& options) {
  int report[2];
  if (::pipe(report) != 0) return {};
  const pid_t parent = ::fork();
  if (parent == 0) {
    ChildProcess::Spawned spawned = ChildProcess::spawn(options);
    const pid_t pid = spawned.process.pid();
    if (::write(report[1], &pid, sizeof pid) != sizeof pid) ::_exit(1);
    for (;;) ::pause();
  }
  pid_t pid = 0;
  if (::read(report[0], &pid, sizeof pid) != sizeof pid) pid = 0;
  ::close(report[0]);
  ::close(report[1]);
  ChildProcess child = ChildProcess::adopt(pid);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  return child;
}

TEST_F(ChildProcessTest, DiesWithAKilledParentAlsoAsAnotherUser) {
  SpawnOptions options = shell("exec sleep 1000");
  EXPECT_TRUE(orphan(options).wait(kPatience));
  if (::geteuid() != 0) return;
  options.user = "nobody";
  EXPECT_TRUE(orphan(options).wait(kPatience));
}

TEST_F(ChildProcessTest, OutlivesItsParentWhenAskedTo) {
  SpawnOptions options = shell("exec sleep 1000");
  options.die_with_parent = false;
  ChildProcess child = orphan(options);
  EXPECT_TRUE(child.running());
  child.terminate();
  EXPECT_FALSE(child.running());
}

TEST_F(ChildProcessTest, RootHandsRightsOverBeforeTheProgramBegins) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(::chmod(directory_.c_str(), 0711), 0);
  SpawnOptions options = shell("id -un; id -Gn");
  options.user = "nobody";
  const gid_t extra = 1;  // a group of ours that must not come along
  ASSERT_EQ(::setgroups(1, &extra), 0);
  ChildProcess::Spawned spawned = ChildProcess::spawn(options);
  ASSERT_EQ(::setgroups(0, nullptr), 0);
  ASSERT_EQ(spawned.error, "");
  ASSERT_TRUE(spawned.process.wait(kPatience));
  EXPECT_EQ(read_file(directory_ / "out"), "nobody\nnogroup\n");
  options.user = "no-such-user-here";
  EXPECT_EQ(ChildProcess::spawn(options).error, "there is no user no-such-user-here");
}

}  // namespace
}  // namespace espial::broker
