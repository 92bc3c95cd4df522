#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/time.hpp"

namespace espial::link {

/// What is not used of the air may be used at once later, for at most this long a time of it.
inline constexpr Duration kDutyWindow = Duration::seconds(10);
/// No limit.
inline constexpr std::uint16_t kFullAirtime_permille = 1000;

/// How long a unicast body of `size` bytes occupies the air at ESP-NOW's default rate, 1 Mb/s with
/// the long preamble: frame, SIFS and acknowledgement.
constexpr Duration airtime_of(std::size_t size) {
  constexpr std::int64_t kPreamble_us = 192;
  constexpr std::int64_t kSifsAndAcknowledgement_us = 10 + kPreamble_us + 8 * 14;
  constexpr std::int64_t kFrameAround = 24 + 8 + 7 + 4;  // header, action, element, FCS
  return Duration::microseconds(kPreamble_us +
                                8 * (kFrameAround + static_cast<std::int64_t>(size)) +
                                kSifsAndAcknowledgement_us);
}

/// Keeps a sender under its share of the air: in any time T at most limit * (T + kDutyWindow). It
/// delays and drops nothing. Wi-Fi listens before it talks, so no law asks for this; neighbours
/// do. Repeats by the radio itself are not seen and not counted.
class DutyLimit {
 public:
  /// 1..kFullAirtime_permille; 0 counts as no limit.
  void set(std::uint16_t permille);
  std::uint16_t permille() const { return permille_; }

  /// A body of `size` bytes goes out.
  void on_sent(Instant now, std::size_t size);
  /// From then on the next frame may be sent.
  Instant free_at() const { return paid_until_ - kDutyWindow; }

 private:
  std::uint16_t permille_ = kFullAirtime_permille;
  Instant paid_until_;  ///< what was sent so far is paid for by the limit until then
};

}  // namespace espial::link
