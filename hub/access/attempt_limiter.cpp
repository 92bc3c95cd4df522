#include "hub/access/attempt_limiter.hpp"

#include <algorithm>

namespace espial::access {

std::optional<Duration> AttemptLimiter::take(std::string_view key, UnixTime now) {
  const std::int64_t period_ms = period_.us / 1000;
  const auto known = full_at_.find(std::string(key));
  const std::int64_t too_late_ms = now.ms + burst_ * period_ms;
  // A clock that was set back must not lock anybody out for longer than an attempt takes.
  const std::int64_t full_ms =
      known == full_at_.end() ? now.ms : std::clamp(known->second.ms, now.ms, too_late_ms);
  const std::int64_t next_full_ms = full_ms + period_ms;
  if (next_full_ms > too_late_ms) return Duration::milliseconds(next_full_ms - too_late_ms);
  if (known != full_at_.end()) {
    known->second = {next_full_ms};
    return std::nullopt;
  }
  if (full_at_.size() >= keys_max_) make_room(now);
  full_at_.emplace(key, UnixTime{next_full_ms});
  return std::nullopt;
}

void AttemptLimiter::make_room(UnixTime now) {
  std::erase_if(full_at_, [now](const auto& entry) { return entry.second.ms <= now.ms; });
  if (full_at_.size() < keys_max_) return;
  full_at_.erase(
      std::min_element(full_at_.begin(), full_at_.end(),
                       [](const auto& a, const auto& b) { return a.second.ms < b.second.ms; }));
}

}  // namespace espial::access
