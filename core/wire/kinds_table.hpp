// Generated from protocol/kinds.json by tools/generate_kinds.mjs. Change those, not this.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/wire/kind.hpp"

namespace espial::wire {

/// The standard kinds' numbers on the air.
enum class Kind : std::uint8_t {
  kTemperature = 1,
  kHumidity = 2,
  kThermostat = 3,
  kRelay = 4,
  kLed = 5,
  kButton = 6,
  kLightLevel = 7,
  kPresence = 8,
  kBattery = 9,
  kCounter = 10,
  kContact = 11,
  kText = 12,
  kIlluminance = 13,
};

inline constexpr std::size_t kKindCount = 13;
/// In the order of their numbers; use find_standard_kind() to look one up.
extern const KindInfo kKinds[kKindCount];

}  // namespace espial::wire
