#include "sim/network/room_check.hpp"

#include <string>

#include "core/node/rooms.hpp"

namespace espial::sim {
namespace {

/// A button repeats a press for kPressLifetime. What somebody holds back of it is too old for the
/// lamp as long after that.
constexpr Duration kLatest = node::kPressLifetime * 2 + Duration::milliseconds(500);

std::string named(const RoomPress& press) {
  return "button " + std::to_string(press.button) + " press " + std::to_string(press.number);
}

}  // namespace

RoomCheck::State* RoomCheck::find(const RoomPress& press) {
  const auto found = presses_.find({press.button, press.number});
  return found == presses_.end() ? nullptr : &found->second;
}

void RoomCheck::on_pressed(Instant at, const RoomPress& press) {
  ++totals_.pressed;
  presses_[{press.button, press.number}] = {at, false};
}

void RoomCheck::on_press_executed(Instant at, std::uint32_t board,
                                  const std::optional<RoomPress>& press, bool online) {
  State* const state = press ? find(*press) : nullptr;
  if (state == nullptr) {
    violations_.add(at, "a lamp did what no button was pressed for",
                    "board " + std::to_string(board));
    return;
  }
  if (std::exchange(state->executed, true)) {
    violations_.add(at, "a press was executed twice", named(*press));
  }
  if (at - state->pressed_at > kLatest) {
    violations_.add(at, "a press was executed when nobody expected it any more", named(*press));
  }
  ++totals_.executed;
  if (!online) ++totals_.executed_alone;
}

void RoomCheck::on_press_ended(Instant at, const RoomPress& press, node::PressEnd how) {
  const State* const state = find(press);
  if (how == node::PressEnd::kExecuted) {
    ++totals_.acknowledged;
    if (state == nullptr || !state->executed) {
      violations_.add(at, "a press is said to be executed and was not", named(press));
    }
  }
  if (how == node::PressEnd::kUnknown) ++totals_.unknown;
  if (how == node::PressEnd::kTooLate) ++totals_.too_late;
}

}  // namespace espial::sim
