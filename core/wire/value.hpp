#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/static_vector.hpp"
#include "core/wire/kind.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

/// The most fields a kind has: S0's U1..U5 and F1..F5.
inline constexpr std::size_t kMaxFields = 10;

/// One field's value in units (21.63 for 21.63 °C), or none: the sensor failed or nobody said.
struct FieldValue {
  std::optional<double> number;  ///< every type but kText; 0 or 1 for kBool
  std::string_view text;         ///< kText only; borrowed

  static constexpr FieldValue of(double number) { return {number, {}}; }
  static constexpr FieldValue of_text(std::string_view text) { return {std::nullopt, text}; }
  static constexpr FieldValue none() { return {}; }
};

/// The fields of a value in the order of their kind. Trailing ones may be left out.
using FieldValues = StaticVector<FieldValue, kMaxFields>;

/// Reads the bytes of a reading of `kind`. Bytes past the fields it knows are passed over.
///
/// @retval kTooShort  a field is cut
/// @retval kBadValue  a number outside its field's limits, or a text that is not UTF-8 or too long
Parsed<FieldValues> decode_value(const KindInfo& kind, ByteView bytes);

/// Writes the first values.size() fields of `kind`; a number is rounded to the nearest that the
/// scale has.
/// @returns the size; nothing when `out` is too small, there are more values than fields, or a
///          value is outside its field's limits.
std::optional<std::size_t> encode_value(const KindInfo& kind, const FieldValues& values,
                                        MutableByteView out);

/// Writes what a command carries to set its kind's commanded field: the fields before it are none.
/// @returns as encode_value(); nothing also when the kind takes no commands.
std::optional<std::size_t> encode_command_value(const KindInfo& kind, const FieldValue& value,
                                                MutableByteView out);

/// What a command's reading asks for: the commanded field.
/// @retval kBadValue  also when the kind takes no commands, or the field is none.
Parsed<FieldValue> decode_command_value(const KindInfo& kind, ByteView bytes);

}  // namespace espial::wire
