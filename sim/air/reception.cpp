#include "sim/air/reception.hpp"

#include "sim/air/packet_error.hpp"

namespace espial::sim {
namespace {

/// Of fading, luck and loss.
constexpr std::uint64_t kDraws = 3;

Verdict::What unfollowed(Arrival::How how) {
  switch (how) {
    case Arrival::How::kMissed:
      return Verdict::What::kMissed;
    case Arrival::How::kTooWeak:
      return Verdict::What::kWeak;
    default:
      return Verdict::What::kCollided;
  }
}

}  // namespace

Verdict judge(const Arrival& arrival, Rate rate, std::size_t frame_bytes, Power foreign,
              const AirSettings& settings, SplitMix& random) {
  using What = Verdict::What;
  Verdict verdict;
  if (arrival.how != Arrival::How::kWhole) {
    // Most arrivals of a crowded air: nothing is asked of chance, but the draws after it stay put.
    random.skip(kDraws);
    verdict.what = unfollowed(arrival.how);
    verdict.dbm = arrival.dbm;
    return verdict;
  }
  verdict.dbm = arrival.dbm + fade_db(settings.propagation, random.next());
  const std::uint64_t luck = random.below(1000);
  const bool lost = random.chance(settings.loss_permille);
  const int needed_db = needed_ratio_db(rate, settings.capture_db);
  const auto drowned_by = [&](Power power) {
    return power > 0 && verdict.dbm - dbm_of(power) < needed_db;
  };
  if (drowned_by(arrival.disturbance)) {
    verdict.what = What::kCollided;
  } else if (drowned_by(foreign + arrival.disturbance)) {
    verdict.what = What::kForeignHit;
  } else if (luck < packet_error_permille(rate, verdict.dbm, frame_bytes)) {
    const bool only_faded = luck >= packet_error_permille(rate, arrival.dbm, frame_bytes);
    verdict.what = only_faded ? What::kFaded : What::kWeak;
  } else if (lost) {
    verdict.what = What::kLost;
  }
  verdict.captured = verdict.what == What::kHeard && arrival.disturbance > 0;
  return verdict;
}

}  // namespace espial::sim
