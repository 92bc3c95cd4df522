#pragma once

#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

#include "sim/network/watch.hpp"

namespace espial::sim {

/// Looks after the modules of S0's, which can promise little: nothing of theirs is numbered, proved
/// or acknowledged. What they say arrives when all is well; and where nobody forges or damages
/// frames, nothing arrives that was not measured and nothing is done that nobody wanted.
class S0Check final : public Observer {
 public:
  S0Check(Violations& violations, std::size_t modules)
      : violations_(violations), heard_at_(modules, Instant{-1}) {}

  /// Somebody forges or damages frames: no seal can tell.
  void expect_forgeries() { forged_ = true; }
  std::uint64_t readings() const { return readings_; }
  /// Every module was heard at or after `since`.
  bool heard_since(Instant since) const;

  void on_s0_measured(Instant at, std::uint32_t module, std::size_t slot,
                      std::int16_t centi) override;
  void on_s0_reading(Instant at, std::uint32_t module, std::size_t slot,
                     std::int16_t centi) override;
  void on_s0_told(Instant at, std::uint32_t module, std::size_t slot, std::int32_t wanted) override;
  void on_s0_executed(Instant at, std::uint32_t module, std::size_t slot,
                      std::int32_t wanted) override;

 private:
  Violations& violations_;
  std::vector<Instant> heard_at_;
  std::set<std::tuple<std::uint32_t, std::size_t, std::int16_t>> measured_;
  std::set<std::tuple<std::uint32_t, std::size_t, std::int32_t>> told_;
  std::uint64_t readings_ = 0;
  bool forged_ = false;
};

}  // namespace espial::sim
