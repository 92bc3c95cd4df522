#include "core/node/records.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/crypto/wipe_witness_test.hpp"
#include "core/node/command_window.hpp"
#include "core/node/scripted_coordinator_test.hpp"

namespace espial::node {
namespace {

constexpr ServerId kServer{7};
constexpr ServerId kOther{8};

NodeKeyRecord load_key(ScriptedSettings& settings, ServerId server) {
  CryptoSodium crypto;
  NodeKeyRecord record;
  record.load(settings, server, crypto);
  return record;
}

TEST(RecordsTest, AKeyIsLeftNowhereElse) {
  ScriptedSettings settings;
  WipeWitness witness;
  NodeKeyRecord key;
  key.key.fill(0xa5);
  ASSERT_TRUE(key.save(settings, kServer, witness));
  EXPECT_EQ(witness.places_of(key.key), 1);
  NodeKeyRecord loaded;
  loaded.load(settings, kServer, witness);
  EXPECT_EQ(loaded.key, key.key);
  EXPECT_EQ(witness.places_of(key.key), 2);
}

TEST(RecordsTest, ComeBackAsTheyWereAndOnlyForTheirNetwork) {
  ScriptedSettings settings;
  CryptoSodium crypto;
  NodeKeyRecord key;
  key.generation = 200;
  key.key.fill(0xa5);
  ASSERT_TRUE(key.save(settings, kServer, crypto));
  const NodeKeyRecord loaded = load_key(settings, kServer);
  EXPECT_TRUE(loaded.present);
  EXPECT_EQ(loaded.generation, 200);
  EXPECT_EQ(loaded.key, key.key);
  EXPECT_FALSE(loaded.discovery_key);
  EXPECT_FALSE(load_key(settings, kOther).present);
  key.discovery_key.emplace().fill(0xd1);
  ASSERT_TRUE(key.save(settings, kServer, crypto));
  EXPECT_EQ(load_key(settings, kServer).discovery_key, key.discovery_key);
  settings.records[SettingKey::kNodeKey].pop_back();
  EXPECT_FALSE(load_key(settings, kServer).present);
  EXPECT_FALSE(load_key(settings, kServer).discovery_key);

  ASSERT_TRUE((GatewayRecord{Channel{11}, {{1, 2, 3, 4, 5, 6}}}.save(settings, kServer)));
  EXPECT_EQ(GatewayRecord::load(settings, kServer).channel, Channel{11});
  EXPECT_EQ(GatewayRecord::load(settings, kServer).address.octets[5], 6);
  EXPECT_FALSE(GatewayRecord::load(settings, kOther).channel.valid());

  AssignedRecord assigned;
  assigned.module = ModuleId{9};
  assigned.interval_s = 0x1234;
  assigned.set_name("a name of exactly 29 bytes ok");
  ASSERT_TRUE(assigned.save(settings, kServer));
  EXPECT_EQ(AssignedRecord::load(settings, kServer).name(), "a name of exactly 29 bytes ok");
  EXPECT_EQ(AssignedRecord::load(settings, kServer).interval_s, 0x1234);
  EXPECT_EQ(AssignedRecord::load(settings, kOther).module, ModuleId{});
}

TEST(RecordsTest, DamagedOnesCountAsAbsent) {
  ScriptedSettings settings;
  const auto put = [&](SettingKey key, const Bytes& bytes) { settings.records[key] = bytes; };
  for (const Bytes& bytes : {Bytes{}, Bytes{1}, Bytes{1, 7}, Bytes{1, 7, 3}, Bytes(40, 1)}) {
    put(SettingKey::kNodeKey, bytes);
    put(SettingKey::kLastGood, bytes);
    put(SettingKey::kModule, bytes);
    EXPECT_FALSE(load_key(settings, kServer).present);
    EXPECT_FALSE(GatewayRecord::load(settings, kServer).channel.valid());
    EXPECT_EQ(AssignedRecord::load(settings, kServer).name(), "");
  }
  put(SettingKey::kLastGood, {1, 7, 14, 1, 2, 3, 4, 5, 6});
  EXPECT_EQ(GatewayRecord::load(settings, kServer).channel, Channel{0});
  put(SettingKey::kModule, {1, 7, 9, 0, 0, 40, 'x'});
  EXPECT_EQ(AssignedRecord::load(settings, kServer).module, ModuleId{});
}

class CommandWindowTest : public testing::Test {
 protected:
  CommandWindowTest() { window_.load(settings_, kServer); }
  bool begin(std::uint32_t command, wire::Outcome outcome = wire::Outcome::kExecuted) {
    return window_.begin(settings_, command, outcome);
  }
  ScriptedSettings settings_;
  CommandWindow window_;
};

TEST_F(CommandWindowTest, RemembersOutcomesInAnyOrderOverAReset) {
  ASSERT_TRUE(begin(5));
  ASSERT_TRUE(begin(3, wire::Outcome::kExpired));
  ASSERT_TRUE(begin(7, wire::Outcome::kRefused));
  CommandWindow after;
  after.load(settings_, kServer);
  EXPECT_EQ(after.outcome(5), wire::Outcome::kExecuted);
  EXPECT_EQ(after.outcome(3), wire::Outcome::kExpired);
  EXPECT_EQ(after.outcome(7), wire::Outcome::kRefused);
  for (const std::uint32_t command : {3U, 5U, 7U}) {
    EXPECT_EQ(after.check(command), CommandWindow::Verdict::kEnded);
  }
  for (const std::uint32_t command : {4U, 6U, 8U}) {
    EXPECT_EQ(after.check(command), CommandWindow::Verdict::kNew);
  }
}

TEST_F(CommandWindowTest, WhatIsFurtherBehindThanTheWindowNeverRuns) {
  ASSERT_TRUE(begin(100));
  EXPECT_EQ(window_.check(100 - kCommandWindowSize + 1), CommandWindow::Verdict::kNew);
  EXPECT_EQ(window_.check(100 - kCommandWindowSize), CommandWindow::Verdict::kTooOld);
  ASSERT_TRUE(begin(100'000));
  EXPECT_EQ(window_.check(100), CommandWindow::Verdict::kTooOld);
  EXPECT_EQ(window_.check(99'999), CommandWindow::Verdict::kNew);
}

TEST_F(CommandWindowTest, AFailedWriteLeavesItAsItWas) {
  ASSERT_TRUE(begin(5));
  settings_.broken = true;
  EXPECT_FALSE(begin(6));
  EXPECT_EQ(window_.check(6), CommandWindow::Verdict::kNew);
  EXPECT_FALSE(window_.reset(settings_));
  EXPECT_EQ(window_.check(5), CommandWindow::Verdict::kEnded);
}

TEST_F(CommandWindowTest, AmendsAnOutcomeOnRecord) {
  ASSERT_TRUE(begin(5, wire::Outcome::kExpired));
  ASSERT_TRUE(window_.amend(settings_, 5, wire::Outcome::kRefused));
  CommandWindow after;
  after.load(settings_, kServer);
  EXPECT_EQ(after.outcome(5), wire::Outcome::kRefused);
  EXPECT_FALSE(window_.amend(settings_, 6, wire::Outcome::kRefused));
}

TEST_F(CommandWindowTest, AResetForgetsOnRecordToo) {
  ASSERT_TRUE(begin(50));
  ASSERT_TRUE(window_.reset(settings_));
  CommandWindow after;
  after.load(settings_, kServer);
  EXPECT_EQ(after.check(1), CommandWindow::Verdict::kNew);
  EXPECT_EQ(after.check(50), CommandWindow::Verdict::kNew);
}

TEST_F(CommandWindowTest, AnotherNetworksRecordIsNotTaken) {
  ASSERT_TRUE(begin(50));
  CommandWindow other;
  other.load(settings_, kOther);
  EXPECT_EQ(other.check(50), CommandWindow::Verdict::kNew);
}

TEST(CountersTest, EveryCounterAndStateHasItsOwnName) {
  std::set<std::string_view> names;
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(Count::kNumber); ++i) {
    EXPECT_TRUE(names.insert(to_text(static_cast<Count>(i))).second);
  }
  EXPECT_EQ(to_text(Count::kUnknownInner), "unknown_inner");
  EXPECT_EQ(to_text(Count::kTooShort), "too_short");
  EXPECT_EQ(to_text(NodeState::kLeaving), "leaving");
}

}  // namespace
}  // namespace espial::node
