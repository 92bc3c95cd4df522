#include "hub/store/backup.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "hub/store/database_servers_test.hpp"
#include "hub/store/store_test_support.hpp"

namespace espial::store {
namespace {

constexpr UnixTime kLater{1'800'000'000'000};

StoreAddress sqlite_at(const std::filesystem::path& file) {
  return {StoreAddress::Engine::sqlite, file, {}};
}

class Backup : public testing::TestWithParam<StoreAddress::Engine> {
 protected:
  StoreAddress new_address() {
    switch (GetParam()) {
      case StoreAddress::Engine::postgresql:
        return {GetParam(), {}, postgresql_server().new_database()};
      case StoreAddress::Engine::mariadb:
        return {GetParam(), {}, mariadb_server().new_database()};
      case StoreAddress::Engine::sqlite:
        break;
    }
    return sqlite_at(file("of " + std::to_string(++databases_)));
  }
  std::filesystem::path file(const std::string& name) const {
    return folder_.file().parent_path() / name;
  }
  std::unique_ptr<Store> opened(const StoreAddress& address, SorterLimits sorting = {}) {
    auto store = make_store(address, sorting);
    EXPECT_EQ(store->open(), StoreError::none) << store->last_error_text();
    return store;
  }
  /// Something of every kind: filed, rolled up, recent, and what people decided.
  void fill(Store& store) {
    Changes changes{device_record(1),
                    FunctionRecord{DeviceId{1}, 0, 1, "Salon d'été", true},
                    EspialNode{device_record(1).mac, ServerId{1}, ModuleId{2}, 3, {1, 2}},
                    EspialSession{DeviceId{1}, 8, 1, 64, {3}},
                    StreamProgress{DeviceId{1}, 5, false, {1}},
                    CommandRecord{DeviceId{1},
                                  7,
                                  0,
                                  1,
                                  {9},
                                  CommandState::pending,
                                  UnixTime{100},
                                  UnixTime{},
                                  UnixTime{500}},
                    MetaRecord{"site", "home"},
                    Document{"groups", "a", "{}"},
                    AuditRecord{UnixTime{5}, "anna", "group.change", "a", ""}};
    for (int i = 0; i < 500; ++i) changes.push_back(number_reading(1, 10'000'000LL * i, i));
    Reading text = number_reading(1, 7, 0, 1);
    text.type = ValueType::text;
    text.text = std::string("a\0'\\", 4);
    changes.push_back(text);
    ASSERT_EQ(apply(store, changes), StoreError::none) << store.last_error_text();
    while (store.tidy(kLater, true).more) {
    }
    ASSERT_EQ(apply(store, {number_reading(1, kLater.ms, -1)}), StoreError::none);
    EXPECT_EQ(store.open_reader()
                  ->history(DeviceId{1}, 1, 0, UnixTime{0}, UnixTime{kMaxTimeMs}, 5)
                  .points.at(0)
                  .text,
              text.text);
  }
  static void expect_filled(Store& store) {
    Snapshot snapshot;
    ASSERT_EQ(store.load(snapshot), StoreError::none) << store.last_error_text();
    ASSERT_EQ(snapshot.devices.size(), 1u);
    EXPECT_EQ(snapshot.functions.at(0).title, "Salon d'été");
    EXPECT_EQ(snapshot.nodes.at(0).wrapped, (Bytes{1, 2}));
    EXPECT_EQ(snapshot.streams.at(0).stream_id, 5u);
    EXPECT_EQ(snapshot.open_commands.at(0).command_id, 7u);
    ASSERT_EQ(snapshot.highest_command_ids.size(), 1u);
    EXPECT_GE(snapshot.highest_command_ids.at(0).second, 1'700'000'000u)
        << "the module may know some after 7 already";
    EXPECT_EQ(snapshot.meta.at(0).value, "home");
    EXPECT_EQ(snapshot.documents.at(0).body, "{}");
    EXPECT_TRUE(snapshot.sessions.empty()) << "counters of a session must not be used twice";
    ASSERT_EQ(snapshot.latest.size(), 2u);
    const auto reader = store.open_reader();
    const auto history = [&](std::uint8_t slot, std::size_t points) {
      return reader->history(DeviceId{1}, slot, 0, UnixTime{0}, UnixTime{kMaxTimeMs}, points);
    };
    const History all = history(0, 1'000);
    ASSERT_EQ(all.points.size(), 501u);
    for (std::size_t i = 0; i < 500; ++i) EXPECT_EQ(all.points[i].number, static_cast<double>(i));
    EXPECT_EQ(history(0, 5).readings, 501u);
    EXPECT_EQ(history(1, 5).points.at(0).type, ValueType::text);
    EXPECT_EQ(history(1, 5).points.at(0).text, std::string("a\0'\\", 4));
    std::vector<AuditRecord> audit;
    EXPECT_EQ(reader->audit(9, audit), StoreError::none);
    EXPECT_EQ(audit.at(0).account, "anna");
    ASSERT_EQ(apply(store, {number_reading(1, kLater.ms + 1, -2)}), StoreError::none)
        << store.last_error_text();
    EXPECT_EQ(history(0, 1'000).points.back().number, -2) << "it goes on from there";
  }

  TemporaryFolder folder_;
  int databases_ = 0;
};

TEST_P(Backup, HoldsEverythingThoughTheHubRuns) {
  const StoreAddress address = new_address();
  // With few readings recent: the others are filed and summed up.
  const auto running = opened(address, {.max_recent_rows = 10});
  fill(*running);
  const auto made = back_up(address, file("backup"));
  ASSERT_EQ(made.error, StoreError::none) << made.problem;
  ASSERT_EQ(apply(*running, {device_record(2)}), StoreError::none) << "the hub goes on";

  const StoreAddress same_engine = new_address();
  const auto restored = restore(file("backup"), same_engine);
  ASSERT_EQ(restored.error, StoreError::none) << restored.problem;
  {
    SCOPED_TRACE("the same engine");
    expect_filled(*opened(same_engine));
  }

  const StoreAddress other_engine = sqlite_at(file("other"));
  ASSERT_EQ(restore(file("backup"), other_engine).error, StoreError::none);
  expect_filled(*opened(other_engine));
}

TEST_P(Backup, IsItsOwnersAlone) {
  const auto mode_of = [](const std::filesystem::path& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
  };
  const mode_t former_mask = ::umask(0);
  const StoreAddress address = new_address();
  fill(*opened(address));
  int parts = 0;
  const auto made = back_up(address, file("backup"), [&](const std::string&) {
    EXPECT_EQ(mode_of(file("backup.part")), 0600u);
    ++parts;
  });
  EXPECT_EQ(made.error, StoreError::none) << made.problem;
  EXPECT_EQ(mode_of(file("backup")), 0600u);
  EXPECT_TRUE(parts > 0 || GetParam() == StoreAddress::Engine::sqlite);
  // One that was made elsewhere, and may be read by others.
  std::filesystem::permissions(file("backup"), std::filesystem::perms{0644});
  EXPECT_EQ(restore(file("backup"), sqlite_at(file("restored"))).error, StoreError::none);
  EXPECT_EQ(mode_of(file("restored")), 0600u);
  const auto watch = [&](const std::string&) {
    EXPECT_EQ(mode_of(file("backup.restoring")), 0600u);
  };
  if (GetParam() != StoreAddress::Engine::sqlite) {
    EXPECT_EQ(restore(file("backup"), new_address(), {}, watch).error, StoreError::none);
  }
  ::umask(former_mask);
}

TEST_P(Backup, TellsHowFarItIs) {
  const StoreAddress address = new_address();
  {
    const auto store = opened(address);
    ASSERT_EQ(apply(*store, {device_record(1)}), StoreError::none);
    Changes changes;
    for (int i = 0; i < 30'000; ++i) changes.push_back(number_reading(1, 10 * i, i));
    ASSERT_EQ(apply(*store, changes), StoreError::none);
  }
  std::vector<std::string> told;
  const auto note = [&told](const std::string& text) { told.push_back(text); };
  ASSERT_EQ(back_up(address, file("backup"), note).error, StoreError::none);
  const char* const what = GetParam() == StoreAddress::Engine::sqlite ? " of 1 MB" : "rows, recent";
  EXPECT_GT(std::count_if(told.begin(), told.end(),
                          [&](const auto& text) { return text.find(what) != std::string::npos; }),
            2);
  told.clear();
  ASSERT_EQ(restore(file("backup"), sqlite_at(file("restored")), {}, note).error, StoreError::none);
  EXPECT_FALSE(told.empty());
}

TEST_P(Backup, RestoresNoDocumentsThatAreLeftOut) {
  const StoreAddress address = new_address();
  {
    const auto store = opened(address);
    ASSERT_EQ(apply(*store, {Document{"accounts", "ada", "{}"}, Document{"sessions", "x", "{}"}}),
              StoreError::none);
  }
  ASSERT_EQ(back_up(address, file("backup")).error, StoreError::none);
  const StoreAddress other = new_address();
  ASSERT_EQ(restore(file("backup"), other, {"sessions"}).error, StoreError::none);
  Snapshot snapshot;
  ASSERT_EQ(opened(other)->load(snapshot), StoreError::none);
  ASSERT_EQ(snapshot.documents.size(), 1u);
  EXPECT_EQ(snapshot.documents.at(0).collection, "accounts");
}

TEST_P(Backup, IsNotRestoredOverSomethingElse) {
  const StoreAddress address = new_address();
  {
    const auto store = opened(address);
    fill(*store);
  }
  ASSERT_EQ(back_up(address, file("backup")).error, StoreError::none);
  EXPECT_NE(back_up(address, file("backup")).problem.find("exists"), std::string::npos);
  const auto refused = restore(file("backup"), address);
  EXPECT_EQ(refused.error, StoreError::constraint);
  EXPECT_NE(refused.problem.find("new"), std::string::npos);
}

TEST_P(Backup, SaysWhatIsNoBackup) {
  std::ofstream(file("letter")) << std::string(10'000, 'x');
  EXPECT_EQ(restore(file("letter"), new_address()).error, StoreError::corrupt);
  EXPECT_NE(restore(file("missing"), new_address()).error, StoreError::none);
  EXPECT_FALSE(std::filesystem::exists(file("letter.restoring")));
}

std::string name_of_engine(const testing::TestParamInfo<StoreAddress::Engine>& engine) {
  constexpr const char* kNames[] = {"sqlite", "mariadb", "postgresql"};
  return kNames[static_cast<std::size_t>(engine.param)];
}

INSTANTIATE_TEST_SUITE_P(Engines, Backup,
                         testing::Values(StoreAddress::Engine::sqlite,
                                         StoreAddress::Engine::postgresql,
                                         StoreAddress::Engine::mariadb),
                         name_of_engine);

}  // namespace
}  // namespace espial::store
