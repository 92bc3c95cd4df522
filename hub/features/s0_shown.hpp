#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/coordinator/s0_server.hpp"
#include "core/wire/s0.hpp"
#include "hub/features/s0_configuration.hpp"
#include "hub/store/changes.hpp"
#include "station/live_state.hpp"

/// S0's modules in the hub's own terms.
namespace espial::s0 {

/// The functions that mean something to us, titled as they are configured.
std::vector<station::FunctionState> function_states(const Functions& functions,
                                                    const ModuleConfiguration& configuration);

/// The fields of a reading's value. A kind of the configuration's own has U1..U5 and F1..F5, as
/// fields 0 to 9.
std::vector<station::Value> shown_values(std::uint8_t kind, ByteView value);

/// A sensor's ROM address as the documents of kSensorCollection are called.
std::string sensor_name(const std::array<std::uint8_t, kSensorSize>& sensor);

/// For a person who looks for a module that does not come in: what is the matter, what to do.
std::string_view sentence_of(coordinator::S0Refusal refusal);

}  // namespace espial::s0
