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
                  [this] { ++changes_; }, [this] { return now_; }, [this] { return unix_; }}};
};

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
  EXPECT_EQ(changes_, 1);
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
  EXPECT_TRUE(alarms_.all()[0].raised);
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

}  // namespace
}  // namespace espial::alarms
