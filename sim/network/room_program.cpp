#include "sim/network/room_program.hpp"

#include "core/wire/kinds_table.hpp"
#include "sim/network/board.hpp"

namespace espial::sim {

RoomProgram::RoomProgram(Scene& scene, std::uint32_t board, const RoomSettings& settings)
    : scene_(scene), board_(board), settings_(settings), random_(settings.seed) {}

wire::Function RoomProgram::function() const {
  if (settings_.lamp) return {kLampSlot, kLampKind, true, true};
  return {kButtonSlot, static_cast<std::uint8_t>(wire::Kind::kButton), false, true};
}

node::Part& RoomProgram::begin(Instant local_now, const MacAddress& own, const Ports& ports) {
  number_of_.clear();
  rooms_.emplace(local_now, kSimServer, own,
                 node::Rooms::Ports{ports.crypto, ports.random, ports.settings, ports.application,
                                    *this, &ports.conduct},
                 Span<node::Bond>(bonds_));
  bind(local_now);
  if (next_press_ == kNever) draw_next_press();
  return *rooms_;
}

void RoomProgram::end() {
  put_off_before_ = put_off();
  rooms_.reset();
}

std::uint64_t RoomProgram::put_off() const {
  return put_off_before_ + (rooms_ ? rooms_->counters().put_off : 0);
}

/// Harmless while it is bound, or wants to be: not at its first start, and after it was unbound.
void RoomProgram::bind(Instant local_now) {
  if (settings_.lamp) return;
  (void)rooms_->bind(local_now, kButtonSlot, kLampKind,
                     settings_.works ? board_address(*settings_.works) : MacAddress{});
}

const node::Bond* RoomProgram::bond() const {
  for (const node::Bond& bond : bonds_) {
    if (bond.bound && bond.role == wire::Role::kSubscriber) return &bond;
  }
  return nullptr;
}

std::optional<std::uint32_t> RoomProgram::lamp() const {
  return bound() ? board_number(bond()->peer) : std::nullopt;
}

void RoomProgram::draw_next_press() {
  const auto interval = static_cast<std::uint64_t>(settings_.press_interval.us);
  next_press_ = kNever;
  if (settings_.lamp || !pressing_ || interval == 0) return;
  next_press_ =
      scene_.now + Duration{static_cast<std::int64_t>(interval / 2 + random_.below(interval))};
}

void RoomProgram::set_pressing(bool pressing) {
  pressing_ = pressing;
  draw_next_press();
}

void RoomProgram::act(Instant local_now) {
  if (!rooms_ || settings_.lamp) return;
  bind(local_now);
  if (next_press_ > scene_.now) return;
  draw_next_press();
  if (pressing_ && random_.chance(settings_.leave_permille)) {
    rooms_->unbind(local_now, kButtonSlot);
  } else {
    press(local_now);
  }
}

void RoomProgram::press(Instant local_now) {
  const RoomPress press{board_, next_number_};
  if (rooms_->press(local_now, kButtonSlot, encode(press)) == 0) return;
  ++next_number_;
  last_end_.reset();
  number_of_[bond()->last_press] = press.number;
  scene_.watch.on_pressed(scene_.now, press);
}

void RoomProgram::execute(ByteView value, bool online) {
  scene_.watch.on_press_executed(scene_.now, board_, parse_room_press(value), online);
}

void RoomProgram::on_unbound(Instant now, const node::Bond& bond) {
  (void)now;
  if (bond.role == wire::Role::kSubscriber) number_of_.clear();
}

void RoomProgram::on_press_ended(Instant now, const node::Bond& bond, std::uint32_t id,
                                 node::PressEnd how) {
  (void)now, (void)bond;
  const OutsideCore port;
  const auto found = number_of_.find(id);
  if (found == number_of_.end()) return;
  last_end_ = how;
  if (how == node::PressEnd::kExecuted) executed_at_ = scene_.now;
  scene_.watch.on_press_ended(scene_.now, {board_, found->second}, how);
  number_of_.erase(found);
}

}  // namespace espial::sim
