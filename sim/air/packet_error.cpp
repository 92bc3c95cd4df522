#include "sim/air/packet_error.hpp"

#include <algorithm>
#include <array>

namespace espial::sim {
namespace {

constexpr std::array<std::int8_t, kRateCount> kSensitivityDbm{-97, -95, -92, -88, -93, -91,
                                                              -90, -88, -85, -82, -78, -76};
/// Of a receiver that is 20 MHz wide.
constexpr int kNoiseFloorDbm = -96;
/// Lost in permille at -2, -1, 0, ... dB from the sensitivity; all below, none above.
constexpr std::array<std::uint16_t, 6> kLostPermille{700, 350, 100, 25, 6, 1};
constexpr int kFirstMarginDb = 1 - kHopelessDb;

constexpr std::size_t kShortBytes = 64;
constexpr std::size_t kLongBytes = 512;

}  // namespace

int sensitivity_dbm(Rate rate) { return kSensitivityDbm[static_cast<std::size_t>(rate)]; }

std::uint32_t packet_error_permille(Rate rate, int dbm, std::size_t frame_bytes) {
  int margin_db = dbm - sensitivity_dbm(rate);
  if (frame_bytes <= kShortBytes) ++margin_db;
  if (frame_bytes > kLongBytes) --margin_db;
  if (margin_db < kFirstMarginDb) return 1000;
  const auto step = static_cast<std::size_t>(margin_db - kFirstMarginDb);
  return step < kLostPermille.size() ? kLostPermille[step] : 0;
}

int needed_ratio_db(Rate rate, int capture_db) {
  return std::max(capture_db, sensitivity_dbm(rate) - kNoiseFloorDbm);
}

}  // namespace espial::sim
