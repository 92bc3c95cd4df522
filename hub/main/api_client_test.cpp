#include "hub/main/api_client.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace espial::main {
namespace {

TEST(DescribedValue, IsInWordsWhereItsKindHasSome) {
  EXPECT_EQ(describe_value("button", "action", 1), "pressed");
  EXPECT_EQ(describe_value("button", "action", 99), "99");
  EXPECT_EQ(describe_value("temperature", "temperature", 21.5), "21.50 °C");
  EXPECT_EQ(describe_value("temperature", "temperature", nullptr), "none");
}

// A module of S0's may send any number, and one beyond an index must not come back as one.
TEST(DescribedValue, IsTheNumberWhereThatIsBeyondAllIndices) {
  EXPECT_EQ(describe_value("button", "action", 1e20), "100000000000000000000");
  EXPECT_EQ(describe_value("temperature", "temperature", 1e20), "100000000000000000000.00 °C");
}

TEST(DescribedFunction, OfAConfigurationsOwnKindHasItsNames) {
  const nlohmann::json values = {{"field_0", 1}, {"field_5", 7.25}, {"field_6", 14}};
  nlohmann::json pool = {{"kind", "kind_196"}, {"title", "Pool"}, {"values", values}};
  EXPECT_EQ(describe_function(pool), "Pool: U1 1, F1 7.25, F2 14");
  pool["fields"] = {{"field_5", {{"title", "Acid"}, {"unit", "pH"}}},
                    {"field_6", {{"title", ""}, {"unit", ""}}}};
  EXPECT_EQ(describe_function(pool), "Pool: Acid 7.25 pH, F2 14");
  pool["values"]["field_5"] = nullptr;
  EXPECT_EQ(describe_function(pool), "Pool: Acid none, F2 14");
  pool["values"] = nlohmann::json::object();
  EXPECT_EQ(describe_function(pool), "Pool: kind_196 -");
  pool["kind_title"] = "Water";
  EXPECT_EQ(describe_function(pool), "Pool: Water -");
}

TEST(DescribedFunction, OfAKindThatHasNamesKeepsThem) {
  nlohmann::json air = {{"kind", "temperature"}, {"title", ""}, {"values", {{"temperature", 21}}}};
  air["fields"] = {{"temperature", {{"title", "Air"}, {"unit", "°C"}}}};
  EXPECT_EQ(describe_function(air), "temperature 21.00 °C");
}

}  // namespace
}  // namespace espial::main
