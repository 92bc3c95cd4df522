// A new module in the place of a broken one: one that has paired under a number of its own, or one
// that asks in vain for the broken one's.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "hub/features/s0_network.hpp"
#include "hub/features/shown_records.hpp"
#include "ports/linux/clock.hpp"
#include "station/mac_text.hpp"

namespace espial::features {

/// The module's number is built into its board, and so it is for the broken one: that one asks in
/// vain from here on. What is configured for a module stays with its place.
std::optional<CommandRefusal> S0Network::replace(Replacement wanted) {
  const station::Device* const broken = ports_.live.find(wanted.broken);
  if (broken == nullptr) return unknown_successor();
  const station::Device* const known = ports_.live.find(wanted.fresh);
  station::Device board = known == nullptr ? *broken : *known;
  if (known == nullptr) board.id = {};
  if (auto refusal = check_replacement(*broken, board)) return refusal;
  const auto found = number_of_successor(wanted.fresh, broken->module);
  if (const auto* refusal = std::get_if<CommandRefusal>(&found)) return *refusal;
  const ModuleId number = std::get<ModuleId>(found);
  if (known != nullptr && is_commanded(known->id)) return successor_is_busy();

  board.mac = wanted.fresh;
  board.server = broken->server;
  board.module = broken->module;
  board.joined_at = broken->joined_at;
  board.last_seen = std::max(board.last_seen, broken->last_seen);
  board.functions = broken->functions;
  board.hidden = false;
  // Until it has paired under what is configured here.
  board.online = false;
  const Succession succession = succession_of(ports_.live, *broken, board);
  store::Changes changes = known == nullptr ? store::Changes{device_record(succession.device)}
                                            : records_of(succession, *broken);
  const auto moved = places_.moved(number, broken->module);
  changes.insert(changes.end(), moved.begin(), moved.end());
  const std::vector<store::CommandRecord> over = expired_commands(broken->id);
  changes.insert(changes.end(), over.begin(), over.end());
  append(changes, std::move(wanted.along));
  if (!ports_.committer.submit({std::move(changes), {}})) {
    ++counters_.not_stored;
    return replacement_not_stored();
  }
  for (const store::Document& document : moved) ports_.documents.adopt(document);
  for (const store::CommandRecord& record : over) {
    open_commands_.erase({record.device.value, record.command_id});
  }
  role_.forget(broken->mac);
  // It goes by functions of its own until it has paired again.
  (void)role_.reset(wanted.fresh);
  role_.forget(wanted.fresh);
  asking_.erase(wanted.fresh);
  // Before the device is shown, for others know these commands by the broken one's address.
  if (ports_.on_command) {
    for (const store::CommandRecord& record : over) {
      ports_.on_command({record.device, record.command_id, record.slot, record.state});
    }
  }
  if (known != nullptr) {
    seen_stored_at_ms_.erase(known->id.value);
    show(ports_.live, succession);
  } else {
    // As above: pages know a device by its address.
    (void)ports_.live.remove(succession.device.id);
    (void)ports_.live.put(succession.device);
  }
  spdlog::info("S0: {}, module {}, is the board at {} now", succession.device.name,
               succession.device.module.value, text_of(succession.device.mac));
  return std::nullopt;
}

/// The number that a board brings along which may take this place; or why it may not.
std::variant<ModuleId, CommandRefusal> S0Network::number_of_successor(const MacAddress& fresh,
                                                                      ModuleId place) {
  if (const auto* const paired = role_.find(fresh)) return paired->module;
  const auto asking = asking_.find(fresh);
  if (asking == asking_.end()) return unknown_successor();
  const ModuleId number = asking->second.number;
  if (places_.place_of(number) == place) return number;
  return CommandRefusal{false, station::Problem::kNeverJoined,
                        "the new board says that it is module " + std::to_string(number.value) +
                            ", which is another one; give it the number " +
                            std::to_string(places_.number_of(place).value) +
                            ", or one that nobody has"};
}

/// As they are to be stored when their board is no more.
std::vector<store::CommandRecord> S0Network::expired_commands(station::DeviceId id) const {
  std::vector<store::CommandRecord> expired;
  for (const auto& [key, record] : open_commands_) {
    if (record.device != id) continue;
    expired.push_back(record);
    expired.back().state = store::CommandState::expired;
    expired.back().ended_at = unix_now();
  }
  return expired;
}

bool S0Network::is_commanded(station::DeviceId id) const {
  const auto first = open_commands_.lower_bound({id.value, 0});
  return first != open_commands_.end() && first->first.first == id.value;
}

void S0Network::note_asking(const MacAddress& mac, ModuleId number) {
  asking_[mac] = {number, unix_now()};
  if (asking_.size() <= kMaxAsking) return;
  asking_.erase(std::min_element(asking_.begin(), asking_.end(), [](const auto& a, const auto& b) {
    return a.second.at < b.second.at;
  }));
}

std::vector<S0Network::Asking> S0Network::asking_for(station::DeviceId id) const {
  std::vector<Asking> boards;
  const station::Device* const device = ports_.live.find(id);
  if (device == nullptr || device->protocol != station::Protocol::s0) return boards;
  for (const auto& [mac, asked] : asking_) {
    if (places_.place_of(asked.number) == device->module) boards.push_back({mac, asked.at});
  }
  return boards;
}

/// Modules that went have left a place, and perhaps a board's number that stood for it.
void S0Network::tidy_places() {
  const auto gone = places_.without_empty([this](ModuleId place) {
    bool is_there = ports_.live.find_module(options_.server, place) != nullptr;
    // Perhaps the hub was started for another network, and will be for that one again.
    ports_.live.for_each([&](const station::Device& device) {
      is_there |= device.protocol == station::Protocol::s0 && device.module == place;
    });
    return is_there;
  });
  for (const store::Document& document : gone) {
    // What is not stored now is found again at the next start.
    if (!ports_.documents.put(document)) ++counters_.not_stored;
  }
}

}  // namespace espial::features
