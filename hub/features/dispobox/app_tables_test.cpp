#include "hub/features/dispobox/app_tables.hpp"

#include <gtest/gtest.h>
#include <soci/soci.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "hub/broker/child_process.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::dispobox {
namespace {

/// A MariaDB of the test's own, on a socket in a folder that goes away.
class DispoBoxTables : public testing::Test {
 protected:
  void SetUp() override {
    auto made = broker::ChildProcess::spawn(options(
        {"mariadb-install-db", "--no-defaults", "--datadir=" + data(), tmpdir(), "--skip-test-db",
         "--auth-root-authentication-method=normal", "--user=" + user()}));
    ASSERT_EQ(made.error, "");
    ASSERT_TRUE(made.process.wait(Duration::seconds(120)));
    begin();
    soci::session sql("mysql", connect("mysql"));
    sql << "CREATE DATABASE dispobox";
  }

  void begin() {
    auto server = broker::ChildProcess::spawn(
        options({"/usr/sbin/mariadbd", "--no-defaults", "--datadir=" + data(), tmpdir(),
                 "--socket=" + socket(), "--skip-networking", "--user=" + user(),
                 "--innodb-buffer-pool-size=8M"}));
    ASSERT_EQ(server.error, "");
    server_ = std::move(server.process);
    ASSERT_TRUE(until([&] {
      try {
        soci::session probe("mysql", connect("mysql"));
        return true;
      } catch (const std::exception&) {
        return false;
      }
    }));
  }
  void end() { server_.terminate(Duration::seconds(60)); }
  void TearDown() override { end(); }

  broker::SpawnOptions options(std::vector<std::string> command) const {
    broker::SpawnOptions spawn;
    spawn.command = std::move(command);
    spawn.output_file = folder_.file().parent_path() / "log";
    return spawn;
  }
  /// Beside the data: servers that are set up at the same time take each other's temporary tables.
  std::string tmpdir() const { return "--tmpdir=" + folder_.file().parent_path().string(); }
  std::string data() const { return (folder_.file().parent_path() / "data").string(); }
  std::string socket() const { return (folder_.file().parent_path() / "socket").string(); }
  static std::string user() { return ::getuid() == 0 ? "root" : ::getlogin(); }
  std::string connect(const std::string& database) const {
    return "db=" + database + " user=root unix_socket=" + socket();
  }
  AppTables::Options tables() const {
    AppTables::Options options;
    options.connect = connect("dispobox");
    options.max_backlog = 3;
    options.retry_delay_ms = 10;
    options.max_retry_delay_ms = 50;
    return options;
  }

  template <typename Done>
  static bool until(Done&& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  /// A change of box 41 beside an unchanging system.
  static TableRow row(int second, BoxState state, const std::string& name = "41") {
    const std::string time = "2026-11-20 09:00:0" + std::to_string(second);
    return {time, 41, {{0, BoxState::free, "0"}, {41, state, name}}};
  }
  template <typename T>
  T ask(const std::string& question) {
    soci::session sql("mysql", connect("dispobox"));
    T answer{};
    sql << question, soci::into(answer);
    return answer;
  }

  store::TemporaryFolder folder_;
  broker::ChildProcess server_;
};

TEST_F(DispoBoxTables, ApplicationsReadTheBoxesAndEachChange) {
  {
    AppTables tables_written(tables());
    tables_written.add(row(1, BoxState::occupied));
    tables_written.add(row(2, BoxState::free, "Salle d'Ada; DROP"));
    ASSERT_TRUE(until([&] { return tables_written.counters().written == 2; }));
  }
  EXPECT_EQ(ask<int>("SELECT state FROM current_state WHERE id = 41"), 0);
  EXPECT_EQ(ask<std::string>("SELECT name FROM current_state WHERE id = '41'"),
            "Salle d'Ada; DROP");
  EXPECT_EQ(ask<int>("SELECT COUNT(*) FROM current_state"), 2);
  EXPECT_EQ(ask<int>("SELECT `41` FROM stats WHERE time = '2026-11-20 09:00:01'"), 1);
  EXPECT_EQ(ask<int>("SELECT `0` FROM stats WHERE time = '2026-11-20 09:00:02'"), 0);
  EXPECT_EQ(ask<int>("SELECT `68` FROM stats LIMIT 1"), -1);
}

TEST_F(DispoBoxTables, ABoxThatIsGoneHasNoStateAnyMore) {
  {
    soci::session sql("mysql", connect("dispobox"));
    sql << "CREATE TABLE current_state (id INT, name VARCHAR(20), state INT)";
    sql << "INSERT INTO current_state VALUES (42, 'another', 0), (98, 'before', 1), (99, 'now', 1)";
  }
  AppTables tables_written(tables());
  TableRow first = row(1, BoxState::occupied);
  first.gone = {98};
  tables_written.add(first);
  ASSERT_TRUE(until([&] { return tables_written.counters().written == 1; }));
  EXPECT_EQ(ask<int>("SELECT SUM(id) FROM current_state"), 0 + 41 + 42 + 99)
      << "what went while nobody told this database, is gone with the first row";
  TableRow second = row(2, BoxState::free);
  second.changed = 99;
  second.gone = {98, 99};
  tables_written.add(second);
  ASSERT_TRUE(until([&] { return tables_written.counters().written == 2; }));
  EXPECT_EQ(ask<int>("SELECT SUM(id) FROM current_state"), 0 + 41 + 42);
  EXPECT_EQ(ask<int>("SELECT COUNT(*) FROM stats"), 2);
}

TEST_F(DispoBoxTables, S1sOwnTablesAreUsedAsTheyAre) {
  {
    soci::session sql("mysql", connect("dispobox"));
    sql << "CREATE TABLE current_state (id VARCHAR(2), name VARCHAR(20), state TINYINT)";
    sql << "INSERT INTO current_state VALUES ('41', 'old', -1)";
    sql << "CREATE TABLE stats (id INT AUTO_INCREMENT PRIMARY KEY, time DATETIME, `0` TINYINT)";
  }
  AppTables tables_written(tables());
  tables_written.add(row(1, BoxState::occupied));
  ASSERT_TRUE(until([&] { return tables_written.counters().written == 1; }));
  EXPECT_EQ(ask<int>("SELECT COUNT(*) FROM current_state WHERE id = '41'"), 1);
  EXPECT_EQ(ask<int>("SELECT state FROM current_state WHERE id = '41'"), 1);
  EXPECT_EQ(ask<int>("SELECT `41` FROM stats"), 1);
}

TEST_F(DispoBoxTables, WhatTheTablesRefuseHoldsUpNothing) {
  {
    soci::session sql("mysql", connect("dispobox"));
    sql << "CREATE TABLE current_state (id INT, name VARCHAR(5), state TINYINT)";
    sql << "CREATE TABLE stats (id INT AUTO_INCREMENT PRIMARY KEY, time DATETIME, `0` TINYINT, "
           "`41` TINYINT CHECK (`41` >= 0))";
  }
  AppTables tables_written(tables());
  tables_written.add(row(1, BoxState::occupied, "a name that does not fit"));
  tables_written.add(row(2, BoxState::unknown));
  tables_written.add(row(3, BoxState::free));
  ASSERT_TRUE(until([&] { return tables_written.counters().backlog == 0; }));
  EXPECT_EQ(tables_written.counters().refused, 2u);
  EXPECT_EQ(tables_written.counters().written, 1u);
  EXPECT_EQ(tables_written.counters().failures, 0u);
  EXPECT_EQ(tables_written.counters().last_error, "");
  EXPECT_EQ(ask<int>("SELECT COUNT(*) FROM stats WHERE time = '2026-11-20 09:00:01'"), 1)
      << "the change itself, of which only the name did not fit";
  EXPECT_EQ(ask<int>("SELECT COUNT(*) FROM stats"), 2);
  EXPECT_EQ(ask<int>("SELECT state FROM current_state WHERE id = 41"), 0);
  EXPECT_EQ(ask<int>("SELECT COUNT(*) FROM current_state WHERE id = 0"), 1);
}

TEST_F(DispoBoxTables, WhatTheAddressSaysIsNotSaidAgain) {
  for (const char* const more : {" charset=latin1", " charset='utf8mb4' read_timeout=3"}) {
    AppTables::Options said = tables();
    said.connect += more;
    AppTables tables_written(said);
    tables_written.add(row(1, BoxState::occupied));
    EXPECT_TRUE(until([&] {
      return tables_written.counters().written + tables_written.counters().failures > 0;
    }));
    EXPECT_EQ(tables_written.counters().last_error, "") << more;
  }
}

TEST_F(DispoBoxTables, ADatabaseThatWasAwayGetsWhatWaitedAndTheNewestState) {
  AppTables tables_written(tables());
  tables_written.add(row(0, BoxState::free));
  ASSERT_TRUE(until([&] { return tables_written.counters().written == 1; }));
  end();
  tables_written.add(row(1, BoxState::occupied));
  ASSERT_TRUE(until([&] { return tables_written.counters().failures > 0; }));
  // One is in hand, three may wait: the oldest of the waiting goes.
  for (int i = 2; i <= 5; ++i) {
    tables_written.add(row(i, i == 5 ? BoxState::unknown : BoxState::free));
  }
  EXPECT_EQ(tables_written.counters().dropped, 1u);
  EXPECT_EQ(tables_written.counters().backlog, 4u);
  EXPECT_NE(tables_written.counters().last_error, "");
  begin();
  ASSERT_TRUE(until([&] { return tables_written.counters().backlog == 0; }));
  EXPECT_EQ(tables_written.counters().last_error, "");
  EXPECT_EQ(ask<int>("SELECT COUNT(*) FROM stats"), 5);
  EXPECT_EQ(ask<int>("SELECT state FROM current_state WHERE id = 41"), -1);
}

}  // namespace
}  // namespace espial::dispobox
