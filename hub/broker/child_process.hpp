#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.hpp"

namespace espial::broker {

/// How to start a program.
struct SpawnOptions {
  std::vector<std::string> command;         ///< program (looked up in PATH) and arguments
  std::filesystem::path working_directory;  ///< empty: ours
  /// Appended to, created with mode 0600; empty: our own standard output and error.
  std::filesystem::path output_file;
  /// Added to our environment.
  std::vector<std::pair<std::string, std::string>> environment;
  /// The program is killed when the *thread* that started it ends, however that comes about: start
  /// it from a thread that lives as long as the process.
  bool die_with_parent = true;
  /// A process group of its own, so that Ctrl-C in the terminal doesn't reach it.
  bool own_group = true;
  /// Only as root: become this user before the program begins, in `working_directory` if that is
  /// given, which needs no right to reach it from `/`.
  std::optional<std::string> user;
};

/// How a program ended.
struct ExitStatus {
  bool known = false;  ///< false for a process that isn't our child
  int code = 0;        ///< exit code; 128 + signal when a signal ended it
};

/// A running program, stopped by its pid alone. Works for children and, after `adopt`, for
/// processes of a former parent. Movable; destroying a handle kills a child that dies with its
/// parent and leaves every other running.
class ChildProcess {
 public:
  ChildProcess() = default;
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  /// Starts a program. On failure the process is empty and `error` says why in a sentence;
  /// `not_found` tells a missing program from the rest.
  struct Spawned;
  static Spawned spawn(const SpawnOptions& options);

  /// Takes hold of a process that runs already; empty when there is none of that pid.
  static ChildProcess adopt(pid_t pid);

  bool running();                     ///< also reaps a child that has ended
  pid_t pid() const { return pid_; }  ///< 0 for an empty handle
  /// Readable when the process has ended: for an event loop. -1 for an empty handle.
  int exit_fd() const { return pid_fd_; }

  /// Sends a signal, SIGTERM or whatever; false when the process is gone.
  bool signal(int number);
  /// Waits until it ends, at most so long; false when it still runs then.
  bool wait(Duration at_most);
  /// SIGTERM, so much time, then SIGKILL. Returns when it is gone.
  ExitStatus terminate(Duration grace = Duration::seconds(5));
  /// How it ended; not known while it runs.
  ExitStatus status() const { return status_; }
  /// Lets go: the process runs on by itself and this handle is empty.
  void release();

 private:
  pid_t pid_ = 0;
  int pid_fd_ = -1;
  bool child_ = false;
  bool kill_on_destruction_ = false;
  bool ended_ = false;
  ExitStatus status_;
};

struct ChildProcess::Spawned {
  ChildProcess process;
  bool not_found = false;
  std::string error;  ///< empty on success
};

/// When the process began, in clock ticks since boot: with the pid it names a process for ever.
/// 0 when there is no such process.
std::uint64_t process_start_ticks(pid_t pid);

}  // namespace espial::broker
