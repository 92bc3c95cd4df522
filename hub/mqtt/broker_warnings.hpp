#pragma once

#include <string>
#include <vector>

#include "hub/mqtt/client.hpp"

namespace espial::mqtt {

/// Fewer unacknowledged messages than this is what brokers have that drop messages for a slow
/// subscriber (Mosquitto's own default is 20).
inline constexpr std::uint16_t kLeastReceiveMaximum = 1000;

/// What a broker's CONNACK says about losing or refusing what we need of it: one sentence each,
/// with what to do; none for a broker as it should be.
std::vector<std::string> broker_warnings(const ClientOptions& options, const Connack& connack);

}  // namespace espial::mqtt
