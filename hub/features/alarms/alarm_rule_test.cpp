#include "hub/features/alarms/alarm_rule.hpp"

#include <gtest/gtest.h>

namespace espial::alarms {
namespace {

using Change = AlarmState::Change;

Rule rule(std::string_view text) {
  const auto read = read_rule("Freezer", text);
  EXPECT_TRUE(std::holds_alternative<Rule>(read))
      << (std::holds_alternative<std::string>(read) ? std::get<std::string>(read) : "");
  return std::holds_alternative<Rule>(read) ? std::get<Rule>(read) : Rule{};
}

std::string refused(std::string_view text) {
  const auto read = read_rule("Freezer", text);
  EXPECT_TRUE(std::holds_alternative<std::string>(read)) << text;
  return std::holds_alternative<std::string>(read) ? std::get<std::string>(read) : "";
}

constexpr const char* kFreezer =
    R"({"device":"24:6f:28:00:00:07","field":"temperature","above":-12,"hysteresis":2,"hold_s":60})";

Instant at(std::int64_t seconds) { return {seconds * 1'000'000}; }

TEST(AlarmRule, ANameIsOneLevelOfATopic) {
  EXPECT_TRUE(is_plain_name("Freezer & cellar: 2 °C"));
  for (const char* const name : {"A/B", "A+B", "#1"}) EXPECT_FALSE(is_plain_name(name)) << name;
}

TEST(AlarmState, IsRaisedAfterItsHoldTimeAndNotByASpike) {
  const Rule freezer = rule(kFreezer);
  AlarmState state;
  EXPECT_EQ(state.on_value(freezer, at(0), -18), Change::none);
  EXPECT_EQ(state.on_value(freezer, at(10), -11), Change::none);
  EXPECT_EQ(state.on_value(freezer, at(30), -18), Change::none);
  EXPECT_EQ(state.on_value(freezer, at(40), -11), Change::none);
  EXPECT_EQ(state.on_timer(freezer, at(99)), Change::none);
  EXPECT_EQ(state.on_timer(freezer, at(100)), Change::raised);
  EXPECT_EQ(state.on_timer(freezer, at(101)), Change::none);
}

TEST(AlarmState, EndsOnlyBehindItsHysteresis) {
  const Rule freezer = rule(kFreezer);
  AlarmState state;
  (void)state.on_value(freezer, at(0), -11);
  ASSERT_EQ(state.on_timer(freezer, at(60)), Change::raised);
  EXPECT_EQ(state.on_value(freezer, at(70), -13), Change::none);
  EXPECT_EQ(state.on_timer(freezer, at(200)), Change::none);
  EXPECT_EQ(state.on_value(freezer, at(210), -14), Change::none);
  EXPECT_EQ(state.on_timer(freezer, at(270)), Change::over);
}

TEST(AlarmState, ABelowAndAnAboveMakeARange) {
  const Rule room = rule(
      R"({"device":"24:6f:28:00:00:07","field":"temperature","above":26,"below":16,"hysteresis":0.5})");
  AlarmState state;
  EXPECT_EQ(state.on_value(room, at(0), 20), Change::none);
  EXPECT_EQ(state.on_value(room, at(1), 15.9), Change::raised);
  EXPECT_EQ(state.on_value(room, at(2), 16.2), Change::none);
  EXPECT_EQ(state.on_value(room, at(3), 16.5), Change::over);
  EXPECT_EQ(state.on_value(room, at(4), 26.1), Change::raised);
}

TEST(AlarmState, NoValueChangesNothing) {
  const Rule freezer = rule(kFreezer);
  AlarmState state;
  (void)state.on_value(freezer, at(0), -11);
  EXPECT_EQ(state.on_value(freezer, at(60), std::nullopt), Change::raised);
  EXPECT_EQ(state.on_value(freezer, at(600), std::nullopt), Change::none);
}

TEST(AlarmRule, IsReadBackAsItWasWritten) {
  const std::string text = write_rule(rule(kFreezer));
  EXPECT_EQ(write_rule(rule(text)), text);
}

TEST(AlarmRule, ErrorsSayWhatToWrite) {
  EXPECT_NE(refused("[]").find("object"), std::string::npos);
  EXPECT_NE(refused("{}").find("device"), std::string::npos);
  EXPECT_NE(refused(R"({"device":"x"})").find("MAC"), std::string::npos);
  const std::string start = R"({"device":"24:6f:28:00:00:07","field":"temperature",)";
  EXPECT_NE(refused(start + R"("slot":12,"above":1})").find("0 to 11, or 15"), std::string::npos);
  EXPECT_NE(refused(start + R"("hold_s":5})").find("threshold"), std::string::npos);
  EXPECT_NE(refused(start + R"("above":1,"hysteresis":-1})").find("negative"), std::string::npos);
  EXPECT_NE(refused(start + R"("above":1,"below":0,"hysteresis":1})").find("under"),
            std::string::npos);
  EXPECT_NE(refused(start + R"("above":1,"webhook":"ftp://a"})").find("http or https"),
            std::string::npos);
  EXPECT_NE(refused(start + R"("abov":1})").find("nothing else"), std::string::npos);
}

}  // namespace
}  // namespace espial::alarms
