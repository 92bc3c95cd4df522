#include "hub/broker/private_broker.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "hub/broker/broker_config.hpp"
#include "hub/broker/child_process.hpp"
#include "hub/broker/log_bound.hpp"
#include "hub/broker/loopback_port.hpp"

namespace espial::broker {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Kind = BrokerError::Kind;

constexpr std::chrono::milliseconds kFirstRestartDelay{100};
constexpr std::chrono::milliseconds kLongestRestartDelay{5000};
constexpr std::chrono::seconds kGoodRun{10};
constexpr std::uint16_t kLeastMaxKeepalive = 10;
constexpr int kFreePortTries = 3;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file.good();
}

/// The last lines of a text, joined for one line of log.
std::string last_lines(const std::string& text, int lines) {
  std::size_t start = text.find_last_not_of('\n');
  if (start == std::string::npos) return "";
  const std::size_t end = start + 1;
  for (; lines > 0 && start != std::string::npos; --lines) {
    start = start == 0 ? std::string::npos : text.rfind('\n', start - 1);
  }
  std::string tail = text.substr(start == std::string::npos ? 0 : start + 1, end);
  tail.erase(tail.find_last_not_of('\n') + 1);
  std::replace(tail.begin(), tail.end(), '\n', ';');
  return tail;
}

/// Whom the broker runs as when we are root. Not root itself, and not by Mosquitto's own change of
/// user: that would lift the order to die with us, and it would have to find its files by a path
/// that may lead through directories closed to that user.
std::optional<std::string> broker_user() {
  if (::geteuid() != 0) return std::nullopt;
  return ::getpwnam("mosquitto") != nullptr ? "mosquitto" : "nobody";
}

/// A port that a person has chosen, or 0 for any free one.
struct WantedPort {
  std::uint16_t port;
  std::string what;
  std::string option;
  bool everywhere;  ///< on every address, not on loopback alone
};

/// What the pid file holds.
struct Running {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;
  std::uint16_t port = 0;
  std::uint16_t websockets_port = 0;
};

}  // namespace

class PrivateBroker::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, BrokerOptions options)
      : options_(with_absolute_directory(std::move(options))),
        restart_timer_(io),
        log_timer_(io),
        exit_(io) {}
  ~Impl() { unlock(); }

  std::optional<BrokerError> start() {
    if (options_.max_keepalive_s && *options_.max_keepalive_s < kLeastMaxKeepalive) {
      return BrokerError{Kind::kOptions,
                         "Mosquitto refuses a max_keepalive under 10 seconds; give "
                         "10 or more, or none and let each client choose"};
    }
    if (auto error = prepare_directory()) return error;
    if (auto error = take_lock()) return error;
    if (auto error = write_access_files()) return error;
    if (auto error = copy_certificate()) return error;
    if (adopt_running()) return std::nullopt;
    const std::optional<BrokerError> error = start_new_within_tries();
    if (error) unlock();
    return error;
  }

  /// A free port that was found may be somebody else's a moment later: then another one.
  std::optional<BrokerError> start_new_within_tries() {
    std::optional<BrokerError> error;
    for (int i = 0; i < kFreePortTries; ++i) {
      error = start_new();
      const bool other_port = options_.port == 0 || options_.websockets_port == 0;
      if (!error || error->kind != Kind::kNotReady || !other_port) break;
    }
    return error;
  }

  std::optional<BrokerError> set_users(std::vector<BrokerUser> users) {
    options_.access->users = std::move(users);
    if (auto error = write_access_files()) return error;
    return start_again();
  }

  std::optional<BrokerError> renew_certificate() {
    if (auto error = copy_certificate()) return error;
    return start_again();
  }

  /// For it to read its files anew.
  std::optional<BrokerError> start_again() {
    // At SIGHUP Mosquitto 2.0.11 would read them again, but it ends every connection then all the
    // same, and lets nothing into the queue of a client that is not back yet: what others publish
    // meanwhile would be lost. A restart keeps what is queued and goes on queueing.
    forget();
    process_.terminate();
    process_ = {};
    auto error = spawn();
    if (!error) error = wait_until_ready();
    if (!error) {
      watch();
      return std::nullopt;
    }
    watching_ = true;
    restart_later();
    return error;
  }

  void stop() {
    watching_ = false;
    forget();
    if (process_.pid() != 0) {
      process_.terminate();
      process_ = {};
      std::error_code ignored;
      fs::remove(pid_file(), ignored);
    }
    unlock();
  }

  void leave() {
    watching_ = false;
    forget();
    process_.release();
    unlock();
  }

  bool may_outlive() const { return options_.outlive_parent; }
  std::uint16_t port() const { return port_; }
  std::uint16_t websockets_port() const { return websockets_port_; }
  int pid() { return process_.running() ? process_.pid() : 0; }
  bool adopted() const { return adopted_; }
  std::uint64_t restarts() const { return restarts_; }
  fs::path log_file() const { return options_.directory / "mosquitto.log"; }

 private:
  static BrokerOptions with_absolute_directory(BrokerOptions options) {
    options.directory = fs::absolute(options.directory);
    return options;
  }

  void unlock() {
    if (lock_ >= 0) ::close(std::exchange(lock_, -1));
  }

  fs::path pid_file() const { return options_.directory / "broker.pid"; }
  fs::path config_file() const { return options_.directory / "mosquitto.conf"; }

  std::optional<BrokerError> cannot(const std::string& what) const {
    return BrokerError{Kind::kDirectory, what + ": " + std::strerror(errno)};
  }

  /// The directory is ours; the broker may pass through it to write its one folder, no more.
  std::optional<BrokerError> prepare_directory() {
    std::error_code error;
    const fs::path data = options_.directory / kDataFolder;
    fs::create_directories(data, error);
    if (error) {
      return BrokerError{Kind::kDirectory, "can't make " + data.string() + ": " + error.message()};
    }
    const std::optional<std::string> user = broker_user();
    if (::chmod(options_.directory.c_str(), user ? 0711 : 0700) != 0 ||
        ::chmod(data.c_str(), 0700) != 0) {
      return cannot("can't set the permissions of " + options_.directory.string());
    }
    if (!user) return std::nullopt;
    const passwd* entry = ::getpwnam(user->c_str());
    if (entry == nullptr || ::lchown(data.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
      return cannot("can't give " + data.string() + " to user " + *user);
    }
    // Files of a time when the broker ran as somebody else.
    for (fs::directory_iterator file(data, error), end; !error && file != end;
         file.increment(error)) {
      if (::lchown(file->path().c_str(), entry->pw_uid, entry->pw_gid) != 0) {
        return cannot("can't give " + file->path().string() + " to user " + *user);
      }
    }
    return std::nullopt;
  }

  /// Writes a file for the broker's eyes only.
  std::optional<BrokerError> write_secret(const char* name, const std::string& text) {
    const fs::path path = options_.directory / name;
    const fs::path draft = path.string() + ".new";
    std::error_code failed;
    fs::remove(draft, failed);
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return cannot("can't write " + draft.string());
    ::close(fd);
    const std::optional<std::string> user = broker_user();
    const passwd* entry = user ? ::getpwnam(user->c_str()) : nullptr;
    if (!write_file(draft, text) ||
        (entry != nullptr && ::lchown(draft.c_str(), entry->pw_uid, entry->pw_gid) != 0)) {
      return cannot("can't write " + draft.string());
    }
    fs::rename(draft, path, failed);
    if (!failed) return std::nullopt;
    return BrokerError{Kind::kDirectory, "can't write " + path.string() + ": " + failed.message()};
  }

  std::optional<BrokerError> write_access_files() {
    if (!options_.access) return std::nullopt;
    const BrokerAccess& access = *options_.access;
    if (auto error = write_secret(kPasswordFile, password_file(access.users))) return error;
    if (auto error = write_secret(kAccessFile, access_list(access.users))) return error;
    return write_secret(kS2AccessFile, s2_access_list());
  }

  std::optional<BrokerError> copy_certificate() {
    if (!options_.access || options_.access->certificate.empty()) return std::nullopt;
    const BrokerAccess& access = *options_.access;
    if (auto error = write_secret(kCertificateFile, read_file(access.certificate))) return error;
    return write_secret(kKeyFile, read_file(access.key));
  }

  std::optional<BrokerError> take_lock() {
    if (lock_ >= 0) return std::nullopt;
    const fs::path path = options_.directory / "broker.lock";
    lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (lock_ < 0) return cannot("can't open " + path.string());
    if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return std::nullopt;
    ::close(std::exchange(lock_, -1));
    return BrokerError{Kind::kDirectory, "another hub that is running uses the broker in " +
                                             options_.directory.string() +
                                             "; stop it or choose another data directory"};
  }

  bool matches(const Running& running) const {
    const auto same = [](std::uint16_t wanted, std::uint16_t has) {
      return has != 0 && (wanted == 0 || wanted == has);
    };
    const bool websockets = options_.websockets_port
                                ? same(*options_.websockets_port, running.websockets_port)
                                : running.websockets_port == 0;
    return same(options_.port, running.port) && websockets &&
           read_file(config_file()) ==
               broker_config(options_, running.port, running.websockets_port);
  }

  /// A broker that our predecessor left: taken over when it is as we want it, ended otherwise.
  bool adopt_running() {
    Running running;
    std::ifstream file(pid_file());
    file >> running.pid >> running.start_ticks >> running.port >> running.websockets_port;
    if (!file || running.pid <= 1) return false;
    ChildProcess process = ChildProcess::adopt(running.pid);
    // The same pid with another start is somebody else's process.
    if (process.pid() == 0 || process_start_ticks(running.pid) != running.start_ticks) return false;
    // Users and certificate may be other ones than those it has read.
    if (options_.access || !matches(running) || !port_answers(running.port)) {
      spdlog::info("broker: ending the one that runs with other settings (pid {})", running.pid);
      process.terminate();
      return false;
    }
    process_ = std::move(process);
    port_ = running.port;
    websockets_port_ = running.websockets_port;
    adopted_ = true;
    spdlog::info("broker: took over the running one (pid {}), port {}", running.pid, port_);
    watch();
    return true;
  }

  /// All that Mosquitto is to listen on.
  std::vector<WantedPort> wanted_ports() const {
    const BrokerAccess access = options_.access.value_or(BrokerAccess{});
    const bool tls = access.lan && !access.certificate.empty();
    std::vector<WantedPort> all{{options_.port, "MQTT", options_.port_option, access.lan && !tls}};
    if (options_.websockets_port) {
      all.push_back({*options_.websockets_port, "MQTT over websockets",
                     options_.websockets_port_option, false});
    }
    if (tls) all.push_back({access.tls_port, "MQTT over TLS", access.tls_port_option, true});
    if (access.lan && access.s2_port) {
      all.push_back({*access.s2_port, "S2's boards", access.s2_port_option, true});
    }
    return all;
  }

  /// Mosquitto's own words would be of addresses: neither whose port it is nor which option it was.
  std::optional<BrokerError> look_at_ports() const {
    const std::vector<WantedPort> all = wanted_ports();
    for (auto one = all.begin(); one != all.end(); ++one) {
      if (one->port == 0) continue;
      const std::string port = "port " + std::to_string(one->port);
      const auto twin = std::find_if(
          all.begin(), one, [&](const WantedPort& other) { return other.port == one->port; });
      if (twin != one) {
        return BrokerError{Kind::kPortInUse, port + " is wanted for " + one->what + " (" +
                                                 one->option + ") and for " + twin->what + " (" +
                                                 twin->option + "); give one of them another"};
      }
      if (one->everywhere ? port_is_free_everywhere(one->port) : port_is_free(one->port)) continue;
      const std::string owner = port_owner(one->port);
      return BrokerError{Kind::kPortInUse, port + " for " + one->what + " is in use" +
                                               (owner.empty() ? "" : " by " + owner) +
                                               "; choose another one with " + one->option};
    }
    return std::nullopt;
  }

  std::optional<BrokerError> start_new() {
    adopted_ = false;
    if (auto error = look_at_ports()) return error;
    std::vector<std::uint16_t> taken;
    for (const WantedPort& one : wanted_ports()) taken.push_back(one.port);
    port_ = options_.port == 0 ? find_free_port(taken) : options_.port;
    taken.push_back(port_);
    websockets_port_ = options_.websockets_port.value_or(0);
    if (options_.websockets_port == 0) websockets_port_ = find_free_port(taken);
    if (!write_file(config_file(), broker_config(options_, port_, websockets_port_)) ||
        ::chmod(config_file().c_str(), 0644) != 0) {  // no secrets in it, and the broker reads it
      return cannot("can't write " + config_file().string());
    }
    if (auto error = spawn()) return error;
    if (auto error = wait_until_ready()) return error;
    spdlog::info("broker: Mosquitto (pid {}) on 127.0.0.1:{}{}, log in {}", process_.pid(), port_,
                 websockets_port_ == 0 ? "" : fmt::format(", websockets {}", websockets_port_),
                 log_file().string());
    watch();
    return std::nullopt;
  }

  std::optional<BrokerError> spawn() {
    SpawnOptions how;
    how.command = {options_.program, "-c", "mosquitto.conf"};
    how.working_directory = options_.directory;
    how.output_file = log_file();
    how.die_with_parent = !options_.outlive_parent;
    how.user = broker_user();
    ChildProcess::Spawned spawned = ChildProcess::spawn(how);
    if (spawned.not_found) {
      return BrokerError{Kind::kNotInstalled,
                         "Mosquitto is not installed: apt-get install mosquitto, or give the "
                         "address of a broker that runs elsewhere"};
    }
    if (!spawned.error.empty()) return BrokerError{Kind::kNotReady, spawned.error};
    process_ = std::move(spawned.process);
    started_ = Clock::now();
    std::ostringstream record;
    record << process_.pid() << ' ' << process_start_ticks(process_.pid()) << ' ' << port_ << ' '
           << websockets_port_ << '\n';
    if (!write_file(pid_file(), record.str())) return cannot("can't write " + pid_file().string());
    return std::nullopt;
  }

  std::optional<BrokerError> wait_until_ready() {
    const auto deadline = Clock::now() + std::chrono::microseconds(options_.ready_within.us);
    std::string what = "Mosquitto did not answer in time";
    while (Clock::now() < deadline) {
      if (process_.wait(Duration::milliseconds(10))) {
        what = "Mosquitto ended at once";
        break;
      }
      const bool websockets = websockets_port_ == 0 || port_answers(websockets_port_);
      if (websockets && port_answers(port_)) return std::nullopt;
    }
    process_.terminate();
    process_ = {};
    return BrokerError{Kind::kNotReady, what + "; its last words in " + log_file().string() + ": " +
                                            last_lines(read_file(log_file()), 3)};
  }

  void watch() {
    watching_ = true;
    watch_log();
    const int fd = ::fcntl(process_.exit_fd(), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return;
    exit_.assign(fd);
    exit_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [weak = weak_from_this()](boost::system::error_code error) {
                       const auto self = weak.lock();
                       if (!error && self && self->watching_) self->on_exit();
                     });
  }

  /// Anybody may make the broker complain: a line for each connection that is no TLS, say.
  void watch_log() {
    cut_log(log_file(), options_.log_bytes_max);
    log_timer_.expires_after(std::chrono::microseconds(options_.log_looked_at_every.us));
    log_timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
      const auto self = weak.lock();
      if (!error && self && self->watching_) self->watch_log();
    });
  }

  /// No more news of the process.
  void forget() {
    boost::system::error_code ignored;
    restart_timer_.cancel();
    log_timer_.cancel();
    if (exit_.is_open()) exit_.close(ignored);
  }

  void on_exit() {
    forget();
    process_.wait(Duration{});
    const ExitStatus status = process_.status();
    if (Clock::now() - started_ >= kGoodRun) restart_delay_ = kFirstRestartDelay;
    const std::string last_words = last_lines(read_file(log_file()), 1);
    spdlog::error(
        "broker: Mosquitto has ended{}; starting it again in {} ms{}",
        status.known ? fmt::format(" (exit code {})", status.code) : "", restart_delay_.count(),
        last_words.empty() ? "" : fmt::format(". Last in {}: {}", log_file().string(), last_words));
    restart_later();
  }

  void restart_later() {
    restart_timer_.expires_after(restart_delay_);
    restart_delay_ = std::min(restart_delay_ * 2, kLongestRestartDelay);
    restart_timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
      const auto self = weak.lock();
      if (!error && self && self->watching_) self->restart();
    });
  }

  void restart() {
    ++restarts_;
    process_ = {};
    if (const auto error = spawn()) {
      spdlog::error("broker: {}; next attempt in {} ms", error->text, restart_delay_.count());
      restart_later();
      return;
    }
    watch();
  }

  BrokerOptions options_;
  asio::steady_timer restart_timer_;
  asio::steady_timer log_timer_;
  asio::posix::stream_descriptor exit_;
  ChildProcess process_;
  Clock::time_point started_{};
  std::chrono::milliseconds restart_delay_ = kFirstRestartDelay;
  std::uint64_t restarts_ = 0;
  int lock_ = -1;
  std::uint16_t port_ = 0;
  std::uint16_t websockets_port_ = 0;
  bool adopted_ = false;
  bool watching_ = false;
};

PrivateBroker::PrivateBroker(asio::io_context& io, BrokerOptions options)
    : impl_(std::make_shared<Impl>(io, std::move(options))) {}

PrivateBroker::~PrivateBroker() {
  if (impl_->may_outlive()) {
    impl_->leave();
  } else {
    impl_->stop();
  }
}

std::optional<BrokerError> PrivateBroker::start() { return impl_->start(); }
std::optional<BrokerError> PrivateBroker::set_users(std::vector<BrokerUser> users) {
  return impl_->set_users(std::move(users));
}

std::optional<BrokerError> PrivateBroker::renew_certificate() { return impl_->renew_certificate(); }
void PrivateBroker::stop() { impl_->stop(); }
void PrivateBroker::leave() { impl_->leave(); }
std::uint16_t PrivateBroker::port() const { return impl_->port(); }
std::uint16_t PrivateBroker::websockets_port() const { return impl_->websockets_port(); }
int PrivateBroker::pid() const { return impl_->pid(); }
bool PrivateBroker::adopted() const { return impl_->adopted(); }
std::uint64_t PrivateBroker::restarts() const { return impl_->restarts(); }
std::filesystem::path PrivateBroker::log_file() const { return impl_->log_file(); }

}  // namespace espial::broker
