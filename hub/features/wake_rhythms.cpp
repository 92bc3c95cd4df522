#include "hub/features/wake_rhythms.hpp"

#include <algorithm>

namespace espial::features {

void WakeRhythms::heard(const MacAddress& mac, Instant now) {
  const auto [place, first] = rhythms_.try_emplace(mac);
  Rhythm& rhythm = place->second;
  const Duration pause = now - rhythm.heard_at;
  rhythm.heard_at = now;
  if (first || pause < kWake) return;
  constexpr std::int64_t kSecond_us = Duration::seconds(1).us;
  const std::int64_t pause_s = (pause.us + kSecond_us - 1) / kSecond_us;
  rhythm.pauses_s[rhythm.next] = static_cast<std::uint32_t>(
      std::min<std::int64_t>(pause_s, UINT16_MAX));  // a report interval has 16 bits, too
  rhythm.next = (rhythm.next + 1) % kKeptPauses;
}

std::optional<std::uint32_t> WakeRhythms::longest_pause_s(const MacAddress& mac) const {
  const auto known = rhythms_.find(mac);
  if (known == rhythms_.end()) return std::nullopt;
  const auto& pauses_s = known->second.pauses_s;
  const std::uint32_t longest_s = *std::max_element(pauses_s.begin(), pauses_s.end());
  return longest_s > 0 ? std::optional(longest_s) : std::nullopt;
}

}  // namespace espial::features
