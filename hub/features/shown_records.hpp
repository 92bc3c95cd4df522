#pragma once

#include <cstdint>
#include <vector>

#include "hub/store/changes.hpp"
#include "station/live_state.hpp"

/// What is shown of devices, as the database remembers it.
namespace espial::features {

store::DeviceRecord device_record(const station::Device& device);
store::FunctionRecord function_record(station::DeviceId device,
                                      const station::FunctionState& function);
/// The device no longer has this function.
store::FunctionRecord no_function(station::DeviceId device, std::uint8_t slot);

/// The records of a device whose functions are `now`, and were `former`.
void append_functions(store::Changes& changes, station::DeviceId device,
                      const std::vector<station::FunctionState>& former,
                      const std::vector<station::FunctionState>& now);

}  // namespace espial::features
