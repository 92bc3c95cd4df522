#include "core/wire/s0_function.hpp"

#include <limits>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/wire/kinds_table.hpp"
#include "core/wire/value.hpp"

namespace espial::s0 {
namespace {

using wire::FieldValue;
using wire::FieldValues;
using wire::Kind;
using wire::KindInfo;

constexpr std::uint8_t kFirstOwnKind = 192;
constexpr std::uint8_t kLastOwnKind = 254;
constexpr std::uint8_t number(Kind kind) { return static_cast<std::uint8_t>(kind); }

bool is_own(std::uint8_t type) {
  return type >= kFirstOwnType && type <= kFirstOwnType + (kLastOwnKind - kFirstOwnKind);
}

/// none for what the field can't be.
FieldValue field(const KindInfo& kind, std::size_t index, float value) {
  const wire::FieldInfo& info = kind.fields[index];
  // A float that is not a number fails both comparisons.
  const bool possible = value >= info.minimum && value <= info.maximum;
  return possible ? FieldValue::of(static_cast<double>(value)) : FieldValue::none();
}

std::size_t standard_value(const Values& data, MutableByteView out) {
  const KindInfo& kind = *wire::find_standard_kind(kind_of(data.type));
  FieldValues values;
  if (data.type == kRelay) {
    (void)values.push_back(FieldValue::of(data.u[0] != 0 ? 1 : 0));
  } else {
    (void)values.push_back(field(kind, 0, data.f[0]));
  }
  if (data.type == kThermostat) {
    (void)values.push_back(field(kind, 1, data.f[1]));
    (void)values.push_back(FieldValue::of(data.u[0] != 0 ? 1 : 0));
  }
  return wire::encode_value(kind, values, out).value_or(0);
}

std::size_t own_value(const Values& values, MutableByteView out) {
  std::array<std::uint8_t, kValuesSize> message{};
  (void)encode(values, message);
  return ByteWriter(out).bytes(ByteView(message).subview(3, kOwnValueSize)).size();
}

bool read_own(ByteView value, Values& values) {
  if (value.size() != kOwnValueSize) return false;
  std::array<std::uint8_t, kValuesSize> message{static_cast<std::uint8_t>(MessageType::kData)};
  for (std::size_t i = 0; i < kOwnValueSize; ++i) message[3 + i] = value[i];
  const auto parsed = parse_values(message);
  values.u = parsed->u;
  values.f = parsed->f;
  return static_cast<bool>(parsed);
}

float number_or_nan(const FieldValues& values, std::size_t index) {
  const bool there = index < values.size() && values[index].number;
  return there ? static_cast<float>(*values[index].number)
               : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace

std::uint8_t kind_of(std::uint8_t type) {
  if (type == kThermostat) return number(Kind::kThermostat);
  if (type == kThermometer) return number(Kind::kTemperature);
  if (type == kRelay) return number(Kind::kRelay);
  if (!is_own(type)) return 0;
  return static_cast<std::uint8_t>(kFirstOwnKind + (type - kFirstOwnType));
}

std::uint8_t type_of(std::uint8_t kind) {
  if (kind == number(Kind::kThermostat)) return kThermostat;
  if (kind == number(Kind::kTemperature)) return kThermometer;
  if (kind == number(Kind::kRelay)) return kRelay;
  if (kind < kFirstOwnKind || kind > kLastOwnKind) return kUnused;
  return static_cast<std::uint8_t>(kFirstOwnType + (kind - kFirstOwnKind));
}

bool takes_set_points(std::uint8_t type) {
  return type == kThermostat || type == kRelay || is_own(type);
}

bool measures(std::uint8_t type) { return type == kThermostat || type == kThermometer; }

bool repeats_safely(std::uint8_t type) { return type == kThermostat || type == kRelay; }

std::uint8_t slot_of(const Functions& functions, std::uint8_t id, std::uint8_t type) {
  std::uint8_t slot = 0;
  for (const Function& function : functions) {
    if (function.used() && function.id == id && function.type == type) return slot;
    ++slot;
  }
  return slot;
}

std::size_t value_of(const Values& data, MutableByteView out) {
  if (is_own(data.type)) return own_value(data, out);
  return kind_of(data.type) == 0 ? 0 : standard_value(data, out);
}

bool to_data(std::uint8_t kind, ByteView value, Values& data) {
  data.type = type_of(kind);
  if (data.type == kUnused) return false;
  if (is_own(data.type)) return read_own(value, data);
  const auto values = wire::decode_value(*wire::find_standard_kind(kind), value);
  if (!values || values->empty()) return false;
  if (data.type == kRelay) {
    data.u[0] = (*values)[0].number.value_or(0) != 0 ? 1 : 0;
    return (*values)[0].number.has_value();
  }
  data.f[0] = number_or_nan(*values, 0);
  if (data.type == kThermostat) {
    data.f[1] = number_or_nan(*values, 1);
    data.u[0] = values->size() > 2 && (*values)[2].number.value_or(0) != 0 ? 1 : 0;
  }
  return true;
}

bool to_set_points(std::uint8_t kind, ByteView value, Values& set_points) {
  set_points.set_points = true;
  set_points.type = type_of(kind);
  if (!takes_set_points(set_points.type)) return false;
  if (is_own(set_points.type)) {
    const bool is_command = value.size() == kOwnCommandSize && value[1] < kFieldCount;
    if (is_command) set_points.u[0] = value[0];
    return is_command;
  }
  const auto wanted = wire::decode_command_value(*wire::find_standard_kind(kind), value);
  if (!wanted || !wanted->number) return false;
  if (set_points.type == kRelay) {
    // S0's modules look at U1, and say in U2 what they were asked for.
    set_points.u[0] = set_points.u[1] = *wanted->number != 0 ? 1 : 0;
  } else {
    set_points.u[0] = static_cast<std::uint8_t>(*wanted->number + 0.5);
  }
  return true;
}

std::size_t command_of(const Values& set_points, MutableByteView out) {
  if (!takes_set_points(set_points.type)) return 0;
  if (is_own(set_points.type)) return ByteWriter(out).u8(set_points.u[0]).u8(0).size();
  const KindInfo& kind = *wire::find_standard_kind(kind_of(set_points.type));
  const double wanted = set_points.type == kRelay ? (set_points.u[0] != 0 ? 1 : 0)
                                                  : static_cast<double>(set_points.u[0]);
  return wire::encode_command_value(kind, FieldValue::of(wanted), out).value_or(0);
}

std::uint8_t shown_in(std::uint8_t kind, ByteView value) {
  const std::uint8_t type = type_of(kind);
  if (type == kThermostat) return kIntegerCount + 1;
  return type == kRelay ? std::uint8_t{0} : value[1];
}

bool shows(const Values& data, const Values& set_points, std::uint8_t shown_in) {
  if (data.function != set_points.function || data.type != set_points.type) return false;
  if (data.type == kRelay) return (data.u[0] != 0) == (set_points.u[0] != 0);
  const float is = shown_in < kIntegerCount ? static_cast<float>(data.u[shown_in])
                                            : data.f[shown_in - kIntegerCount];
  return is == static_cast<float>(set_points.u[0]);
}

}  // namespace espial::s0
