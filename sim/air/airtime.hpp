#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/time.hpp"

namespace espial::sim {

/// How fast the body of a frame travels: DSSS and CCK (802.11b), then OFDM (802.11g).
enum class Rate : std::uint8_t { k1, k2, k5_5, k11, k6, k9, k12, k18, k24, k36, k48, k54 };
inline constexpr std::size_t kRateCount = 12;

/// How often the MAC sends one unicast before it gives up.
inline constexpr int kMaxAttempts = 7;

/// The rate of each attempt of a frame; a broadcast has the first alone.
using RateLadder = std::array<Rate, kMaxAttempts>;

/// The same rate for every attempt.
constexpr RateLadder every_attempt_at(Rate rate) {
  RateLadder ladder{};
  for (Rate& attempt : ladder) attempt = rate;
  return ladder;
}
/// ESP-NOW on an ESP32: 1 Mb/s with the long preamble.
inline constexpr RateLadder kEsp32Rates = every_attempt_at(Rate::k1);
/// As ESP8266s were heard to send unicasts.
inline constexpr RateLadder kEsp8266Rates{Rate::k6, Rate::k6, Rate::k2, Rate::k2,
                                          Rate::k1, Rate::k1, Rate::k1};

/// In steps of 500 kb/s, as radiotap counts.
std::uint8_t half_megabits(Rate rate);
bool is_ofdm(Rate rate);

/// How long `frame_bytes` of 802.11 frame, header and FCS included, are in the air: with the long
/// preamble for DSSS and CCK, with the signal extension for OFDM in this band.
Duration frame_airtime(std::size_t frame_bytes, Rate rate);
/// Length of the 802.11 frame around `body_size` bytes of ESP-NOW body, FCS included.
std::size_t frame_size(std::size_t body_size);
/// How long `body_size` bytes of ESP-NOW body are in the air, without the acknowledgement.
Duration airtime(std::size_t body_size, Rate rate = Rate::k1);

/// 802.11 frame of an acknowledgement.
inline constexpr std::size_t kAckBytes = 14;
/// The acknowledgement of a frame at `rate`: the same for DSSS and CCK, the highest of 6, 12 and
/// 24 Mb/s that is not above it for OFDM.
Rate ack_rate(Rate rate);
/// SIFS and the acknowledgement of a frame at `rate`.
Duration ack_time(Rate rate);

/// Between a frame and its acknowledgement.
inline constexpr Duration kSifs{10};

/// What the MAC waits by. A chip that sends OFDM alone uses the short slot; our model takes the
/// frame's rate for that.
struct AccessTiming {
  Duration difs;
  Duration slot;
  std::uint32_t first_window;  ///< in slots; each attempt doubles it, up to kMaxWindowSlots
};
AccessTiming access_timing(Rate rate);
inline constexpr std::uint32_t kMaxWindowSlots = 1024;

}  // namespace espial::sim
