#include "hub/features/s0_configuration.hpp"

#include <gtest/gtest.h>

#include "core/wire/s0_function.hpp"

namespace espial::s0 {
namespace {

TEST(S0Configuration, ADocumentSaysWhatEachSlotDoes) {
  const auto read = parse_module(
      R"({"functions":[{"id":1,"type":0,"control":2,"title":"Salon"},null,{"id":4,"type":3}]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->functions[0], (Function{1, kThermostat, 2}));
  EXPECT_EQ(read->titles[0], "Salon");
  EXPECT_FALSE(read->functions[1].used());
  EXPECT_EQ(read->functions[2], (Function{4, 3, kUnused}));
  EXPECT_FALSE(read->functions[3].used());
}

TEST(S0Configuration, IsWrittenAsItIsRead) {
  const std::string text =
      R"({"functions":[{"control":2,"id":1,"title":"Salon d'été","type":0},null,{"id":4,"type":3}]})";
  const auto read = parse_module(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_document(*read), text);
  EXPECT_EQ(to_document(ModuleConfiguration{}), R"({"functions":[]})");
}

TEST(S0Configuration, OtherDocumentsAreNone) {
  for (const char* text :
       {"", "null", "[]", "{}", R"({"functions":3})", R"({"functions":[3]})",
        R"({"functions":[{"id":1}]})", R"({"functions":[{"type":1}]})",
        R"({"functions":[{"id":255,"type":1}]})", R"({"functions":[{"id":-1,"type":1}]})",
        R"({"functions":[{"id":1.5,"type":1}]})", R"({"functions":[{"id":"1","type":1}]})",
        R"({"functions":[{"id":1,"type":1},{"id":1,"type":1}]})",
        R"({"functions":[null,null,null,null,null,null,null,null,null,null,null,null,null]})"}) {
    EXPECT_FALSE(parse_module(text)) << text;
  }
}

TEST(S0Configuration, ATitleIsCutBetweenCharacters) {
  const std::string title(kMaxTitleSize - 1, 'a');
  const auto read =
      parse_module(R"({"functions":[{"id":1,"type":1,"title":")" + title + R"(é"}]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->titles[0], title);
}

TEST(S0Configuration, APersonTypesFunctionsByName) {
  const auto read = parse_module_option("3=thermostat:Salon,relay,7:Wind: gusts");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->first.value, 3);
  EXPECT_EQ(read->second.functions[0], (Function{1, kThermostat, kUnused}));
  EXPECT_EQ(read->second.titles[0], "Salon");
  EXPECT_EQ(read->second.functions[1], (Function{2, kRelay, kUnused}));
  EXPECT_EQ(read->second.titles[1], "");
  EXPECT_EQ(read->second.functions[2], (Function{3, 7, kUnused}));
  EXPECT_EQ(read->second.titles[2], "Wind: gusts");
}

TEST(S0Configuration, WhatIsNoModuleIsRefused) {
  for (const char* text :
       {"", "3", "3=", "=relay", "0=relay", "256=relay", "x=relay", "3=lamp", "3=255", "3=66",
        "3=relay,,relay", "3= relay", "3=relay:\xff", "3=relay:a\nb"}) {
    EXPECT_FALSE(parse_module_option(text)) << text;
  }
  std::string many = "3=1";
  for (int i = 1; i < 12; ++i) many += ",1";
  EXPECT_TRUE(parse_module_option(many));
  EXPECT_FALSE(parse_module_option(many + ",1"));
}

}  // namespace
}  // namespace espial::s0
