#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "sim/network/watch.hpp"

namespace espial::sim {

/// Looks after every press of a button:
///  1. a lamp does only what a button was pressed for, and nothing twice, over resets of either;
///  2. one that the button was told is executed was executed;
///  3. nothing is executed when nobody expects it any more, whoever holds frames back.
class RoomCheck final : public Observer {
 public:
  struct Totals {
    std::uint64_t pressed = 0;
    std::uint64_t executed = 0;
    /// Of these, by a lamp that no hub answered at that moment.
    std::uint64_t executed_alone = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t unknown = 0;
    std::uint64_t too_late = 0;
  };

  explicit RoomCheck(Violations& violations) : violations_(violations) {}

  const Totals& totals() const { return totals_; }

  void on_pressed(Instant at, const RoomPress& press) override;
  void on_press_executed(Instant at, std::uint32_t board, const std::optional<RoomPress>& press,
                         bool online) override;
  void on_press_ended(Instant at, const RoomPress& press, node::PressEnd how) override;

 private:
  struct State {
    Instant pressed_at;
    bool executed = false;
  };

  State* find(const RoomPress& press);

  Violations& violations_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, State> presses_;  ///< by button and number
  Totals totals_;
};

}  // namespace espial::sim
