// S0's messages, both ways: relayed as they are, where a network's S0 switch is on.

#include <algorithm>

#include "core/gateway/gateway.hpp"
#include "core/wire/s0.hpp"

namespace espial::gateway {

void Gateway::on_s0(Instant now, ServerId server, bool on) {
  (void)now;
  const Network* const network = find_network(server);
  if (network == nullptr) {
    counters_.add(Count::kBadControl);
    return;
  }
  s0_on_[index_of(*network)] = on;
}

void Gateway::on_s0_message(Instant now, const ReceivedFrame& frame) {
  const auto on_end = s0_on_.begin() + static_cast<std::ptrdiff_t>(config_.network_count);
  if (std::find(s0_on_.begin(), on_end, true) == on_end) {
    counters_.add(Count::kS0Off);
    return;
  }
  const auto type = s0::peek_type(frame.body);
  if (!type) {
    const bool known = frame.body[0] <= static_cast<std::uint8_t>(s0::MessageType::kReset);
    counters_.add(known ? Count::kBadLength : Count::kUnknownType);
    return;
  }
  if (type == s0::MessageType::kSetPoints || type == s0::MessageType::kReset) {
    counters_.add(Count::kWrongWay);
    return;
  }
  if (keyed_.contains(frame.source)) {
    counters_.add(Count::kKeyedPlain);
    return;
  }
  if (type == s0::MessageType::kPairing) {
    on_s0_pairing(now, frame);
    return;
  }
  // Data and pings name no network; a coordinator takes those of its own modules only.
  for (std::size_t i = 0; i < config_.network_count; ++i) {
    if (s0_on_[i]) relay_up(now, config_.networks[i], frame);
  }
}

void Gateway::on_s0_pairing(Instant now, const ReceivedFrame& frame) {
  const auto pairing = s0::parse_pairing(frame.body);
  const Network* const network = pairing ? find_network(pairing->server) : nullptr;
  if (network == nullptr) {
    counters_.add(Count::kNotServed);
  } else if (!s0_on_[index_of(*network)]) {
    counters_.add(Count::kS0Off);
  } else if (!search_limit_.allow(now, frame.source)) {
    counters_.add(Count::kSearchLimited);
  } else {
    relay_up(now, *network, frame);
  }
}

bool Gateway::s0_fits_down(const Network& network, const MacAddress& mac, ByteView body) const {
  const auto type = s0::peek_type(body);
  if (!type || !s0_on_[index_of(network)] || keyed_.contains(mac)) return false;
  if (type == s0::MessageType::kPairing) {
    const auto pairing = s0::parse_pairing(body);
    return pairing && pairing->server == network.server;
  }
  if (type == s0::MessageType::kReset) {
    const auto reset = s0::parse_reset(body);
    return reset && reset->server == network.server;
  }
  return type != s0::MessageType::kData;
}

}  // namespace espial::gateway
