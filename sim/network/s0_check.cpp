#include "sim/network/s0_check.hpp"

#include <algorithm>
#include <string>

namespace espial::sim {

bool S0Check::heard_since(Instant since) const {
  return std::all_of(heard_at_.begin(), heard_at_.end(),
                     [since](Instant heard_at) { return heard_at >= since; });
}

void S0Check::on_s0_measured(Instant at, std::uint32_t module, std::size_t slot,
                             std::int16_t centi) {
  (void)at;
  measured_.emplace(module, slot, centi);
}

void S0Check::on_s0_reading(Instant at, std::uint32_t module, std::size_t slot,
                            std::int16_t centi) {
  ++readings_;
  if (module < heard_at_.size()) heard_at_[module] = at;
  if (forged_ || measured_.count({module, slot, centi}) > 0) return;
  violations_.add(at, "an S0 module is said to have measured what it has not",
                  "module " + std::to_string(module));
}

void S0Check::on_s0_told(Instant at, std::uint32_t module, std::size_t slot, std::int32_t wanted) {
  (void)at;
  told_.emplace(module, slot, wanted);
}

void S0Check::on_s0_executed(Instant at, std::uint32_t module, std::size_t slot,
                             std::int32_t wanted) {
  if (forged_ || told_.count({module, slot, wanted}) > 0) return;
  violations_.add(at, "an S0 module did what nobody wanted", "module " + std::to_string(module));
}

}  // namespace espial::sim
