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

}  // namespace
}  // namespace espial::main
