#include "station/json_writer.hpp"

#include <cjson/cJSON.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>

namespace espial::station {
namespace {

using Parsed = std::unique_ptr<cJSON, decltype(&cJSON_Delete)>;

Parsed parsed(const JsonWriter& json) { return {cJSON_Parse(json.text().c_str()), &cJSON_Delete}; }

TEST(JsonWriter, SeparatesWhatIsBesideEachOther) {
  JsonWriter json;
  json.begin_array();
  json.begin_object();
  json.end_object();
  json.begin_object();
  json.add_whole("a", -7);
  json.begin_array("b");
  json.end_array();
  json.begin_object("c");
  json.add_bool("d", true);
  json.end_object();
  json.add_null("e");
  json.end_object();
  json.end_array();
  EXPECT_EQ(json.text(), R"([{},{"a":-7,"b":[],"c":{"d":true},"e":null}])");
}

TEST(JsonWriter, WritesEveryTextSoThatItIsReadBack) {
  std::string text = "Salon d'été \"1\" \\ \x7f";
  for (char c = 1; c < 0x20; ++c) text += c;
  JsonWriter json;
  json.begin_object();
  json.add_text("a", text);
  json.end_object();
  const Parsed object = parsed(json);
  ASSERT_TRUE(object) << json.text();
  EXPECT_EQ(object->child->valuestring, text);
}

TEST(JsonWriter, WritesAZeroByteInAText) {
  JsonWriter json;
  json.begin_object();
  json.add_text("a", std::string_view("b\0c", 3));
  json.end_object();
  EXPECT_EQ(json.text(), R"({"a":"b\u0000c"})");
}

TEST(JsonWriter, WritesEveryNumberSoThatItIsReadBack) {
  for (const double number : {0.0, 21.63, -3.0, 1e-300, 1e21, 0.1 + 0.2, 1.0 / 3, 5e-324,
                              std::numeric_limits<double>::max()}) {
    JsonWriter json;
    json.begin_object();
    json.add_number("a", number);
    json.end_object();
    const Parsed object = parsed(json);
    ASSERT_TRUE(object) << json.text();
    EXPECT_EQ(object->child->valuedouble, number) << json.text();
  }
}

TEST(JsonWriter, WritesWhatIsNoNumberAsNull) {
  JsonWriter json;
  json.begin_object();
  json.add_number("a", std::numeric_limits<double>::quiet_NaN());
  json.add_number("b", -std::numeric_limits<double>::infinity());
  json.end_object();
  EXPECT_EQ(json.text(), R"({"a":null,"b":null})");
}

}  // namespace
}  // namespace espial::station
