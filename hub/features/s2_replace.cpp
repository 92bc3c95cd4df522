// A new board in the place of a broken one.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "hub/features/s2_sessions.hpp"
#include "hub/features/shown_records.hpp"
#include "station/mac_text.hpp"

namespace espial::features {

/// The new board's session goes on, under the broken one's name; that one's is over. Its address is
/// nobody's from here on: should it join again, it is a new board.
std::optional<CommandRefusal> S2Sessions::replace(Replacement wanted) {
  const station::Device* const broken = ports_.live.find(wanted.broken);
  const station::Device* const fresh = ports_.live.find(wanted.fresh);
  if (broken == nullptr || fresh == nullptr) return unknown_successor();
  if (auto refusal = check_replacement(*broken, *fresh)) return refusal;
  const auto former = boards_.find(broken->id.value);
  const auto coming = boards_.find(fresh->id.value);
  if (former == boards_.end() || coming == boards_.end() || fresh->hidden) {
    return unknown_successor();
  }
  const bool busy = std::any_of(pending_.begin(), pending_.end(), [&](const PendingCommand& one) {
    return one.record.device == fresh->id;
  });
  if (busy) return successor_is_busy();

  const Succession succession = succession_of(ports_.live, *broken, *fresh);
  const station::DeviceId id = broken->id;
  Board board = coming->second;
  board.last_command_id = former->second.last_command_id;
  went_by(board, fresh->name);
  store::Changes changes{device_record(succession.remains), record_of(succession.device, board),
                         names_of(succession.device, board), names_of(*broken, Board{})};
  append_functions(changes, id, broken->functions, succession.device.functions);
  for (const PendingCommand& command : pending_) {
    if (command.record.device == id) changes.emplace_back(ended(command.record));
  }
  append(changes, std::move(wanted.along));
  if (!ports_.committer.submit({std::move(changes), {}})) {
    ++counters_.not_stored;
    return replacement_not_stored();
  }
  const auto over = std::exchange(pending_, {});
  for (const PendingCommand& command : over) {
    if (command.record.device != id) {
      pending_.push_back(command);
    } else if (ports_.on_command) {
      ports_.on_command(
          {id, command.record.command_id, command.record.slot, store::CommandState::expired});
    }
  }
  sessions_.erase(former->second.session);
  sessions_[board.session] = id;
  boards_.erase(coming);
  boards_[id.value] = std::move(board);
  show(ports_.live, succession);
  assign_name(succession.device, boards_.at(id.value));
  spdlog::info("S2: {} is the board at {} now", succession.device.name,
               text_of(succession.device.mac));
  return std::nullopt;
}

/// As it is stored when nothing has confirmed it.
store::CommandRecord S2Sessions::ended(store::CommandRecord record) const {
  record.state = store::CommandState::expired;
  record.ended_at = now();
  return record;
}

}  // namespace espial::features
