#include "ports/linux/clock.hpp"

#include <chrono>
#include <ctime>

namespace espial {
namespace {

template <typename Clock>
std::int64_t microseconds() {
  const auto since = Clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

}  // namespace

Instant monotonic_now() { return {microseconds<std::chrono::steady_clock>()}; }

std::int64_t unix_time_us() { return microseconds<std::chrono::system_clock>(); }

std::int16_t local_zone_minutes() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  if (localtime_r(&now, &local) == nullptr) return 0;
  return static_cast<std::int16_t>(local.tm_gmtoff / 60);
}

}  // namespace espial
