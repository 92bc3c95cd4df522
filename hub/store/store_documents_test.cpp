// What every engine must do with what people decide: documents and the audit log.

#include "hub/store/store_address.hpp"
#include "hub/store/store_conformance_test.hpp"

namespace espial::store {
namespace {

class StoreDocuments : public StoreConformance {};

TEST_P(StoreDocuments, KeepsTheNewestBodyOverARestart) {
  put({Document{"groups", "b", "{}"}, Document{"groups", "a", "{\"old\":1}"},
       Document{"alarms", "a", "[1]"}});
  put({Document{"groups", "a", "{\"title\":\"Étage\"}"}});
  reopen();
  const Snapshot snapshot = load();
  ASSERT_EQ(snapshot.documents.size(), 3u);
  EXPECT_EQ(snapshot.documents[0].collection, "alarms");
  EXPECT_EQ(snapshot.documents[1].name, "a");
  EXPECT_EQ(snapshot.documents[1].body, "{\"title\":\"Étage\"}");
  EXPECT_EQ(snapshot.documents[2].name, "b");
}

TEST_P(StoreDocuments, RemovesOneWithAnEmptyBody) {
  put({Document{"groups", "a", "{}"}, Document{"groups", "b", "{}"}});
  put({Document{"groups", "a", ""}, Document{"groups", "never there", ""}});
  const Snapshot snapshot = load();
  ASSERT_EQ(snapshot.documents.size(), 1u);
  EXPECT_EQ(snapshot.documents[0].name, "b");
}

TEST_P(StoreDocuments, TakesTheLastOfSeveralWordsInOneBatch) {
  put({Document{"groups", "a", "1"}, Document{"groups", "a", ""}, Document{"groups", "a", "2"},
       Document{"groups", "b", "1"}, Document{"groups", "b", ""}});
  const Snapshot snapshot = load();
  ASSERT_EQ(snapshot.documents.size(), 1u);
  EXPECT_EQ(snapshot.documents[0].body, "2");
}

TEST_P(StoreDocuments, RefusesWhatIsBeyondItsLimits) {
  const std::string long_name(kMaxDocumentNameBytes + 1, 'x');
  AuditRecord long_audit{UnixTime{1}, "anna", "device.rename", "lamp", ""};
  long_audit.detail.assign(kMaxAuditTextBytes + 1, 'x');
  const std::vector<Changes> units{
      {Document{"", "a", "1"}},
      {Document{"groups", "", "1"}},
      {Document{long_name, "a", "1"}},
      {Document{"groups", long_name, "1"}},
      {Document{"groups", "a", std::string(kMaxDocumentBytes + 1, 'x')}},
      {long_audit},
      {Document{"groups", "a", std::string(kMaxDocumentBytes, 'x')}}};
  std::vector<std::size_t> refused;
  ASSERT_EQ(apply(*store_, units, refused), StoreError::none);
  EXPECT_EQ(refused, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(load().documents.size(), 1u);
}

TEST_P(StoreDocuments, NothingOfARefusedUnitStays) {
  DeviceRecord same_name = device_record(2);
  same_name.name = device_record(1).name;
  const std::vector<Changes> units{{device_record(1)},
                                   {Document{"groups", "a", "1"}, same_name},
                                   {Document{"groups", "b", "1"}}};
  std::vector<std::size_t> refused;
  ASSERT_EQ(apply(*store_, units, refused), StoreError::none);
  EXPECT_EQ(refused, (std::vector<std::size_t>{1}));
  const Snapshot snapshot = load();
  ASSERT_EQ(snapshot.documents.size(), 1u);
  EXPECT_EQ(snapshot.documents[0].name, "b");
}

TEST_P(StoreDocuments, TellsTheNewestOfTheAuditLogFirst) {
  put({AuditRecord{UnixTime{30}, "anna", "device.rename", "lamp", "was: Lamp 2"},
       AuditRecord{UnixTime{20}, "", "hub.start", "", ""}});
  put({AuditRecord{UnixTime{10}, "anna", "device.rename", "lamp", "was: lamp"}});
  reopen();
  std::vector<AuditRecord> records;
  ASSERT_EQ(store_->open_reader()->audit(2, records), StoreError::none);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].at.ms, 10);
  EXPECT_EQ(records[0].account, "anna");
  EXPECT_EQ(records[0].action, "device.rename");
  EXPECT_EQ(records[0].subject, "lamp");
  EXPECT_EQ(records[0].detail, "was: lamp");
  EXPECT_EQ(records[1].action, "hub.start");
}

using Engines = StoreAddress::Engine;

class AuditLimitsTest : public testing::TestWithParam<Engines> {
 protected:
  void SetUp() override {
    StoreAddress address;
    address.engine = GetParam();
    address.file = folder_.file();
    if (address.engine == Engines::mariadb) address.server = mariadb_server().new_database();
    if (address.engine == Engines::postgresql) address.server = postgresql_server().new_database();
    store_ = make_store(address, {}, {400, 2});
    ASSERT_EQ(store_->open(), StoreError::none);
  }

  /// Stores records of these days and lets the store tidy up on the thousandth; what is left then,
  /// the newest first.
  std::vector<std::string> left_of(const std::vector<std::pair<int, const char*>>& records) {
    constexpr std::int64_t kDay_ms = 86'400'000;
    Changes changes;
    for (const auto& [day, action] : records) {
      changes.emplace_back(AuditRecord{UnixTime{day * kDay_ms}, "anna", action, "", ""});
    }
    std::vector<std::size_t> refused;
    EXPECT_EQ(apply(*store_, {changes}, refused), StoreError::none);
    Tidying tidying;
    do {
      tidying = store_->tidy(UnixTime{1'000 * kDay_ms}, true);
      EXPECT_EQ(tidying.error, StoreError::none) << store_->last_error_text();
    } while (tidying.more);
    std::vector<AuditRecord> kept;
    EXPECT_EQ(store_->open_reader()->audit(9, kept), StoreError::none);
    std::vector<std::string> actions;
    for (const AuditRecord& record : kept) actions.push_back(record.action);
    return actions;
  }

  const TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_P(AuditLimitsTest, WhatIsTooOldGoes) {
  EXPECT_EQ(left_of({{599, "old"}, {601, "new"}}), std::vector<std::string>{"new"});
}

TEST_P(AuditLimitsTest, OfTheOthersTheNewestStay) {
  EXPECT_EQ(left_of({{900, "first"}, {900, "second"}, {900, "third"}}),
            (std::vector<std::string>{"third", "second"}));
}

TEST_P(AuditLimitsTest, WhoeverGuessesPasswordsWashesNothingOut) {
  const char* const refused = kRefusedLogin.data();
  EXPECT_EQ(left_of({{900, "first"}, {900, refused}, {901, "second"}, {902, refused}}),
            (std::vector<std::string>{refused, "second", "first"}));
}

TEST_P(AuditLimitsTest, WhatIsDueAfterThemIsNotLeftForTheNextCommit) {
  ASSERT_EQ(apply(*store_, {device_record(1), number_reading(1, 5, 7)}), StoreError::none);
  store_->close();
  Retention retention;
  ASSERT_TRUE(add_retention("1", retention));
  store_->keep(retention);
  ASSERT_EQ(store_->open(), StoreError::none);
  Tidying tidying;
  do {
    tidying = store_->tidy(kTidyingTime, true);
    ASSERT_EQ(tidying.error, StoreError::none) << store_->last_error_text();
  } while (tidying.more);
  EXPECT_EQ(tidying.days_to_prune, 0u);
  EXPECT_EQ(tidying.day_tables, 0u);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Engines, StoreDocuments, engines(), name_of);
INSTANTIATE_TEST_SUITE_P(Engines, AuditLimitsTest,
                         testing::Values(Engines::sqlite, Engines::postgresql, Engines::mariadb));

}  // namespace espial::store
