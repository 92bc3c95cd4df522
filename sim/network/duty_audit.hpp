#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/time.hpp"
#include "core/link/duty_limit.hpp"

namespace espial::sim {

/// Adds up how long a board's frames are in the air, without the radio's own repeats: in any time T
/// at most its limit of T and link::kDutyWindow together, and the one frame that passes it. What a
/// board sends to find its way back can't wait: it counts, and what follows waits for it. What it
/// says to other nodes of a room may pass the whole, not its half (with an audit of its own, and
/// two windows: the first press of each session is answered in any case).
class DutyAudit {
 public:
  explicit DutyAudit(Duration window = link::kDutyWindow) : window_(window) {}

  /// What was used under a limit that changes takes the same share of the new one.
  void set_limit(Instant now, std::uint16_t permille) {
    pay(now);
    const std::int64_t limit = permille == 0 ? link::kFullAirtime_permille : permille;
    used_ = limited() ? used_ * limit / limit_permille_ : 0;
    limit_permille_ = limit;
  }
  /// A board that was reset knows nothing of what it has sent.
  void begin() { used_ = 0; }
  /// The board may not take all of the air.
  bool limited() const { return limit_permille_ < link::kFullAirtime_permille; }
  /// How often it had used more than nine tenths of what it may.
  std::uint64_t near_limit() const { return near_limit_; }

  /// A frame of `span` goes out; one that can wait only within the limit.
  /// @retval false  the limit is passed.
  [[nodiscard]] bool on_sent(Instant now, Duration span, bool can_wait) {
    pay(now);
    // A board's clock may run a little faster than the world's.
    const bool kept = !limited() || !can_wait || used_ <= allowed() + allowed() / kDriftDivisor;
    used_ += span.us * link::kFullAirtime_permille;
    if (limited() && used_ > allowed() / 10 * 9) ++near_limit_;
    return kept;
  }

 private:
  static constexpr std::int64_t kDriftDivisor = 1'000;

  void pay(Instant now) {
    used_ = std::max<std::int64_t>(0, used_ - limit_permille_ * (now - paid_at_).us);
    paid_at_ = now;
  }
  std::int64_t allowed() const { return limit_permille_ * window_.us; }

  Duration window_;
  std::int64_t limit_permille_ = link::kFullAirtime_permille;
  std::int64_t used_ = 0;  ///< microseconds of air, in permille
  Instant paid_at_;
  std::uint64_t near_limit_ = 0;
};

}  // namespace espial::sim
