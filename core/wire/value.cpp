#include "core/wire/value.hpp"

#include <cstring>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/base/utf8.hpp"
#include "core/wire/reading.hpp"

namespace espial::wire {
namespace {

static_assert(sizeof(float) == 4, "a field of type f32 is an IEEE-754 single");

/// The integers a field of `type` can hold beside the one that means none.
struct IntegerLimits {
  std::int64_t lowest;
  std::int64_t highest;
  std::int64_t none;
};

constexpr IntegerLimits integer_limits(FieldType type) {
  switch (type) {
    case FieldType::kI8:
      return {INT8_MIN + 1, INT8_MAX, INT8_MIN};
    case FieldType::kI16:
      return {INT16_MIN + 1, INT16_MAX, INT16_MIN};
    case FieldType::kI32:
      return {std::int64_t{INT32_MIN} + 1, INT32_MAX, INT32_MIN};
    case FieldType::kU16:
      return {0, UINT16_MAX - 1, UINT16_MAX};
    case FieldType::kU32:
      return {0, std::int64_t{UINT32_MAX} - 1, UINT32_MAX};
    case FieldType::kBool:
      return {0, 1, UINT8_MAX};
    case FieldType::kU8:
    case FieldType::kF32:
    case FieldType::kText:
      break;
  }
  return {0, UINT8_MAX - 1, UINT8_MAX};
}

std::int64_t read_integer(FieldType type, ByteReader& reader) {
  switch (type) {
    case FieldType::kI8:
      return reader.i8();
    case FieldType::kI16:
      return reader.i16();
    case FieldType::kI32:
      return reader.i32();
    case FieldType::kU16:
      return reader.u16();
    case FieldType::kU32:
      return reader.u32();
    default:
      return reader.u8();
  }
}

void write_integer(FieldType type, std::int64_t integer, ByteWriter& writer) {
  switch (field_size(type)) {
    case 1:
      writer.u8(static_cast<std::uint8_t>(integer));
      break;
    case 2:
      writer.u16(static_cast<std::uint16_t>(integer));
      break;
    default:
      writer.u32(static_cast<std::uint32_t>(integer));
  }
}

/// `integer` steps of `scale`. A scale such as 0.01 has no exact double, its inverse has: dividing
/// by that yields the double that prints as 21.63 instead of 21.630000000000003.
double scaled(std::int64_t integer, double scale) {
  const auto number = static_cast<double>(integer);
  if (scale >= 1) return number * scale;
  const double inverse = 1 / scale;
  const auto whole = static_cast<double>(static_cast<std::int64_t>(inverse + 0.5));
  const double error = inverse > whole ? inverse - whole : whole - inverse;
  return error < 1e-9 * whole ? number / whole : number * scale;
}

/// Half a step of the scale is forgiven: 0.01 has no exact double.
bool within(const FieldInfo& field, double number) {
  const double slack = field.type == FieldType::kF32 ? 0 : field.scale / 2;
  return number >= field.minimum - slack && number <= field.maximum + slack;
}

Refusal read_float(const FieldInfo& field, ByteReader& reader, FieldValue& value) {
  const std::uint32_t bits = reader.u32();
  float number = 0;
  std::memcpy(&number, &bits, sizeof number);
  if (!reader.ok()) return Refusal::kTooShort;
  if (number != number) return Refusal::kNone;  // not a number: none
  if (!within(field, number)) return Refusal::kBadValue;
  value = FieldValue::of(number);
  return Refusal::kNone;
}

Refusal read_text(const FieldInfo& field, ByteReader& reader, FieldValue& value) {
  const ByteView bytes = reader.rest();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (static_cast<double>(text.size()) > field.maximum || !is_utf8(text)) return Refusal::kBadValue;
  value = FieldValue::of_text(text);
  return Refusal::kNone;
}

Refusal read_field(const FieldInfo& field, ByteReader& reader, FieldValue& value) {
  if (field.type == FieldType::kText) return read_text(field, reader, value);
  if (field.type == FieldType::kF32) return read_float(field, reader, value);
  const std::int64_t integer = read_integer(field.type, reader);
  if (!reader.ok()) return Refusal::kTooShort;
  if (integer == integer_limits(field.type).none) return Refusal::kNone;
  const double number = scaled(integer, field.scale);
  if (!within(field, number)) return Refusal::kBadValue;
  value = FieldValue::of(number);
  return Refusal::kNone;
}

bool write_float(const FieldInfo& field, const FieldValue& value, ByteWriter& writer) {
  constexpr std::uint32_t kQuietNan = 0x7fc00000;
  std::uint32_t bits = kQuietNan;
  if (value.number) {
    if (!within(field, *value.number)) return false;
    const auto number = static_cast<float>(*value.number);
    std::memcpy(&bits, &number, sizeof bits);
  }
  writer.u32(bits);
  return true;
}

bool write_text(const FieldInfo& field, const FieldValue& value, ByteWriter& writer) {
  if (value.number || static_cast<double>(value.text.size()) > field.maximum) return false;
  if (!is_utf8(value.text)) return false;
  writer.bytes(as_bytes(value.text));
  return true;
}

bool write_field(const FieldInfo& field, const FieldValue& value, ByteWriter& writer) {
  if (field.type == FieldType::kText) return write_text(field, value, writer);
  if (!value.text.empty()) return false;
  if (field.type == FieldType::kF32) return write_float(field, value, writer);
  const IntegerLimits limits = integer_limits(field.type);
  std::int64_t integer = limits.none;
  if (value.number) {
    if (!within(field, *value.number)) return false;  // refuses NaN and infinities, too
    const double steps = *value.number / field.scale;
    integer = static_cast<std::int64_t>(steps < 0 ? steps - 0.5 : steps + 0.5);
    if (integer < limits.lowest || integer > limits.highest) return false;
  }
  write_integer(field.type, integer, writer);
  return true;
}

}  // namespace

Parsed<FieldValues> decode_value(const KindInfo& kind, ByteView bytes) {
  ByteReader reader(bytes);
  FieldValues values;
  for (const FieldInfo& field : kind.fields) {
    if (reader.empty() && field.type != FieldType::kText) break;
    FieldValue value;
    const auto refusal = read_field(field, reader, value);
    if (refusal != Refusal::kNone) return refusal;
    if (!values.push_back(value)) return Refusal::kBadLength;
  }
  return values;
}

std::optional<std::size_t> encode_value(const KindInfo& kind, const FieldValues& values,
                                        MutableByteView out) {
  if (values.size() > kind.fields.size()) return std::nullopt;
  ByteWriter writer(out.first(kMaxValueSize));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!write_field(kind.fields[i], values[i], writer)) return std::nullopt;
  }
  if (!writer.ok()) return std::nullopt;
  return writer.size();
}

std::optional<std::size_t> encode_command_value(const KindInfo& kind, const FieldValue& value,
                                                MutableByteView out) {
  if (!kind.accepts_commands()) return std::nullopt;
  FieldValues values;
  for (std::size_t i = 0; i < kind.command_field; ++i) {
    if (!values.push_back(FieldValue::none())) return std::nullopt;
  }
  if (!values.push_back(value)) return std::nullopt;
  return encode_value(kind, values, out);
}

Parsed<FieldValue> decode_command_value(const KindInfo& kind, ByteView bytes) {
  if (!kind.accepts_commands()) return Refusal::kBadValue;
  const auto values = decode_value(kind, bytes);
  if (!values) return values.refusal();
  if (values->size() <= kind.command_field) return Refusal::kTooShort;
  const FieldValue& value = (*values)[kind.command_field];
  const bool is_text = kind.fields[kind.command_field].type == FieldType::kText;
  if (!is_text && !value.number) return Refusal::kBadValue;
  return value;
}

}  // namespace espial::wire
