// Database servers that crash and come back, while the committer works.

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <set>
#include <string>

#include "hub/store/committer.hpp"
#include "hub/store/database_servers_test.hpp"
#include "hub/store/mariadb_store.hpp"
#include "hub/store/postgresql_store.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

struct ServerKind {
  std::string name;
  std::unique_ptr<DatabaseServer> (*make_server)(Durability);
  std::unique_ptr<Store> (*make)(ServerAddress, SorterLimits);
};

class ServerLoss : public testing::TestWithParam<ServerKind> {
 protected:
  void SetUp() override {
    spdlog::set_level(spdlog::level::off);
    // One server of each kind for all tests, and not the one of the other suites.
    static std::map<std::string, std::unique_ptr<DatabaseServer>> servers;
    auto& server = servers[GetParam().name];
    if (!server) {
      server = GetParam().make_server(Durability::none);
      server->start();
    }
    server_ = server.get();
    store_ = GetParam().make(server_->new_database(), {.max_recent_rows = 50, .slice_rows = 20});
    ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
    ASSERT_EQ(apply(*store_, {device_record(1)}), StoreError::none);
  }
  void TearDown() override { spdlog::set_level(spdlog::level::info); }

  DatabaseServer* server_ = nullptr;
  std::unique_ptr<Store> store_;
};

TEST_P(ServerLoss, AServerThatRefusesIsToldFromOneThatIsAway) {
  ServerAddress nobody = server_->new_database();
  ServerAddress nowhere = nobody;
  nobody.user = "stranger";
  nobody.password = "wrong";
  nowhere.database = "nowhere";
  for (const ServerAddress& address : {nobody, nowhere}) {
    const auto store = GetParam().make(address, {});
    EXPECT_EQ(store->open(), StoreError::denied) << store->last_error_text();
  }
  server_->kill();
  EXPECT_EQ(GetParam().make(nobody, {})->open(), StoreError::away);
  server_->start();
}

TEST_P(ServerLoss, IsSaidAndOverWhenTheServerIsBack) {
  const auto reader = store_->open_reader();
  EXPECT_EQ(reader->counts().devices, 1u);
  server_->kill();
  EXPECT_EQ(apply(*store_, {number_reading(1, 1, 1)}), StoreError::away);
  EXPECT_EQ(apply(*store_, {number_reading(1, 1, 1)}), StoreError::away);
  EXPECT_EQ(store_->tidy(UnixTime{1}, false).error, StoreError::away);
  EXPECT_EQ(reader->counts().error, StoreError::away);
  server_->start();
  EXPECT_EQ(apply(*store_, {number_reading(1, 1, 1)}), StoreError::none)
      << store_->last_error_text();
  EXPECT_EQ(reader->counts().readings, 1u);
}

TEST_P(ServerLoss, LosesAndDoublesNothing) {
  boost::asio::io_context io;
  const auto guard = boost::asio::make_work_guard(io);
  std::set<int> completed;
  CommitterCounters counters;
  int submitted = 0;
  {
    Committer committer(*store_, io,
                        {.max_units_per_commit = 20,
                         .gather_ms = 0,
                         .max_backlog_units = 100,
                         .max_retry_delay_ms = 50,
                         .stop_timeout_ms = 60'000});
    const auto submit = [&] {
      Unit unit;
      unit.changes.push_back(number_reading(1, submitted, submitted));
      unit.changes.push_back(AuditRecord{UnixTime{submitted}, "", "test", "", ""});
      unit.completion = [&completed, n = submitted](Verdict verdict) {
        if (verdict == Verdict::stored) completed.insert(n);
      };
      if (!committer.submit(std::move(unit))) return false;
      ++submitted;
      return true;
    };
    const auto run_until = [&](std::size_t count) {
      while (completed.size() < count) {
        while (submit()) {
        }
        io.run_one();
      }
    };
    for (int round = 1; round <= 3; ++round) {
      run_until(static_cast<std::size_t>(round) * 300);
      server_->kill();  // in the middle of whatever it does
      // It may have committed everything by then, and only who has something to commit notices.
      while (committer.counters().last_error != StoreError::away) {
        (void)submit();
        io.poll_one();
      }
      while (submit()) {
      }
      EXPECT_EQ(committer.counters().backlog_units, 100u) << "the backlog has its limit";
      const std::size_t before = completed.size();
      EXPECT_LE(before, static_cast<std::size_t>(submitted) - 100) << "nothing more completes";
      server_->start();
    }
    run_until(1'200);
    committer.stop();
    io.poll();
    counters = committer.counters();
  }
  EXPECT_GE(counters.commits_failed, 3u);
  EXPECT_EQ(counters.units_abandoned, 0u);
  EXPECT_EQ(counters.units_refused, 0u);
  EXPECT_EQ(completed.size(), static_cast<std::size_t>(submitted));
  const auto reader = store_->open_reader();
  const History all =
      reader->history(DeviceId{1}, 0, 0, UnixTime{0}, UnixTime{kMaxTimeMs}, kMaxHistoryPoints);
  ASSERT_EQ(all.points.size(), static_cast<std::size_t>(submitted));
  for (int n = 0; n < submitted; ++n) {
    EXPECT_EQ(all.points[static_cast<std::size_t>(n)].number, static_cast<double>(n));
  }
  std::vector<AuditRecord> audit;
  EXPECT_EQ(reader->audit(10'000, audit), StoreError::none);
  EXPECT_EQ(audit.size(), static_cast<std::size_t>(submitted)) << "a commit was done twice";
}

TEST_P(ServerLoss, OneHubAtATimeWrites) {
  const ServerAddress address = server_->new_database();
  const auto first = GetParam().make(address, {});
  const auto second = GetParam().make(address, {});
  ASSERT_EQ(first->open(), StoreError::none);
  EXPECT_EQ(second->open(), StoreError::locked);
  first->close();
  EXPECT_EQ(second->open(), StoreError::none) << second->last_error_text();
}

INSTANTIATE_TEST_SUITE_P(
    Servers, ServerLoss,
    testing::Values(ServerKind{"postgresql", new_postgresql_server, make_postgresql_store},
                    ServerKind{"mariadb", new_mariadb_server, make_mariadb_store}),
    [](const testing::TestParamInfo<ServerKind>& server) { return server.param.name; });

}  // namespace
}  // namespace espial::store
