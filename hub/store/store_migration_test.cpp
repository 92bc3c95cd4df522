// Databases as each version of the schema left them are brought forward, on every engine: a hub may
// have been switched off for years, and a power cut may have come between two versions. The files
// were written by the programs of their time (fixture/freeze.cpp); the servers' begin with version
// 3, the first that knew them.

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "hub/store/rollups.hpp"
#include "hub/store/store_address.hpp"
#include "hub/store/store_conformance_test.hpp"

namespace espial::store {
namespace {

using Address = StoreAddress::Engine;
using Case = std::tuple<Address, std::uint32_t>;

/// 2026-01-01
constexpr std::int64_t kFirstDayMs = 20'454 * kDayMs;

class StoreMigration : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    address_.engine = std::get<0>(GetParam());
    address_.file = folder_.file();
    if (address_.engine == Address::postgresql) {
      address_.server = postgresql_server().new_database();
    } else if (address_.engine == Address::mariadb) {
      address_.server = mariadb_server().new_database();
    }
    fill("hub/store/fixture/" + std::string(to_text(address_.engine)) + "_version_" +
         std::to_string(version()) + ".sql");
    store_ = make_store(address_, {.max_recent_rows = 3, .slice_rows = 2});
    ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
  }

  static std::uint32_t version() { return std::get<1>(GetParam()); }

  /// Statements end with a semicolon at the end of a line.
  void fill(const std::string& file) {
    std::ifstream stream(file);
    ASSERT_TRUE(stream) << file << ": store_freeze writes what a version leaves";
    const auto connection = make_connector(address_)(Purpose::writing);
    std::string statement;
    for (std::string line; std::getline(stream, line);) {
      statement += line + '\n';
      if (line.empty() || line.back() != ';') continue;
      statement.resize(statement.size() - 2);
      connection->define(statement);
      statement.clear();
    }
    ASSERT_EQ(connection->schema_version(), version());
  }

  History history(std::uint8_t field, std::size_t points = 100) {
    return store_->open_reader()->history(DeviceId{1}, 0, field, UnixTime{0}, UnixTime{kMaxTimeMs},
                                          points);
  }
  std::size_t audited() {
    std::vector<AuditRecord> records;
    EXPECT_EQ(store_->open_reader()->audit(100, records), StoreError::none);
    return records.size();
  }
  void expect_readings() {
    const History numbers = history(0);
    ASSERT_EQ(numbers.points.size(), 5u);
    constexpr double kNumbers[] = {20.5, 21.25, 21.25, -3, 1e-300};
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(numbers.points[i].number, kNumbers[i]);
    EXPECT_EQ(numbers.points[0].at.ms, kFirstDayMs + kHourMs);
    const History texts = history(1);
    ASSERT_EQ(texts.points.size(), 1u);
    EXPECT_EQ(texts.points[0].text, "it's on");
    EXPECT_EQ(store_->open_reader()->counts().readings, 9u);
  }

  TemporaryFolder folder_;
  StoreAddress address_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreMigration, KeepsEverything) {
  Snapshot snapshot;
  ASSERT_EQ(store_->load(snapshot), StoreError::none) << store_->last_error_text();
  ASSERT_EQ(snapshot.devices.size(), 2u);
  EXPECT_EQ(snapshot.devices[0].name, "Hall");
  EXPECT_EQ(snapshot.devices[0].module, ModuleId{7});
  EXPECT_EQ(snapshot.devices[1].session_id, "1767000000.123456");
  EXPECT_EQ(snapshot.functions.at(0).title, "Salon d'été");
  EXPECT_EQ(snapshot.streams.at(0).window, (Bytes{1, 2}));
  EXPECT_EQ(snapshot.nodes.at(0).wrapped, (Bytes{0xa1, 0xb2}));
  EXPECT_EQ(snapshot.sessions.at(0).session_id, std::uint64_t{0} - 8);
  EXPECT_EQ(snapshot.open_commands.at(0).command_id, 9u);
  ASSERT_EQ(snapshot.latest.size(), 4u);
  EXPECT_EQ(snapshot.latest[0].number, 1e-300);
  EXPECT_EQ(snapshot.documents.size(), version() >= 3 ? 1u : 0u);
  EXPECT_EQ(audited(), version() >= 3 ? 1u : 0u);
  expect_readings();
}

TEST_P(StoreMigration, GoesOnFromThere) {
  for (bool more = true; more;) {
    const Tidying tidying = store_->tidy(kTidyingTime, false);
    ASSERT_EQ(tidying.error, StoreError::none) << store_->last_error_text();
    more = tidying.more;
  }
  expect_readings();
  const History sums = history(0, 2);
  ASSERT_EQ(sums.points.size(), 2u);
  EXPECT_EQ(sums.points[0].count, 3u);
  EXPECT_EQ(sums.points[0].number, 21);
  ASSERT_EQ(apply(*store_, {number_reading(1, kFirstDayMs + 5, 7), Document{"groups", "b", "[]"},
                            AuditRecord{{6}, "anna", "group.change", "b", ""}}),
            StoreError::none)
      << store_->last_error_text();
  EXPECT_EQ(history(0).points.at(0).number, 7);
  store_->close();
  ASSERT_EQ(store_->open(), StoreError::none) << store_->last_error_text();
  EXPECT_EQ(history(0).readings, 6u);
  EXPECT_EQ(audited(), version() >= 3 ? 2u : 1u);
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  constexpr const char* kNames[] = {"sqlite", "mariadb", "postgresql"};
  return std::string(kNames[static_cast<std::size_t>(std::get<0>(info.param))]) + "_version_" +
         std::to_string(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreMigration,
                         testing::Combine(testing::Values(Address::sqlite),
                                          testing::Range(1u, kSchemaVersion + 1)),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Servers, StoreMigration,
                         testing::Combine(testing::Values(Address::mariadb, Address::postgresql),
                                          testing::Range(3u, kSchemaVersion + 1)),
                         name_of_case);

}  // namespace
}  // namespace espial::store
