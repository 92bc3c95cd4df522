#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/mac_address.hpp"

/// The older boards of the simulated house: S0's, with their firmware unchanged.
namespace espial::sim::s0 {

/// A module and what the hub is told that it shall do, as `espial hub --s0-module` takes it.
struct HousePlan {
  std::uint8_t number = 0;
  std::string_view configuration;
};

/// Far from the numbers that modules without a wish are given.
inline constexpr std::array<HousePlan, 2> kHousePlan{{
    {201, "201=thermostat:Workshop heating,thermometer:Workshop window,relay:Workshop lamp"},
    {202, "202=thermometer:Loft,relay:Loft fan"},
}};

inline MacAddress house_address(std::uint8_t number) {
  return MacAddress{{0x5e, 0x50, 0x1a, 0x20, 0, number}};
}

}  // namespace espial::sim::s0
