#include "core/gateway/search_limit.hpp"

#include <algorithm>

namespace espial::gateway {

bool SearchLimit::allow(Instant now, const MacAddress& mac, std::optional<std::int8_t> rssi_dbm) {
  if (refilled_at_.us == INT64_MIN) refilled_at_ = now;
  if (limits_.refill.us > 0) {
    const std::int64_t earned = (now - refilled_at_).us / limits_.refill.us;
    refilled_at_ = refilled_at_ + limits_.refill * earned;
    tokens_ = static_cast<std::uint16_t>(
        std::min<std::int64_t>(limits_.burst, tokens_ + std::max<std::int64_t>(earned, 0)));
  }
  const int weaker_db = std::clamp(kNear_dbm - rssi_dbm.value_or(kNear_dbm), 0, kWeakSpan_db);
  if (tokens_ <= limits_.burst * weaker_db / (2 * kWeakSpan_db)) return false;

  Searcher* place = searchers_.data();
  for (Searcher& searcher : searchers_) {
    if (searcher.answered_at.us != INT64_MIN && searcher.mac == mac) {
      if (now < searcher.answered_at + limits_.per_mac) return false;
      place = &searcher;
      break;
    }
    if (searcher.answered_at < place->answered_at) place = &searcher;
  }
  *place = {mac, now};
  --tokens_;
  return true;
}

std::uint8_t SearchLimit::load() const {
  if (limits_.burst == 0) return 255;
  return static_cast<std::uint8_t>((limits_.burst - tokens_) * 255 / limits_.burst);
}

}  // namespace espial::gateway
