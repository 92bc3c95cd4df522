#include "hub/features/alarms/alarms.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "core/wire/kind.hpp"

namespace espial::alarms {
namespace {

const MacAddress kFreezer{{0x24, 0x6f, 0x28, 0, 0, 7}};

class AlarmsTest : public testing::Test {
 protected:
  void SetUp() override {
    station::Device device;
    device.id = {7};
    device.mac = kFreezer;
    device.name = "Freezer";
    station::FunctionState function;
    function.kind = wire::find_standard_kind("temperature")->number;
    device.functions.push_back(function);
    ASSERT_EQ(live_.put(device), station::Outcome::done);
  }

  nlohmann::json last() const { return nlohmann::json::parse(told_.back().payload); }

  /// The alarm is raised and was told.
  void raise() {
    Rule rule = warm();
    rule.hold = {};
    ASSERT_TRUE(alarms_.put(rule));
    measure(-5);
    ASSERT_EQ(told_.size(), 1u);
  }

  /// Another hub's, which has what this one has kept.
  void restart() {
    const AlarmRecord record = *read_record(kept_);
    Rule rule = alarms_.all()[0].rule;
    alarms_.remove(rule.name);
    told_.clear();
    alarms_.restore(rule, record);
  }

  static Rule warm() {
    Rule rule;
    rule.name = "Too warm/now";
    rule.device = kFreezer;
    rule.field = "temperature";
    rule.above = -12;
    rule.hold = Duration::seconds(5);
    return rule;
  }

  void measure(double celsius) {
    const station::Value value = station::Value::of(0, celsius);
    ASSERT_EQ(live_.apply_reading({7}, 0, {++unix_.ms}, &value, 1), station::Outcome::done);
  }

  struct Told {
    std::string topic;
    std::string payload;
    bool retain;
  };
  station::LiveState live_;
  Instant now_{1'000'000};
  UnixTime unix_{1'774'598'400'000};
  std::vector<Told> told_;
  int changes_ = 0;
  Alarms alarms_{"home",
                 {live_,
                  [this](const mqtt::Message& message) {
                    told_.push_back({std::string(message.topic),
                                     {reinterpret_cast<const char*>(message.payload.data()),
                                      message.payload.size()},
                                     message.retain});
                    return mqtt::PublishError::kNone;
                  },
                  [this] { ++changes_; }, [this] { return now_; }, [this] { return unix_; },
                  [this](const std::string&, const std::string& record, const auto& on_kept) {
                    if (store_is_busy_) return false;
                    kept_ = record;
                    if (on_kept) on_kept();
                    return true;
                  }}};
  std::string kept_;
  bool store_is_busy_ = false;
};

TEST_F(AlarmsTest, AKindOfAConfigurationHasFieldsByNumber) {
  station::Device device = *live_.find(kFreezer);
  device.functions[0].kind = 192;
  ASSERT_EQ(live_.put(device), station::Outcome::done);
  Rule rule = warm();
  rule.hold = {};
  EXPECT_FALSE(alarms_.is_possible(rule)) << "it has no temperature";
  rule.field = "field_0";
  EXPECT_TRUE(alarms_.is_possible(rule));
  ASSERT_TRUE(alarms_.put(rule));
  measure(-5);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(last()["state"], "raised");
}

TEST_F(AlarmsTest, ARuleMayComeBeforeItsModuleButNotForAFieldThatIsNone) {
  Rule rule = warm();
  EXPECT_TRUE(alarms_.is_possible(rule));
  rule.field = "temprature";
  EXPECT_FALSE(alarms_.is_possible(rule));
  rule.slot = 5;
  EXPECT_TRUE(alarms_.is_possible(rule)) << "nobody knows yet what is there";
}

TEST_F(AlarmsTest, ARaisedAlarmIsToldOnceAndStaysOnItsTopic) {
  ASSERT_TRUE(alarms_.put(warm()));
  measure(-9.5);
  EXPECT_TRUE(told_.empty());
  now_ = now_ + Duration::seconds(5);
  alarms_.tick();
  alarms_.tick();
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].topic, "espial/home/alarm/Too warm_now");
  EXPECT_TRUE(told_[0].retain);
  const auto body = nlohmann::json::parse(told_[0].payload);
  EXPECT_EQ(body["state"], "raised");
  EXPECT_EQ(body["value"], -9.5);
  EXPECT_EQ(body["device"], "24:6f:28:00:00:07");
  EXPECT_EQ(changes_, 2);  // the rule, and its alarm
  measure(-18);
  now_ = now_ + Duration::seconds(5);
  alarms_.tick();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(told_[1].payload)["state"], "over");
}

TEST_F(AlarmsTest, AValueThatStandsAlreadyCountsForANewRule) {
  measure(-5);
  ASSERT_TRUE(alarms_.put(warm()));
  now_ = now_ + Duration::seconds(5);
  alarms_.tick();
  EXPECT_TRUE(alarms_.all()[0].record.raised);
}

TEST_F(AlarmsTest, ARuleThatGoesTakesItsTopicAlong) {
  Rule rule = warm();
  rule.hold = {};
  ASSERT_TRUE(alarms_.put(rule));
  measure(-5);
  ASSERT_EQ(told_.size(), 1u);
  alarms_.remove(rule.name);
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[1].payload, "");
  EXPECT_TRUE(alarms_.all().empty());
}

TEST_F(AlarmsTest, ABrokerThatComesBackIsToldAgain) {
  Rule rule = warm();
  rule.hold = {};
  ASSERT_TRUE(alarms_.put(rule));
  measure(-5);
  alarms_.on_connected();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[0].payload, told_[1].payload);
}

TEST_F(AlarmsTest, ARuleFollowsTheModuleThatReplacesItsOwn) {
  const MacAddress other{{0x24, 0x6f, 0x28, 0, 0, 8}};
  ASSERT_TRUE(alarms_.put(warm()));
  ASSERT_EQ(alarms_.replace_device(kFreezer, other).size(), 1u);
  EXPECT_EQ(alarms_.all()[0].rule.device, other);
}

TEST_F(AlarmsTest, AnAcknowledgementIsToldAndEndsWithItsAlarm) {
  raise();
  int answers = 0;
  EXPECT_EQ(alarms_.acknowledge(warm().name, "anna", {}, [&] { ++answers; }), Heard::kDone);
  EXPECT_EQ(answers, 1);
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(last()["state"], "raised");
  EXPECT_EQ(last()["acknowledged"]["by"], "anna");
  EXPECT_EQ(last()["acknowledged"]["at"], unix_.ms);
  // The second comes too late to be the one.
  EXPECT_EQ(alarms_.acknowledge(warm().name, "ben", {}, [&] { ++answers; }), Heard::kDone);
  EXPECT_EQ(answers, 2);
  EXPECT_EQ(told_.size(), 2u);
  EXPECT_EQ(alarms_.all()[0].record.acknowledged->by, "anna");
  measure(-18);
  EXPECT_EQ(last()["state"], "over");
  EXPECT_TRUE(last()["acknowledged"].is_null());
  measure(-5);
  EXPECT_EQ(last()["state"], "raised");
  EXPECT_TRUE(last()["acknowledged"].is_null());
}

TEST_F(AlarmsTest, OnlyTheAlarmThatWasSeenIsAcknowledged) {
  EXPECT_EQ(alarms_.acknowledge("None", "anna", {}, {}), Heard::kUnknown);
  raise();
  const UnixTime seen = alarms_.all()[0].record.since;
  measure(-18);
  EXPECT_EQ(alarms_.acknowledge(warm().name, "anna", seen, {}), Heard::kNotRaised);
  measure(-5);
  EXPECT_EQ(alarms_.acknowledge(warm().name, "anna", seen, {}), Heard::kNotRaised);
  const UnixTime now = alarms_.all()[0].record.since;
  EXPECT_EQ(alarms_.acknowledge(warm().name, "anna", now, {}), Heard::kDone);
}

TEST_F(AlarmsTest, WhatTheStoreDoesNotTakeWasNotSaid) {
  raise();
  store_is_busy_ = true;
  EXPECT_EQ(alarms_.acknowledge(warm().name, "anna", {}, {}), Heard::kNotKept);
  EXPECT_EQ(alarms_.silence(warm().name, "anna", {}, {}), Heard::kNotKept);
  EXPECT_FALSE(alarms_.all()[0].record.acknowledged.has_value());
  EXPECT_FALSE(alarms_.all()[0].record.silence.has_value());
  EXPECT_EQ(told_.size(), 1u);
  // An alarm goes its way all the same.
  measure(-18);
  EXPECT_FALSE(alarms_.all()[0].record.raised);
  EXPECT_EQ(told_.size(), 2u);
  EXPECT_EQ(alarms_.not_kept(), 3u);
}

TEST_F(AlarmsTest, AnAcknowledgedAlarmIsNotToldAnewAfterARestart) {
  raise();
  EXPECT_EQ(alarms_.acknowledge(warm().name, "anna", {}, {}), Heard::kDone);
  const UnixTime since = alarms_.all()[0].record.since;
  restart();
  alarms_.tick();
  EXPECT_TRUE(told_.empty());
  const AlarmRecord record = alarms_.all()[0].record;
  EXPECT_TRUE(record.raised);
  EXPECT_EQ(record.since, since);
  EXPECT_EQ(record.acknowledged->by, "anna");
  measure(-18);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(last()["state"], "over");
}

TEST_F(AlarmsTest, ASilencedAlarmIsShownButNotToldUntilItsTimeIsOver) {
  raise();
  EXPECT_EQ(alarms_.silence(warm().name, "anna", Duration::seconds(3600), {}), Heard::kDone);
  measure(-18);
  measure(-4);
  alarms_.on_connected();
  EXPECT_EQ(told_.size(), 1u);
  EXPECT_TRUE(alarms_.all()[0].record.raised);
  restart();
  unix_.ms += 3'599'000;
  alarms_.tick();
  EXPECT_TRUE(told_.empty());
  unix_.ms += 1'000;
  alarms_.tick();
  alarms_.tick();
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(last()["state"], "raised");
  EXPECT_EQ(last()["value"], -4);
  EXPECT_FALSE(alarms_.all()[0].record.silence.has_value());
}

TEST_F(AlarmsTest, ASilenceWithoutATimeEndsWhenSomebodySaysSo) {
  raise();
  EXPECT_EQ(alarms_.silence(warm().name, "anna", std::nullopt, {}), Heard::kDone);
  unix_.ms += 400LL * 86'400'000;
  alarms_.tick();
  measure(-18);
  EXPECT_EQ(told_.size(), 1u);
  EXPECT_EQ(alarms_.unsilence(warm().name, {}), Heard::kDone);
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(last()["state"], "over");
  EXPECT_EQ(alarms_.unsilence(warm().name, {}), Heard::kDone);
  EXPECT_EQ(told_.size(), 2u);
}

TEST_F(AlarmsTest, ARuleThatIsChangedStaysSilent) {
  raise();
  EXPECT_EQ(alarms_.silence(warm().name, "anna", std::nullopt, {}), Heard::kDone);
  ASSERT_TRUE(alarms_.put(warm()));
  EXPECT_TRUE(alarms_.all()[0].record.silence.has_value());
  EXPECT_FALSE(alarms_.all()[0].record.raised);
}

TEST(AlarmRecord, IsReadAsItWasWritten) {
  AlarmRecord record;
  record.raised = true;
  record.since = {1'774'598'400'000};
  record.told = {1'774'598'300'000};
  record.acknowledged = {"anna", {1'774'598'400'500}};
  record.silence = {"ben", {}};
  const auto read = read_record(write_record(record));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(write_record(*read), write_record(record));
  EXPECT_EQ(read->silence->by, "ben");
  EXPECT_FALSE(read->silence->until.known());
  for (const char* wrong : {"", "[]", "{}", R"({"raised":1,"since":0,"told":0})",
                            R"({"raised":true,"since":-1,"told":0})"}) {
    EXPECT_FALSE(read_record(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace espial::alarms
