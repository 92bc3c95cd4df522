#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/wire/s0.hpp"

/// What S0's functions are among the kinds of kinds.json.
///
///     type              kind                 DATA                            SETPOINTS
///     0     thermostat  thermostat           F1 temperature, F2 set point,   U1 set point, whole
///     °C
///                                            U1 heating
///     1     thermometer temperature          F1                              (takes none)
///     2     relay       relay                U1 on                           U1 on, and U2
///     3..65             192..254, of the     U1..U5 and F1..F5, as they are  U1, whole
///                       configuration
namespace espial::s0 {

inline constexpr std::uint8_t kThermostat = 0;
inline constexpr std::uint8_t kThermometer = 1;
inline constexpr std::uint8_t kRelay = 2;
/// The first type that a configuration may give a meaning to.
inline constexpr std::uint8_t kFirstOwnType = 3;

/// The value of a configuration's own kind: five u8, then five f32.
inline constexpr std::size_t kOwnValueSize = kIntegerCount + 4 * kFloatCount;
/// A command for it: what it shall be set to, then the field of its value that shows that.
inline constexpr std::size_t kOwnCommandSize = 2;
/// Fields of a value are counted from U1..U5 on to F1..F5.
inline constexpr std::uint8_t kFieldCount = kIntegerCount + kFloatCount;

/// @returns 0 where the type means nothing to us.
std::uint8_t kind_of(std::uint8_t type);
/// @returns kUnused where S0 has no such function.
std::uint8_t type_of(std::uint8_t kind);
/// True for a type that SETPOINTS mean something to.
bool takes_set_points(std::uint8_t type);
/// True for a type that measures: a module says by itself, again and again, what it reads. Others
/// may speak only when something has changed.
bool measures(std::uint8_t type);
/// True where the same SETPOINTS said twice do what they do once.
bool repeats_safely(std::uint8_t type);

/// The slot that `id` and `type` are in; kSlotCount where they are in none.
std::uint8_t slot_of(const Functions& functions, std::uint8_t id, std::uint8_t type);

/// Writes what DATA say as a reading's value (air.md section 5). A number that its kind can't have
/// is none: a sensor that failed.
/// @returns its size; 0 when `out` is too small or the type has no kind.
std::size_t value_of(const Values& data, MutableByteView out);
/// The other way: fills in `data.type`, U and F from a reading's value.
/// @retval false  S0 has no such function, or `value` is not one of this kind.
[[nodiscard]] bool to_data(std::uint8_t kind, ByteView value, Values& data);

/// Fills in `set_points.type`, U and F from a command's value. A thermostat's set point becomes
/// whole degrees: S0 has no others.
/// @retval false  this function takes no commands in S0, or not this value.
[[nodiscard]] bool to_set_points(std::uint8_t kind, ByteView value, Values& set_points);
/// The other way: what SETPOINTS ask for, as a command's value.
/// @returns its size; 0 when `out` is too small, the type takes none, or it can't be that.
std::size_t command_of(const Values& set_points, MutableByteView out);

/// The field in which DATA show what a command asks for, once to_set_points() has taken it.
std::uint8_t shown_in(std::uint8_t kind, ByteView value);
/// True when that field of DATA shows what the SETPOINTS asked for: S0 has no other answer to them.
bool shows(const Values& data, const Values& set_points, std::uint8_t shown_in);

}  // namespace espial::s0
