#include "core/wire/s0_function.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/wire/kinds_table.hpp"
#include "core/wire/value.hpp"

namespace espial::s0 {
namespace {

using wire::Kind;

constexpr std::uint8_t number(Kind kind) { return static_cast<std::uint8_t>(kind); }

using Buffer = std::array<std::uint8_t, 64>;

/// What DATA say, as the fields of its kind.
wire::FieldValues fields_of(const Values& data) {
  Buffer value{};
  const std::size_t size = value_of(data, value);
  const auto* const kind = wire::find_standard_kind(kind_of(data.type));
  EXPECT_NE(kind, nullptr);
  const auto fields = wire::decode_value(*kind, {value.data(), size});
  EXPECT_TRUE(fields);
  return *fields;
}

Values data_of(std::uint8_t type) {
  Values data;
  data.function = 1;
  data.type = type;
  return data;
}

/// SETPOINTS that ask a function of `kind` for `wanted`.
Values set_points_of(Kind kind, double wanted) {
  Buffer value{};
  const auto size = wire::encode_command_value(*wire::find_standard_kind(number(kind)),
                                               wire::FieldValue::of(wanted), value);
  EXPECT_TRUE(size.has_value());
  Values set_points;
  set_points.function = 1;
  EXPECT_TRUE(to_set_points(number(kind), {value.data(), *size}, set_points));
  return set_points;
}

TEST(S0Function, TypesAreKindsAndBack) {
  EXPECT_EQ(kind_of(kThermostat), number(Kind::kThermostat));
  EXPECT_EQ(kind_of(kThermometer), number(Kind::kTemperature));
  EXPECT_EQ(kind_of(kRelay), number(Kind::kRelay));
  EXPECT_EQ(kind_of(3), 192);
  EXPECT_EQ(kind_of(65), 254);
  EXPECT_EQ(kind_of(66), 0) << "255 is nobody's kind";
  EXPECT_EQ(kind_of(kUnused), 0);
  for (unsigned type = 0; type < 66; ++type) {
    EXPECT_EQ(type_of(kind_of(static_cast<std::uint8_t>(type))), type);
  }
  EXPECT_EQ(type_of(number(Kind::kHumidity)), kUnused);
  EXPECT_EQ(type_of(191), kUnused);
  EXPECT_EQ(type_of(255), kUnused);
}

TEST(S0Function, AThermostatSaysThreeThings) {
  Values data = data_of(kThermostat);
  data.f = {21.63F, 19.0F, 0, 0, 0};
  data.u[0] = 7;
  const auto fields = fields_of(data);
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(static_cast<int>(*fields[0].number * 100 + 0.5), 2163);
  EXPECT_EQ(fields[1].number, 19.0);
  EXPECT_EQ(fields[2].number, 1.0);
}

TEST(S0Function, WhatCanNotBeIsNone) {
  Values data = data_of(kThermometer);
  for (const float impossible : {NAN, INFINITY, -INFINITY, 1e9F, -300.0F}) {
    data.f[0] = impossible;
    const auto fields = fields_of(data);
    ASSERT_EQ(fields.size(), 1U);
    EXPECT_FALSE(fields[0].number) << impossible;
  }
  data = data_of(kThermostat);
  data.f = {20, 51, 0, 0, 0};
  EXPECT_FALSE(fields_of(data)[1].number) << "no thermostat is set to 51 °C";
}

TEST(S0Function, ARelayIsOnOrOff) {
  Values data = data_of(kRelay);
  EXPECT_EQ(fields_of(data)[0].number, 0.0);
  data.u[0] = 1;
  EXPECT_EQ(fields_of(data)[0].number, 1.0);
}

TEST(S0Function, TypesOfTheirOwnGoThroughAsTheyAre) {
  Values data = data_of(3);
  data.u = {1, 2, 3, 4, 5};
  data.f = {0.5F, -2.25F, 1e9F, 0, -0.0F};
  Buffer value{};
  ASSERT_EQ(value_of(data, value), kOwnValueSize);
  Values back;
  ASSERT_TRUE(to_data(kind_of(3), {value.data(), kOwnValueSize}, back));
  EXPECT_EQ(back.type, 3);
  EXPECT_EQ(back.u, data.u);
  EXPECT_EQ(back.f, data.f);
  EXPECT_FALSE(to_data(kind_of(3), {value.data(), kOwnValueSize - 1}, back));
  EXPECT_EQ(value_of(data, MutableByteView(value).first(kOwnValueSize - 1)), 0U);
}

TEST(S0Function, UnknownTypesHaveNoValue) {
  Buffer value{};
  EXPECT_EQ(value_of(data_of(kUnused), value), 0U);
  EXPECT_EQ(value_of(data_of(66), value), 0U);
}

TEST(S0Function, ReadingsOfANodeBecomeData) {
  for (const std::uint8_t type : {kThermostat, kThermometer, kRelay}) {
    Values data = data_of(type);
    data.u[0] = 1;
    if (type != kRelay) data.f[0] = 18.5F;
    if (type == kThermostat) data.f[1] = 20.0F;
    Buffer value{};
    const std::size_t size = value_of(data, value);
    Values back;
    ASSERT_TRUE(to_data(kind_of(type), {value.data(), size}, back));
    EXPECT_EQ(back.type, type);
    EXPECT_EQ(back.u[0], type == kThermometer ? 0 : 1);
    EXPECT_EQ(back.f, data.f);
  }
  Values back;
  EXPECT_FALSE(to_data(number(Kind::kHumidity), Buffer{}, back)) << "S0 has no such function";
  EXPECT_FALSE(to_data(number(Kind::kTemperature), {}, back));
}

TEST(S0Function, AFailedSensorIsNotANumber) {
  const std::array<std::uint8_t, 2> none{0x00, 0x80};
  Values data;
  ASSERT_TRUE(to_data(number(Kind::kTemperature), none, data));
  EXPECT_TRUE(std::isnan(data.f[0]));
}

TEST(S0Function, ASetPointGoesDownInU1InWholeDegrees) {
  EXPECT_EQ(set_points_of(Kind::kThermostat, 22).u[0], 22);
  EXPECT_EQ(set_points_of(Kind::kThermostat, 21.5).u[0], 22);
  EXPECT_EQ(set_points_of(Kind::kThermostat, 21.49).u[0], 21);
  EXPECT_EQ(set_points_of(Kind::kThermostat, 22).u[1], 0);
}

TEST(S0Function, ARelaysCommandGoesDownInU1AsEverySetPoint) {
  EXPECT_EQ(set_points_of(Kind::kRelay, 1).u[0], 1);
  EXPECT_EQ(set_points_of(Kind::kRelay, 0).u[0], 0);
  EXPECT_EQ(set_points_of(Kind::kRelay, 1).u[1], 1);
  EXPECT_EQ(set_points_of(Kind::kRelay, 0).u[1], 0);
}

TEST(S0Function, SetPointsAreReadAsTheCommandTheyWere) {
  for (const auto& [kind, wanted] :
       {std::pair{Kind::kThermostat, 22.0}, {Kind::kRelay, 1.0}, {Kind::kRelay, 0.0}}) {
    Buffer value{};
    const std::size_t size = command_of(set_points_of(kind, wanted), value);
    const auto read =
        wire::decode_command_value(*wire::find_standard_kind(number(kind)), {value.data(), size});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->number, wanted);
  }
}

TEST(S0Function, WhatTakesNoSetPointsGetsNone) {
  Values set_points;
  Buffer value{};
  EXPECT_FALSE(to_set_points(number(Kind::kTemperature), Buffer{}, set_points));
  EXPECT_FALSE(to_set_points(number(Kind::kThermostat), {}, set_points));
  EXPECT_EQ(command_of(data_of(kThermometer), value), 0U);
  Values hot = data_of(kThermostat);
  hot.u[0] = 51;
  EXPECT_EQ(command_of(hot, value), 0U) << "51 °C";
  EXPECT_FALSE(repeats_safely(3)) << "nobody knows what it does";
}

TEST(S0Function, DataThatShowWhatWasAskedForConfirmIt) {
  const Values warm = set_points_of(Kind::kThermostat, 22);
  const std::uint8_t kSetPoint = shown_in(number(Kind::kThermostat), {});
  Values data = data_of(kThermostat);
  data.f[1] = 22;
  EXPECT_TRUE(shows(data, warm, kSetPoint));
  data.f[1] = 21;
  EXPECT_FALSE(shows(data, warm, kSetPoint));
  data.f[1] = 22;
  data.function = 2;
  EXPECT_FALSE(shows(data, warm, kSetPoint)) << "another function";

  const Values on = set_points_of(Kind::kRelay, 1);
  data = data_of(kRelay);
  EXPECT_FALSE(shows(data, on, 0));
  data.u[0] = 1;
  EXPECT_TRUE(shows(data, on, 0));
}

TEST(S0Function, ATypeOfTheConfigurationsOwnIsSetInU1AndShowsItWhereItIsSaidTo) {
  constexpr std::uint8_t kF2 = 6;
  const std::array<std::uint8_t, kOwnCommandSize> command{30, kF2};
  Values set_points;
  set_points.function = 1;
  ASSERT_TRUE(to_set_points(kind_of(7), command, set_points));
  EXPECT_EQ(set_points.type, 7);
  EXPECT_EQ(set_points.u, (std::array<std::uint8_t, kIntegerCount>{30, 0, 0, 0, 0}));
  EXPECT_EQ(shown_in(kind_of(7), command), kF2);

  Values data = data_of(7);
  data.u[0] = 30;
  EXPECT_FALSE(shows(data, set_points, kF2)) << "it is another field that shows it";
  EXPECT_TRUE(shows(data, set_points, 0));
  data.f[1] = 30;
  EXPECT_TRUE(shows(data, set_points, kF2));

  EXPECT_FALSE(to_set_points(kind_of(7), std::array<std::uint8_t, 2>{30, kFieldCount}, set_points));
  EXPECT_FALSE(to_set_points(kind_of(7), ByteView(command).subview(0, 1), set_points));
  std::array<std::uint8_t, kOwnCommandSize> back{};
  EXPECT_EQ(command_of(set_points, back), kOwnCommandSize) << "what a node at S0's server is asked";
  EXPECT_EQ(back[0], 30);
}

TEST(S0Function, ASlotIsFoundByNumberAndType) {
  Functions functions{};
  functions[0] = {1, kThermostat, 1};
  functions[2] = {1, kRelay, kUnused};
  EXPECT_EQ(slot_of(functions, 1, kThermostat), 0);
  EXPECT_EQ(slot_of(functions, 1, kRelay), 2);
  EXPECT_EQ(slot_of(functions, 1, kThermometer), kSlotCount);
  EXPECT_EQ(slot_of(functions, kUnused, kUnused), kSlotCount) << "an unused slot is nobody's";
}

}  // namespace
}  // namespace espial::s0
