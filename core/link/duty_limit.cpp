#include "core/link/duty_limit.hpp"

#include <algorithm>

namespace espial::link {

void DutyLimit::set(std::uint16_t permille) {
  const bool limited = permille > 0 && permille < kFullAirtime_permille;
  permille_ = limited ? permille : kFullAirtime_permille;
  if (!limited) paid_until_ = {};
}

void DutyLimit::on_sent(Instant now, std::size_t size) {
  if (permille_ == kFullAirtime_permille) return;
  const Duration cost{airtime_of(size).us * kFullAirtime_permille / permille_};
  paid_until_ = std::max(paid_until_, now) + cost;
}

}  // namespace espial::link
