// Another box's board in the place of a broken one.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "hub/features/dispobox/boxes.hpp"
#include "hub/features/shown_records.hpp"
#include "station/registry.hpp"

namespace espial::dispobox {

using features::CommandRefusal;

std::optional<CommandRefusal> Boxes::replace(features::Replacement wanted) {
  const station::Device* const broken = ports_.live.find(wanted.broken);
  const station::Device* const fresh = ports_.live.find(wanted.fresh);
  if (broken == nullptr || fresh == nullptr) return features::unknown_successor();
  if (auto refusal = features::check_replacement(*broken, *fresh)) return refusal;
  const auto place = box_of(broken->mac);
  const auto left = box_of(fresh->mac);
  if (!place || !left || !boxes_[*left].exists || places_.number_of(*left) == 0) {
    return features::unknown_successor();
  }
  const std::uint8_t number = places_.number_of(*left);

  station::Device device = *broken;
  device.joined_at = fresh->joined_at;
  device.last_seen = fresh->last_seen;
  device.online = fresh->online;
  for (const station::FunctionState& function : fresh->functions) {
    if (broken->function(function.slot) == nullptr) device.functions.push_back(function);
  }
  const station::Device remains = station::remains_of(ports_.live, *fresh);
  store::Changes changes{features::device_record(remains), features::device_record(device)};
  features::append_functions(changes, device.id, broken->functions, device.functions);
  const auto moved = places_.moved(number, *place);
  changes.insert(changes.end(), moved.begin(), moved.end());
  features::append(changes, std::move(wanted.along));
  if (!submit(std::move(changes), {})) return features::replacement_not_stored();

  places_.adopt(moved);
  boxes_[*place] = std::exchange(boxes_[*left], Box{});
  // Of this box nothing is known yet, to the database.
  boxes_[*place].stored = BoxState::unknown;
  (void)ports_.live.hide(remains.id);
  (void)ports_.live.put(remains);
  (void)ports_.live.put(device);
  if (boxes_[*place].state != BoxState::unknown) write(*place);
  if (ports_.on_change) {
    ports_.on_change(views(), *place);
    ports_.on_change(views(), *left);
  }
  spdlog::info("DispoBox: the board that says {} is box {} now, {}", number, *place, device.name);
  return std::nullopt;
}

void Boxes::turn_away(Instant now, std::uint8_t number) {
  ++displaced_;
  const auto left_out = displaced_log_.pass(now);
  if (!left_out) return;
  spdlog::warn(
      "DispoBox: a board says that it is box {}, for which another board stands; it is not heard. "
      "Give it another number, or forget that box first ({} more not logged)",
      number, *left_out);
}

std::vector<std::uint8_t> Boxes::gone() const {
  std::vector<std::uint8_t> gone;
  for (std::uint8_t number = 1; number < kBoxCount; ++number) {
    const station::Device* const device = device_of(number);
    if (device != nullptr && !device->joined_at.known()) gone.push_back(number);
  }
  return gone;
}

}  // namespace espial::dispobox
