#include "core/coordinator/wake_rhythm.hpp"

#include <algorithm>

namespace espial::coordinator {

void WakeRhythm::heard_after(Duration pause) {
  if (pause < kWake) return;
  constexpr std::int64_t kSecond_us = Duration::seconds(1).us;
  const std::int64_t pause_s = (pause.us + kSecond_us - 1) / kSecond_us;
  pauses_s_[next_] = static_cast<std::uint16_t>(std::min<std::int64_t>(pause_s, UINT16_MAX));
  next_ = static_cast<std::uint8_t>((next_ + 1) % kKeptPauses);
}

std::uint32_t WakeRhythm::longest_pause_s() const {
  return *std::max_element(pauses_s_.begin(), pauses_s_.end());
}

std::uint32_t WakeRhythm::usual_pause_s() const {
  std::array<std::uint16_t, kKeptPauses> pauses_s = pauses_s_;
  std::partial_sort(pauses_s.begin(), pauses_s.begin() + 2, pauses_s.end(),
                    [](std::uint16_t a, std::uint16_t b) { return a > b; });
  return pauses_s[1] != 0 ? pauses_s[1] : pauses_s[0];
}

}  // namespace espial::coordinator
