#include "hub/http/form_body.hpp"

#include <gtest/gtest.h>

namespace espial::http {
namespace {

TEST(FormBody, IsAFlatObjectOfTexts) {
  const auto form = read_form_body(R"({"name": "ann", "password": "\u00e9 \"x\""})");
  ASSERT_TRUE(form);
  EXPECT_EQ(field_of(*form, "name"), "ann");
  EXPECT_EQ(field_of(*form, "password"), "é \"x\"");
  EXPECT_EQ(field_of(*form, "role"), "");
  EXPECT_TRUE(read_form_body("{}"));
}

TEST(FormBody, IsNothingElse) {
  for (const char* text :
       {"", "null", "[]", "\"ann\"", "{", R"({"a":1})", R"({"a":null})", R"({"a":{"b":"c"}})",
        R"({"a":["b"]})", R"({"a":"1","a":"2"})", "{\"a\":\"\xff\"}", R"({"a":"b"} {})"}) {
    EXPECT_FALSE(read_form_body(text)) << text;
  }
  EXPECT_FALSE(read_form_body(std::string(60'000, '[')));
  EXPECT_FALSE(read_form_body("{\"a\":\"" + std::string(kFormTextBytesMax + 1, 'x') + "\"}"));
  std::string many = "{\"f\":\"x\"";
  for (std::size_t i = 0; i < kFormFieldsMax; ++i) many += ",\"f" + std::to_string(i) + "\":\"x\"";
  EXPECT_FALSE(read_form_body(many + "}"));
}

}  // namespace
}  // namespace espial::http
