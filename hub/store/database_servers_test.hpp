#pragma once

// Real database servers, for tests: each in a temporary folder, reached by a socket in it.

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "hub/store/server_address.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {

/// Where a server takes connections beside its socket.
struct Listening {
  std::uint16_t port = 0;             ///< of 127.0.0.1 and 127.0.0.2; 0: nowhere
  std::filesystem::path certificate;  ///< empty: in clear
  std::filesystem::path key;
};

/// A server of one engine. It ends with this program, however that ends. Not as root: both engines
/// refuse that, or should.
class DatabaseServer {
 public:
  virtual ~DatabaseServer();
  DatabaseServer(const DatabaseServer&) = delete;
  DatabaseServer& operator=(const DatabaseServer&) = delete;

  /// Starts it, for the first time or again, and waits until it takes connections.
  void start();
  /// Ends it as a crash would.
  void kill();
  /// Before `start`.
  void listen(const Listening& at);
  /// Of the server's first process.
  pid_t pid() const { return pid_; }
  /// An empty database.
  ServerAddress new_database();

 protected:
  /// `crash_signal` ends it, and all its processes, at once.
  explicit DatabaseServer(int crash_signal);
  using Words = std::vector<std::string>;
  virtual Words preparation() const = 0;
  virtual Words command() const = 0;
  virtual std::string readiness() const = 0;  ///< what it says when it is ready
  virtual void create(const std::string& database) const = 0;
  virtual ServerAddress address(const std::string& database) const = 0;

  std::filesystem::path folder() const { return folder_.file().parent_path(); }
  std::filesystem::path data() const { return folder() / "data"; }
  const Listening& listening() const { return listening_; }

 private:
  const int crash_signal_;
  TemporaryFolder folder_;
  Listening listening_;
  pid_t pid_ = 0;
  std::thread reader_;  // of what it says
  int databases_ = 0;
};

/// Started at first use, one for all tests of the program.
DatabaseServer& postgresql_server();
DatabaseServer& mariadb_server();

/// Whether a commit waits for the disk. The operating system outlives every crash in the tests.
enum class Durability { none, full };

/// One of its own, for a test that kills it or a bench.
std::unique_ptr<DatabaseServer> new_postgresql_server(Durability durability = Durability::none);
std::unique_ptr<DatabaseServer> new_mariadb_server(Durability durability = Durability::none);

}  // namespace espial::store
