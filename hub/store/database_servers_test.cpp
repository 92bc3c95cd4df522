#include "hub/store/database_servers_test.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>

namespace espial::store {
namespace {

/// Root becomes nobody; anybody else stays.
const passwd* other_user() { return ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr; }

/// To whom the servers are.
void give_away(const std::filesystem::path& file) {
  const passwd* const user = other_user();
  if (user && ::chown(file.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error(file.string() + " can't be given to another user");
  }
}

/// Begins a program whose output goes to the returned pipe.
pid_t begin(const std::vector<std::string>& words, int& output) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const passwd* const user = other_user();
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    if (user && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent || ::chdir("/") != 0) ::_exit(126);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  output = ends[0];
  return child;
}

/// Reads line by line; `each` says when it has seen enough.
void read_lines(int output, const std::function<bool(const std::string&)>& each) {
  std::string line;
  char c = 0;
  while (::read(output, &c, 1) == 1) {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (each(line)) return;
    line.clear();
  }
}

void run(const std::vector<std::string>& words) {
  int output = -1;
  const pid_t child = begin(words, output);
  std::string all;
  read_lines(output, [&](const std::string& line) {
    all += line + '\n';
    return false;
  });
  ::close(output);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) {
    throw std::runtime_error(words[0] + " failed; tools/install_packages.sh test installs it\n" +
                             all);
  }
}

/// Debian keeps each version's programs in a folder of its own, out of PATH.
std::string postgresql_program(const std::string& name) {
  std::filesystem::path newest;
  std::error_code ignored;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const auto program = version.path() / "bin" / name;
    if (std::filesystem::exists(program) && program > newest) newest = program;
  }
  return newest.empty() ? name : newest.string();
}

class PostgresqlServer final : public DatabaseServer {
 public:
  explicit PostgresqlServer(Durability durability = Durability::none)
      : DatabaseServer(SIGQUIT), durability_(durability) {}

 protected:
  Words preparation() const override {
    return {postgresql_program("initdb"), "--no-sync",       "--auth=trust",
            "--username=espial",          "--encoding=UTF8", "--locale=C",
            "--pgdata=" + data().string()};
  }
  Words command() const override {
    Words words{
        postgresql_program("postgres"),
        "-D",
        data().string(),
        "-k",
        folder().string(),
        "-c",
        listening().port == 0 ? "listen_addresses=" : "listen_addresses=127.0.0.1,127.0.0.2",
        "-c",
        durability_ == Durability::full ? "fsync=on" : "fsync=off",
        "-p",
        std::to_string(port())};
    if (!listening().certificate.empty()) {
      words.insert(words.end(),
                   {"-c", "ssl=on", "-c", "ssl_cert_file=" + listening().certificate.string(), "-c",
                    "ssl_key_file=" + listening().key.string()});
    }
    return words;
  }
  std::string readiness() const override { return "ready to accept connections"; }
  void create(const std::string& database) const override {
    soci::session(soci::postgresql, "host=" + folder().string() + " port=" +
                                        std::to_string(port()) + " user=espial dbname=postgres")
        << "CREATE DATABASE " + database;
  }
  ServerAddress address(const std::string& database) const override {
    return {"", port(), folder().string(), "espial", "", database, ""};
  }

 private:
  /// Its socket bears it in its name.
  std::uint16_t port() const { return listening().port == 0 ? kUsualPort : listening().port; }

  static constexpr std::uint16_t kUsualPort = 5432;
  const Durability durability_;
};

class MariadbServer final : public DatabaseServer {
 public:
  explicit MariadbServer(Durability durability = Durability::none)
      : DatabaseServer(SIGKILL), durability_(durability) {}

 protected:
  Words preparation() const override {
    return {"mariadb-install-db",
            "--no-defaults",
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
            "--datadir=" + data().string(),
            tmpdir()};
  }
  Words command() const override {
    const bool is_durable = durability_ == Durability::full;
    Words words{
        "mariadbd",
        "--no-defaults",
        "--datadir=" + data().string(),
        tmpdir(),
        "--socket=" + socket(),
        is_durable ? "--innodb-flush-log-at-trx-commit=1" : "--innodb-flush-log-at-trx-commit=2",
        is_durable ? "--innodb-log-file-size=512M" : "--innodb-log-file-size=32M",
        is_durable ? "--innodb-buffer-pool-size=512M" : "--innodb-buffer-pool-size=64M"};
    if (listening().port == 0) {
      words.emplace_back("--skip-networking");
    } else {
      words.insert(words.end(), {"--bind-address=127.0.0.1,127.0.0.2",
                                 "--port=" + std::to_string(listening().port)});
    }
    if (!listening().certificate.empty()) {
      words.insert(words.end(), {"--ssl-cert=" + listening().certificate.string(),
                                 "--ssl-key=" + listening().key.string()});
    }
    return words;
  }
  std::string readiness() const override { return "ready for connections"; }
  void create(const std::string& database) const override {
    soci::session(soci::mysql, "user=root unix_socket=" + socket())
        << "CREATE DATABASE " + database;
  }
  ServerAddress address(const std::string& database) const override {
    return {"", 0, socket(), "root", "", database, ""};
  }

 private:
  std::string socket() const { return (folder() / "socket").string(); }

  /// Servers that are set up at the same time take each other's temporary tables.
  std::string tmpdir() const { return "--tmpdir=" + data().parent_path().string(); }

  const Durability durability_;
};

template <typename Server>
DatabaseServer& started() {
  static Server server;
  static const bool is_started = (server.start(), true);
  (void)is_started;
  return server;
}

}  // namespace

DatabaseServer::DatabaseServer(int crash_signal) : crash_signal_(crash_signal) {
  give_away(folder());
}

DatabaseServer::~DatabaseServer() {
  if (pid_ != 0) kill();
}

void DatabaseServer::start() {
  const char* const path = ::getenv("PATH");
  ::setenv("PATH", (std::string(path ? path : "/usr/bin:/bin") + ":/usr/sbin").c_str(), 1);
  if (!std::filesystem::exists(data())) run(preparation());
  int output = -1;
  pid_ = begin(command(), output);
  std::string said;
  bool is_ready = false;
  read_lines(output, [&](const std::string& line) {
    said += line + '\n';
    is_ready = line.find(readiness()) != std::string::npos;
    return is_ready;
  });
  if (!is_ready) throw std::runtime_error("the server does not start:\n" + said);
  // It says more later, and would wait for somebody to read it.
  reader_ = std::thread([output] {
    read_lines(output, [](const std::string&) { return false; });
    ::close(output);
  });
}

void DatabaseServer::listen(const Listening& at) {
  listening_ = at;
  for (std::filesystem::path* const file : {&listening_.certificate, &listening_.key}) {
    if (file->empty()) continue;
    const auto own = folder() / file->filename();
    std::filesystem::copy_file(*file, own, std::filesystem::copy_options::overwrite_existing);
    give_away(own);
    *file = own;
  }
}

void DatabaseServer::kill() {
  ::kill(pid_, crash_signal_);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
  reader_.join();
}

ServerAddress DatabaseServer::new_database() {
  const std::string database = "espial_" + std::to_string(++databases_);
  create(database);
  return address(database);
}

DatabaseServer& postgresql_server() { return started<PostgresqlServer>(); }
DatabaseServer& mariadb_server() { return started<MariadbServer>(); }

std::unique_ptr<DatabaseServer> new_postgresql_server(Durability durability) {
  return std::make_unique<PostgresqlServer>(durability);
}
std::unique_ptr<DatabaseServer> new_mariadb_server(Durability durability) {
  return std::make_unique<MariadbServer>(durability);
}

}  // namespace espial::store
