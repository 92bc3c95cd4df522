#include "core/wire/value.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace espial::wire {
namespace {

using Buffer = std::array<std::uint8_t, 16>;

/// A kind such as a network's configuration makes: S0's numbers, unscaled.
constexpr FieldInfo kOwnFields[] = {
    {"f1", FieldType::kF32, 1, 0, "", -1e6, 1e6, {}},
    {"u1", FieldType::kI8, 0.5, 1, "", -60, 60, {}},
    {"word", FieldType::kText, 1, 0, "", 0, 4, {}},
};
constexpr KindInfo kOwnKind{200,      "own", "Own", "Sien", "Свой", {kOwnFields, 3}, Widget::kValue,
                            kNoField, false, "",    "",     ""};

FieldValues values_of(std::initializer_list<FieldValue> list) {
  FieldValues values;
  for (const FieldValue& value : list) EXPECT_TRUE(values.push_back(value));
  return values;
}

TEST(Value, OfAnOwnKindGoesBothWays) {
  Buffer out{};
  const auto values =
      values_of({FieldValue::of(-2.5), FieldValue::of(-59.5), FieldValue::of_text("salo")});
  const auto size = encode_value(kOwnKind, values, out);
  ASSERT_EQ(size, 9u);
  EXPECT_EQ(out[0] | out[1], 0);
  EXPECT_EQ(out[2], 0x20);  // -2.5 is c0200000
  EXPECT_EQ(out[3], 0xc0);
  EXPECT_EQ(static_cast<std::int8_t>(out[4]), -119);
  const auto decoded = decode_value(kOwnKind, {out.data(), *size});
  ASSERT_TRUE(decoded);
  EXPECT_EQ((*decoded)[0].number, -2.5);
  EXPECT_EQ((*decoded)[1].number, -59.5);
  EXPECT_EQ((*decoded)[2].text, "salo");
}

TEST(Value, NoneIsNotANumberInAFloat) {
  Buffer out{};
  ASSERT_EQ(encode_value(kOwnKind, values_of({FieldValue::none()}), out), 4u);
  const auto decoded = decode_value(kOwnKind, {out.data(), 4});
  ASSERT_TRUE(decoded);
  EXPECT_EQ((*decoded)[0].number, std::nullopt);
}

TEST(Value, RefusesAFloatOutsideItsLimits) {
  const std::array<std::uint8_t, 4> infinity{0x00, 0x00, 0x80, 0x7f};
  EXPECT_EQ(decode_value(kOwnKind, infinity).refusal(), Refusal::kBadValue);
  Buffer out{};
  EXPECT_FALSE(encode_value(kOwnKind, values_of({FieldValue::of(1e7)}), out));
  EXPECT_FALSE(encode_value(kOwnKind, values_of({FieldValue::of(NAN)}), out));
}

TEST(Value, IsNotWrittenWhereItHasNoPlace) {
  const KindInfo& temperature = *find_standard_kind("temperature");
  Buffer out{};
  EXPECT_FALSE(encode_value(temperature, values_of({FieldValue::of(328)}), out));
  EXPECT_FALSE(encode_value(temperature, values_of({FieldValue::of(NAN)}), out));
  EXPECT_FALSE(encode_value(
      temperature, values_of({FieldValue::of(std::numeric_limits<double>::infinity())}), out));
  EXPECT_FALSE(encode_value(temperature, values_of({FieldValue::of_text("warm")}), out));
  const KindInfo& humidity = *find_standard_kind("humidity");
  EXPECT_FALSE(encode_value(humidity, values_of({FieldValue::of(101)}), out));
  KindInfo first_field_only = kOwnKind;
  first_field_only.fields.count = 1;
  EXPECT_FALSE(
      encode_value(first_field_only, values_of({FieldValue::of(1), FieldValue::of(2)}), out));
  EXPECT_FALSE(
      encode_value(temperature, values_of({FieldValue::of(1)}), MutableByteView(out).first(1)));
}

TEST(Value, IsRoundedToTheNearestStep) {
  const KindInfo& temperature = *find_standard_kind("temperature");
  Buffer out{};
  for (const auto& [given, kept] : {std::pair{21.634, 21.63}, {21.636, 21.64}, {-0.006, -0.01}}) {
    ASSERT_EQ(encode_value(temperature, values_of({FieldValue::of(given)}), out), 2u);
    EXPECT_EQ((*decode_value(temperature, {out.data(), 2}))[0].number, kept);
  }
}

TEST(CommandValue, NamesTheCommandedFieldAlone) {
  const KindInfo& thermostat = *find_standard_kind("thermostat");
  Buffer out{};
  ASSERT_EQ(encode_command_value(thermostat, FieldValue::of(21), out), 4u);
  EXPECT_EQ(out[0], 0x00);
  EXPECT_EQ(out[1], 0x80);  // no temperature
  const auto wanted = decode_command_value(thermostat, {out.data(), 4});
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->number, 21);
}

TEST(CommandValue, IsRefusedWhereNothingIsCommanded) {
  const std::array<std::uint8_t, 4> no_set_point{0x00, 0x80, 0x00, 0x80};
  const KindInfo& thermostat = *find_standard_kind("thermostat");
  EXPECT_EQ(decode_command_value(thermostat, no_set_point).refusal(), Refusal::kBadValue);
  EXPECT_EQ(decode_command_value(thermostat, ByteView(no_set_point).subview(0, 2)).refusal(),
            Refusal::kTooShort);

  const KindInfo& humidity = *find_standard_kind("humidity");
  const std::array<std::uint8_t, 2> half{0x88, 0x13};
  Buffer out{};
  EXPECT_FALSE(encode_command_value(humidity, FieldValue::of(50), out));
  EXPECT_EQ(decode_command_value(humidity, half).refusal(), Refusal::kBadValue);
}

TEST(StandardKinds, AreFoundByNumberAndByName) {
  for (const KindInfo& kind : standard_kinds()) {
    EXPECT_EQ(find_standard_kind(kind.number), &kind);
    EXPECT_EQ(find_standard_kind(kind.name), &kind);
  }
  EXPECT_EQ(find_standard_kind(std::uint8_t{0}), nullptr);
  EXPECT_EQ(find_standard_kind(std::uint8_t{200}), nullptr);
  EXPECT_EQ(find_standard_kind("colour"), nullptr);
}

}  // namespace
}  // namespace espial::wire
