#include "station/field_index.hpp"

#include <gtest/gtest.h>

#include "core/wire/kind.hpp"

namespace espial::station {
namespace {

TEST(FieldIndex, GoesByTheKindsNames) {
  FunctionState function;
  function.kind = wire::find_standard_kind("thermostat")->number;
  EXPECT_EQ(field_index(function, "temperature"), 0);
  EXPECT_EQ(field_index(function, "field_0"), std::nullopt);
  EXPECT_EQ(field_index(function, ""), std::nullopt);
}

TEST(FieldIndex, NumbersThoseOfAConfigurationsKind) {
  FunctionState function;
  function.kind = 192;
  EXPECT_EQ(field_index(function, "field_5"), 5);
  EXPECT_EQ(field_index(function, "field_999"), std::nullopt);
  EXPECT_EQ(field_index(function, "temperature"), std::nullopt);
}

TEST(FieldIndex, IsTheOtherWayRoundOfTheName) {
  const wire::KindInfo* const thermostat = wire::find_standard_kind("thermostat");
  EXPECT_EQ(field_name(thermostat, 0), "temperature");
  EXPECT_EQ(field_name(thermostat, 200), "field_200") << "of a later version";
  EXPECT_EQ(field_name(nullptr, 5), "field_5");
}

}  // namespace
}  // namespace espial::station
