#include "sim/air/airtime.hpp"

namespace espial::sim {
namespace {

/// 802.11 header, category, OUI, random bytes and FCS.
constexpr std::size_t kFrameOverhead = 24 + 1 + 3 + 4 + 4;
constexpr std::size_t kElementBody = 250;
/// Element ID, length, OUI, type and version.
constexpr std::size_t kElementOverhead = 7;

constexpr std::int64_t kLongPreambleUs = 192;
constexpr std::int64_t kOfdmPreambleUs = 20;
constexpr std::int64_t kOfdmSymbolUs = 4;
constexpr std::int64_t kOfdmExtensionUs = 6;
/// SERVICE and tail around an OFDM frame.
constexpr std::int64_t kOfdmServiceBits = 16 + 6;

constexpr AccessTiming kDsssTiming{Duration{50}, Duration{20}, 32};
constexpr AccessTiming kOfdmTiming{Duration{28}, Duration{9}, 16};

constexpr std::array<std::uint8_t, kRateCount> kHalfMegabits{2,  4,  11, 22, 12, 18,
                                                             24, 36, 48, 72, 96, 108};

constexpr std::int64_t divide_up(std::int64_t value, std::int64_t by) {
  return (value + by - 1) / by;
}

}  // namespace

std::uint8_t half_megabits(Rate rate) { return kHalfMegabits[static_cast<std::size_t>(rate)]; }

bool is_ofdm(Rate rate) { return rate >= Rate::k6; }

Duration frame_airtime(std::size_t frame_bytes, Rate rate) {
  const auto bits = static_cast<std::int64_t>(frame_bytes) * 8;
  const std::int64_t half_bits_per_us = half_megabits(rate);
  if (!is_ofdm(rate)) return {kLongPreambleUs + divide_up(bits * 2, half_bits_per_us)};
  const std::int64_t bits_per_symbol = half_bits_per_us * kOfdmSymbolUs / 2;
  const std::int64_t symbols = divide_up(bits + kOfdmServiceBits, bits_per_symbol);
  return {kOfdmPreambleUs + symbols * kOfdmSymbolUs + kOfdmExtensionUs};
}

std::size_t frame_size(std::size_t body_size) {
  const std::size_t elements = body_size == 0 ? 1 : (body_size + kElementBody - 1) / kElementBody;
  return kFrameOverhead + elements * kElementOverhead + body_size;
}

Duration airtime(std::size_t body_size, Rate rate) {
  return frame_airtime(frame_size(body_size), rate);
}

Rate ack_rate(Rate rate) {
  if (!is_ofdm(rate)) return rate;
  if (rate >= Rate::k24) return Rate::k24;
  return rate >= Rate::k12 ? Rate::k12 : Rate::k6;
}

Duration ack_time(Rate rate) { return kSifs + frame_airtime(kAckBytes, ack_rate(rate)); }

AccessTiming access_timing(Rate rate) { return is_ofdm(rate) ? kOfdmTiming : kDsssTiming; }

}  // namespace espial::sim
