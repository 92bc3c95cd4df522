#pragma once

#include <cstdint>

namespace espial {

/// A network, 1..255; 0 is none.
struct ServerId {
  std::uint8_t value = 0;
  friend constexpr bool operator==(ServerId a, ServerId b) { return a.value == b.value; }
  friend constexpr bool operator!=(ServerId a, ServerId b) { return a.value != b.value; }
};

/// A module's short name within its network, 1..255; 0 is "none" or "any". The MAC is the identity.
struct ModuleId {
  std::uint8_t value = 0;
  friend constexpr bool operator==(ModuleId a, ModuleId b) { return a.value == b.value; }
  friend constexpr bool operator!=(ModuleId a, ModuleId b) { return a.value != b.value; }
};

/// A 2.4 GHz Wi-Fi channel, 1..13; 0 is "not known".
struct Channel {
  std::uint8_t number = 0;
  constexpr bool valid() const { return number >= 1 && number <= 13; }
  friend constexpr bool operator==(Channel a, Channel b) { return a.number == b.number; }
  friend constexpr bool operator!=(Channel a, Channel b) { return a.number != b.number; }
};

/// How many channels there are to search.
inline constexpr std::uint8_t kChannelCount = 13;

/// Function slots of a module, numbered 0..11.
inline constexpr std::uint8_t kSlotCount = 12;

}  // namespace espial
