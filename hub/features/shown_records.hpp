#pragma once

#include <cstdint>

#include "hub/store/changes.hpp"
#include "station/live_state.hpp"

/// What is shown of devices, as the database remembers it.
namespace espial::features {

store::DeviceRecord device_record(const station::Device& device);
store::FunctionRecord function_record(station::DeviceId device,
                                      const station::FunctionState& function);
/// The device no longer has this function.
store::FunctionRecord no_function(station::DeviceId device, std::uint8_t slot);

}  // namespace espial::features
