#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"

namespace espial::sim {

/// The slot of a board that is a button, and slot and kind of one that is a lamp.
inline constexpr std::uint8_t kButtonSlot = 3;
inline constexpr std::uint8_t kLampSlot = 4;
inline constexpr std::uint8_t kLampKind = 202;

/// What a button tells its lamp: which press this is, of all that were ever made.
struct RoomPress {
  std::uint32_t button = 0;  ///< the board's number
  std::uint32_t number = 0;  ///< counts up over the button's resets
};

using RoomPressValue = std::array<std::uint8_t, 8>;

inline RoomPressValue encode(const RoomPress& press) {
  RoomPressValue value{};
  ByteWriter(value).u32(press.button).u32(press.number);
  return value;
}

/// Nothing for what no button says.
inline std::optional<RoomPress> parse_room_press(ByteView value) {
  if (value.size() != RoomPressValue().size()) return std::nullopt;
  ByteReader in(value);
  const std::uint32_t button = in.u32();
  return RoomPress{button, in.u32()};
}

}  // namespace espial::sim
