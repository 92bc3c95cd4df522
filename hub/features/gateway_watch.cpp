#include "hub/features/gateway_watch.hpp"

#include <algorithm>

namespace espial::features {

void GatewayWatch::hear(const MacAddress& gateway) { heard_[gateway] = {listened_, false}; }

bool GatewayWatch::expect(const MacAddress& gateway) {
  return !heard_.try_emplace(gateway, Heard{listened_, false}).first->second.missed;
}

std::vector<MacAddress> GatewayWatch::look(Instant now, bool listening) {
  const Duration step = looked_at_ ? std::min(now - *looked_at_, kLongestStep) : Duration{};
  looked_at_ = now;
  std::vector<MacAddress> missed;
  if (!listening) return missed;
  listened_ = listened_ + step;
  for (auto& [gateway, heard] : heard_) {
    if (heard.missed || listened_ - heard.at < kPatience) continue;
    heard.missed = true;
    missed.push_back(gateway);
  }
  return missed;
}

}  // namespace espial::features
