#include "hub/features/day_files/day_file.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace espial::day_files {
namespace {

struct Parsed {
  std::vector<LoggedValue> values;
  std::vector<std::string> skipped;  ///< "line what why"
};

Parsed parse(std::string_view text) {
  Parsed parsed;
  parsed.values = parse_day_file(text, [&](std::size_t line, Skipped why, std::string_view what) {
    parsed.skipped.push_back(std::to_string(line) + " " + std::string(what) + " " +
                             std::string(to_text(why)));
  });
  return parsed;
}

TEST(DayFile, ReadsWhatTheServerWrites) {
  const Parsed file = parse(
      "{\"Data\":[{\"ID\":\"ESP8266\",\"UID\":\"2023-04-23T11:45:01\",\"F1_3_1\":\"21.63\","
      "\"U2_255_12\":\"1\"},\n"
      R"({"ID":"ESP8266","UID":"2023-04-23T12:00:01","F1_3_1":"-0.5"}]})");
  ASSERT_EQ(file.values.size(), 3u);
  EXPECT_EQ(file.values[0].local_s, 1'682'250'301);
  EXPECT_EQ(file.values[0].module, 3);
  EXPECT_EQ(file.values[0].function, 1);
  EXPECT_EQ(file.values[0].field, 5);
  EXPECT_EQ(file.values[0].number, 21.63);
  EXPECT_EQ(file.values[1].module, 255);
  EXPECT_EQ(file.values[1].function, 12);
  EXPECT_EQ(file.values[1].field, 1);
  EXPECT_EQ(file.values[1].line, 1u);
  EXPECT_EQ(file.values[2].number, -0.5);
  EXPECT_EQ(file.values[2].line, 2u);
  EXPECT_TRUE(file.skipped.empty());
}

TEST(DayFile, SaysLineByLineWhatItLeavesOut) {
  const Parsed file = parse(R"({"Data":[{"F1_3_1":"1"},
{"UID":"yesterday","F1_3_1":"1"},
{"UID":"2023-02-30T00:00:00"},
{"UID":"2023-04-23T11:45:01","F6_1_1":"1","F1_0_1":"1","F1_1_255":"1","F1_1":"1","X":"1"},
{"UID":"2023-04-23T11:45:01","F1_1_1":"nan","F1_1_2":"","F1_1_3":"1 C","F1_1_4":null,"F1_1_5":2}]})");
  EXPECT_EQ(file.skipped,
            (std::vector<std::string>{
                "1  has no time", "2  has no time", "3  has no time",
                "4 F1_0_1 is no field_module_function", "4 F1_1 is no field_module_function",
                "4 F1_1_255 is no field_module_function", "4 F6_1_1 is no field_module_function",
                "4 X is no field_module_function", "5 F1_1_1 is no number", "5 F1_1_2 is no number",
                "5 F1_1_3 is no number", "5 F1_1_4 is no number"}));
  ASSERT_EQ(file.values.size(), 1u);
  EXPECT_EQ(file.values[0].number, 2);
}

TEST(DayFile, TakesWhatIsWholeOfAFileThatIsCutOff) {
  const Parsed file = parse(
      "{\"Data\":[{\"UID\":\"2023-04-23T11:45:01\",\"F1_3_1\":\"21\"},\n"
      "{\"UID\":\"2023-04-23T12:0");
  EXPECT_EQ(file.values.size(), 1u);
  EXPECT_EQ(file.skipped, std::vector<std::string>{"2  ends in the middle"});
}

TEST(DayFile, GoesOnBehindWhatIsDamaged) {
  const Parsed file = parse(R"({"Data":[{"UID":"2023-04-23T11:45:01","F1_3_1":"2
{"UID":"2023-04-23T12:00:01","F1_3_1":"22"},
{"UID":"2023-04-23T12:15:01" "F1_3_1":"23"},
{"UID":"2023-04-23T12:30:01","F1_3_1":"24"}]})");
  ASSERT_EQ(file.values.size(), 2u);
  EXPECT_EQ(file.values[1].number, 24);
  EXPECT_EQ(file.values[1].line, 4u);
  EXPECT_EQ(file.skipped, (std::vector<std::string>{"1  is damaged", "3  is damaged"}));
}

TEST(DayFile, RefusesWhatIsNone) {
  for (const char* const text : {"", "{", "[]", "{}", R"({"Data":{}})", R"({"Struct":[]})", "}{"}) {
    const Parsed file = parse(text);
    EXPECT_TRUE(file.values.empty()) << text;
    EXPECT_EQ(file.skipped, std::vector<std::string>{"1  is no day file of S0's"}) << text;
  }
  EXPECT_EQ(parse(std::string(kMaxFileBytes + 1, ' ')).skipped.size(), 1u);
}

}  // namespace
}  // namespace espial::day_files
