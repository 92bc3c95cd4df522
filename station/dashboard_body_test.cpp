#include "station/dashboard_body.hpp"

#include <gtest/gtest.h>

namespace espial::station {
namespace {

BodyError command_error(std::string_view text) {
  CommandBody body;
  return read_command_body(text, body);
}

BodyError name_error(std::string_view text) {
  std::string name;
  return read_name_body(text, name);
}

TEST(DashboardBody, ReadsACommand) {
  CommandBody body;
  ASSERT_EQ(read_command_body(R"({"slot":3,"values":{"setpoint":20.5,"heating":true,"text":"да"}})",
                              body),
            BodyError::kNone);
  EXPECT_EQ(body.slot, 3);
  ASSERT_EQ(body.values.size(), 3U);
  EXPECT_EQ(body.values[0].field, "setpoint");
  EXPECT_DOUBLE_EQ(body.values[0].number, 20.5);
  EXPECT_DOUBLE_EQ(body.values[1].number, 1);
  EXPECT_TRUE(body.values[2].is_text);
  EXPECT_EQ(body.values[2].text, "да");
}

TEST(DashboardBody, RefusesCommandsWithTheReasonThatFits) {
  EXPECT_EQ(command_error(""), BodyError::kNotJson);
  EXPECT_EQ(command_error("{"), BodyError::kNotJson);
  EXPECT_EQ(command_error(R"({"slot":0,"values":{"state":1}} x)"), BodyError::kNotJson);
  EXPECT_EQ(command_error("[1]"), BodyError::kNotObject);
  EXPECT_EQ(command_error(R"({"values":{"state":1}})"), BodyError::kSlot);
  EXPECT_EQ(command_error(R"({"slot":12,"values":{"state":1}})"), BodyError::kSlot);
  EXPECT_EQ(command_error(R"({"slot":15,"values":{"state":1}})"), BodyError::kNone);
  EXPECT_EQ(command_error(R"({"slot":271,"values":{"state":1}})"), BodyError::kSlot);
  EXPECT_EQ(command_error(R"({"slot":-1,"values":{"state":1}})"), BodyError::kSlot);
  EXPECT_EQ(command_error(R"({"slot":0.5,"values":{"state":1}})"), BodyError::kSlot);
  EXPECT_EQ(command_error(R"({"slot":0})"), BodyError::kValues);
  EXPECT_EQ(command_error(R"({"slot":0,"values":{}})"), BodyError::kValues);
  EXPECT_EQ(command_error(R"({"slot":0,"values":{"state":[1]}})"), BodyError::kValues);
  EXPECT_EQ(command_error(R"({"slot":0,"values":{"state":1e999}})"), BodyError::kValues);
  EXPECT_EQ(command_error("{\"slot\":0,\"values\":{\"state\":\"\xff\"}}"), BodyError::kNotUtf8);
}

TEST(DashboardBody, ReadsValuesWithoutASlot) {
  CommandBody body;
  EXPECT_EQ(read_values_body(R"({"values":{}})", body), BodyError::kValues);
  EXPECT_EQ(read_values_body(std::string(30'000, '[') + std::string(30'000, ']'), body),
            BodyError::kTooDeep);
  EXPECT_TRUE(body.values.empty());
  ASSERT_EQ(read_values_body(R"({"values":{"on":true},"lifetime_s":900})", body), BodyError::kNone);
  ASSERT_EQ(body.values.size(), 1U);
  EXPECT_EQ(body.values[0].field, "on");
  EXPECT_EQ(body.lifetime_s, 900U);
}

TEST(DashboardBody, TakesALifetimeFromASecondToAWeek) {
  const auto read = [](const std::string& lifetime, CommandBody& body) {
    return read_command_body(R"({"slot":3,"values":{"on":1},"lifetime_s":)" + lifetime + "}", body);
  };
  CommandBody body;
  ASSERT_EQ(read_command_body(R"({"slot":3,"values":{"on":1}})", body), BodyError::kNone);
  EXPECT_FALSE(body.lifetime_s) << "the hub chooses";
  for (const std::uint32_t good : {kMinCommandLifetime_s, 900U, kMaxCommandLifetime_s}) {
    ASSERT_EQ(read(std::to_string(good), body), BodyError::kNone);
    EXPECT_EQ(body.lifetime_s, good);
    EXPECT_EQ(body.slot, 3);
  }
  for (const char* const bad : {"0", "-1", "604801", "1.5", "1e999", "\"60\"", "null", "true"}) {
    CommandBody untouched;
    EXPECT_EQ(read(bad, untouched), BodyError::kLifetime) << bad;
    EXPECT_TRUE(untouched.values.empty()) << bad;
  }
}

TEST(DashboardBody, RefusesTooManyValues) {
  std::string text = R"({"slot":0,"values":{)";
  for (std::size_t i = 0; i <= kBodyValuesMax; ++i) {
    text += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":1";
  }
  EXPECT_EQ(command_error(text + "}}"), BodyError::kValues);
}

TEST(DashboardBody, RefusesDepthBeforeParsing) {
  EXPECT_EQ(command_error(std::string(60000, '[')), BodyError::kTooDeep);
  std::string in_a_string = R"({"slot":0,"values":{"text":")" + std::string(100, '[') + "\"}}";
  EXPECT_EQ(command_error(in_a_string), BodyError::kNone);
}

TEST(DashboardBody, ReadsANameWithoutItsMargins) {
  std::string name = "before";
  ASSERT_EQ(read_name_body(R"({"name":"  Кухня "})", name), BodyError::kNone);
  EXPECT_EQ(name, "Кухня");
}

TEST(DashboardBody, RefusesBodiesWithoutAName) {
  EXPECT_EQ(name_error("{}"), BodyError::kName);
  EXPECT_EQ(name_error(R"({"name":7})"), BodyError::kName);
  EXPECT_EQ(name_error(R"({"name":null})"), BodyError::kName);
}

TEST(DashboardBody, KnowsUtf8) {
  EXPECT_TRUE(is_utf8("Küche \xf0\x9f\x92\xa1"));
  EXPECT_FALSE(is_utf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // past U+10FFFF
  EXPECT_FALSE(is_utf8("\xe2\x82"));          // cut short
}

TEST(NameBody, RefusesAZeroByteHoweverItIsWritten) {
  std::string name = "untouched";
  EXPECT_EQ(read_name_body("{\"name\":\"a\\u0000b\"}", name), BodyError::kNotUtf8);
  EXPECT_EQ(name, "untouched");
  EXPECT_EQ(read_name_body("{\"name\":\"a\\\\u0000b\"}", name), BodyError::kNone);
  EXPECT_EQ(name, "a\\u0000b");
}

}  // namespace
}  // namespace espial::station
