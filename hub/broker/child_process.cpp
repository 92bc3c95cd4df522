#include "hub/broker/child_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>

namespace espial::broker {
namespace {

int pidfd_open(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// Everything the child needs, made before the fork: between fork and exec nothing may allocate.
struct Launch {
  std::vector<char*> arguments;
  std::vector<std::string> environment_text;
  std::vector<char*> environment;
  const char* directory = nullptr;
  int output = -1;
  bool die_with_parent = false;
  bool own_group = false;
  bool change_user = false;
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t parent = 0;
};

/// Where in the child it went wrong, and errno; comes back through a pipe that exec closes.
struct Failure {
  enum class Step : int { kNone, kDirectory, kUser, kExec } step = Step::kNone;
  int error = 0;
};

/// PATH is searched here, so that a missing program is known before the fork.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
  const char* path = ::getenv("PATH");
  // Daemons live in sbin, which people other than root often don't have in their PATH.
  std::istringstream folders(std::string(path == nullptr ? "" : path) +
                             ":/usr/sbin:/usr/local/sbin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

[[noreturn]] void run_child(const Launch& launch, int report) {
  const auto give_up = [report](Failure::Step step) {
    const Failure failure{step, errno};
    [[maybe_unused]] const ssize_t written = ::write(report, &failure, sizeof failure);
    ::_exit(127);
  };
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (launch.own_group) ::setpgid(0, 0);
  if (launch.output >= 0) {
    ::dup2(launch.output, STDOUT_FILENO);
    ::dup2(launch.output, STDERR_FILENO);
  }
  // The directory first, as who we are: the new user may have no right to walk there.
  if (launch.directory != nullptr && ::chdir(launch.directory) != 0) {
    give_up(Failure::Step::kDirectory);
  }
  if (launch.change_user &&
      (::setgroups(0, nullptr) != 0 || ::setgid(launch.gid) != 0 || ::setuid(launch.uid) != 0)) {
    give_up(Failure::Step::kUser);
  }
  // After the change of user, which would clear it.
  if (launch.die_with_parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != launch.parent) ::_exit(127);  // it died before we had asked
  }
  // Libraries leave their sockets open over an exec: a broker that outlives its hub would hold the
  // hub's connection to a database server, and with it the lock that keeps the next hub out.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execve(launch.arguments[0], launch.arguments.data(), launch.environment.data());
  give_up(Failure::Step::kExec);
  ::_exit(127);
}

std::string describe(const Failure& failure, const SpawnOptions& options) {
  const std::string why = std::strerror(failure.error);
  switch (failure.step) {
    case Failure::Step::kDirectory:
      return "can't enter " + options.working_directory.string() + ": " + why;
    case Failure::Step::kUser:
      return "can't become user " + options.user.value_or("") + ": " + why;
    default:
      return "can't run " + options.command[0] + ": " + why;
  }
}

bool prepare_user(const SpawnOptions& options, Launch& launch) {
  if (!options.user || ::geteuid() != 0) return true;
  const passwd* user = ::getpwnam(options.user->c_str());
  if (user == nullptr) return false;
  launch.change_user = true;
  launch.uid = user->pw_uid;
  launch.gid = user->pw_gid;
  return true;
}

void prepare_environment(const SpawnOptions& options, Launch& launch) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto replaced = [text](const auto& added) {
      return text.starts_with(added.first) && text.substr(added.first.size()).starts_with('=');
    };
    bool keep = true;
    for (const auto& added : options.environment) keep = keep && !replaced(added);
    if (keep) launch.environment.push_back(*entry);
  }
  for (const auto& [name, value] : options.environment) {
    launch.environment_text.push_back(name + "=" + value);
  }
  for (std::string& text : launch.environment_text) launch.environment.push_back(text.data());
  launch.environment.push_back(nullptr);
}

/// Forks and waits until the child's exec has succeeded or failed. -1 when it failed.
pid_t launch_child(const Launch& launch, Failure& failure) {
  std::array<int, 2> report{};
  if (::pipe2(report.data(), O_CLOEXEC) != 0) {
    failure = {Failure::Step::kExec, errno};
    return -1;
  }
  const pid_t pid = ::fork();
  if (pid == 0) run_child(launch, report[1]);
  if (pid < 0) failure = {Failure::Step::kExec, errno};
  ::close(report[1]);
  ssize_t got = 0;
  do {
    got = pid < 0 ? 0 : ::read(report[0], &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  ::close(report[0]);
  if (pid < 0 || failure.step == Failure::Step::kNone) return pid;
  ::waitpid(pid, nullptr, 0);
  return -1;
}

}  // namespace

ChildProcess::~ChildProcess() {
  if (pid_ != 0 && child_ && kill_on_destruction_ && running()) {
    signal(SIGKILL);
    wait(Duration::seconds(5));
  }
  release();
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept { *this = std::move(other); }

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this == &other) return *this;
  std::swap(pid_, other.pid_);
  std::swap(pid_fd_, other.pid_fd_);
  std::swap(child_, other.child_);
  std::swap(kill_on_destruction_, other.kill_on_destruction_);
  std::swap(ended_, other.ended_);
  std::swap(status_, other.status_);
  return *this;
}

ChildProcess::Spawned ChildProcess::spawn(const SpawnOptions& options) {
  Spawned result;
  const std::string program = options.command.empty() ? "" : find_program(options.command[0]);
  if (program.empty()) {
    result.not_found = true;
    result.error = "there is no program " +
                   (options.command.empty() ? std::string("named") : options.command[0]);
    return result;
  }
  Launch launch;
  std::vector<std::string> arguments = options.command;
  arguments[0] = program;
  for (std::string& argument : arguments) launch.arguments.push_back(argument.data());
  launch.arguments.push_back(nullptr);
  prepare_environment(options, launch);
  if (!options.working_directory.empty()) launch.directory = options.working_directory.c_str();
  launch.die_with_parent = options.die_with_parent;
  launch.own_group = options.own_group;
  launch.parent = ::getpid();
  if (!prepare_user(options, launch)) {
    result.error = "there is no user " + *options.user;
    return result;
  }
  if (!options.output_file.empty()) {
    launch.output = ::open(options.output_file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
                           S_IRUSR | S_IWUSR);
    if (launch.output < 0) {
      result.error = "can't write " + options.output_file.string() + ": " + std::strerror(errno);
      return result;
    }
  }
  Failure failure;
  const pid_t pid = launch_child(launch, failure);
  if (launch.output >= 0) ::close(launch.output);
  if (pid < 0) {
    result.error = describe(failure, options);
    return result;
  }
  result.process.pid_ = pid;
  result.process.pid_fd_ = pidfd_open(pid);
  result.process.child_ = true;
  if (result.process.pid_fd_ < 0) {  // a kernel before 5.3
    result.error = std::string("this kernel can't watch processes: ") + std::strerror(errno);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    result.process.pid_ = 0;
    return result;
  }
  result.process.kill_on_destruction_ = options.die_with_parent;
  return result;
}

ChildProcess ChildProcess::adopt(pid_t pid) {
  ChildProcess process;
  const int fd = pid > 0 ? pidfd_open(pid) : -1;
  if (fd < 0) return process;
  process.pid_ = pid;
  process.pid_fd_ = fd;
  return process;
}

bool ChildProcess::running() { return pid_ != 0 && !wait(Duration{}); }

bool ChildProcess::signal(int number) {
  if (pid_ == 0 || ended_) return false;
  // Through the descriptor, which can't come to mean another process that got the same pid.
  return ::syscall(SYS_pidfd_send_signal, pid_fd_, number, nullptr, 0) == 0;
}

bool ChildProcess::wait(Duration at_most) {
  if (pid_ == 0 || ended_) return true;
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::microseconds(at_most.us);
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd ended{.fd = pid_fd_, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) break;
    if (ready == 0 || errno != EINTR) return false;
  }
  ended_ = true;
  int status = 0;
  if (child_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    status_.known = true;
    status_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  return true;
}

ExitStatus ChildProcess::terminate(Duration grace) {
  if (pid_ == 0) return status_;
  signal(SIGTERM);
  if (!wait(grace)) {
    signal(SIGKILL);
    wait(Duration::seconds(10));
  }
  return status_;
}

void ChildProcess::release() {
  if (pid_fd_ >= 0) ::close(pid_fd_);
  pid_ = 0;
  pid_fd_ = -1;
  child_ = false;
  ended_ = false;
}

std::uint64_t process_start_ticks(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  // The name in parentheses may hold anything; the start is the 20th field behind it.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  return std::strtoull(field.c_str(), nullptr, 10);
}

}  // namespace espial::broker
