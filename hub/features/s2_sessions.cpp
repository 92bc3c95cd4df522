#include "hub/features/s2_sessions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "core/wire/kind.hpp"
#include "hub/features/forgetting.hpp"
#include "hub/features/shown_records.hpp"
#include "ports/linux/clock.hpp"
#include "station/registry.hpp"

namespace espial::features {

using station::Problem;

namespace {

/// `last_seen` is written at most this often for a board that just keeps talking.
constexpr std::int64_t kSeenStoredInterval_ms = 30'000;

struct SensorFunction {
  std::uint8_t slot;
  std::string_view kind;
  std::string_view title;  ///< where the kind's own does not say enough
  bool accepts_commands;
};
/// By s2::Sensor.
constexpr SensorFunction kFunctions[] = {
    {S2Sessions::kLedSlot, "relay", "LED", true},  // on or off: it has no brightness
    {S2Sessions::kButtonSlot, "button", "", false},
    {S2Sessions::kPhotoresistorSlot, "light_level", "", false},
};

std::uint8_t kind_number(std::string_view name) {
  const wire::KindInfo* const kind = wire::find_standard_kind(name);
  return kind == nullptr ? std::uint8_t{0} : kind->number;
}

std::vector<station::FunctionState> board_functions() {
  std::vector<station::FunctionState> functions;
  for (const SensorFunction& function : kFunctions) {
    station::FunctionState state;
    state.slot = function.slot;
    state.kind = kind_number(function.kind);
    state.title = function.title;
    state.accepts_commands = function.accepts_commands;
    functions.push_back(std::move(state));
  }
  return functions;
}

/// What of a payload may stand in a log line: its beginning, printable.
std::string printable(ByteView payload) {
  constexpr std::size_t kShown = 60;
  std::string text;
  for (const std::uint8_t byte : payload.subview(0, kShown)) {
    text += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '?';
  }
  if (payload.size() > kShown) text += "…";
  return text;
}

}  // namespace

S2Sessions::S2Sessions(Ports ports) : ports_(std::move(ports)) {}

std::vector<mqtt::Subscription> S2Sessions::subscriptions() {
  using mqtt::Qos;
  // Retained messages are never asked for: a join that lies about is not a board that arrives.
  return {{"state/join", Qos::kExactlyOnce, false, false, 2},
          {"state/leave", Qos::kExactlyOnce, false, false, 2},
          {"led/status", Qos::kAtLeastOnce, false, false, 2},
          {"button/status", Qos::kAtLeastOnce, false, false, 2},
          {"photoresistor/status", Qos::kAtLeastOnce, false, false, 2}};
}

bool S2Sessions::owns(std::string_view topic) {
  return topic == "photoresistor/status" || topic == "button/status" || topic == "led/status" ||
         topic == "state/join" || topic == "state/leave";
}

void S2Sessions::restore(const store::Snapshot& snapshot) {
  for (const store::DeviceRecord& record : snapshot.devices) {
    if (record.protocol != station::Protocol::s2) continue;
    ++addresses_;
    if (!record.joined_at.known()) continue;
    Board board;
    board.session = record.session_id;
    board.heard_at = now();
    clock_.not_before(record.session_id);
    if (!board.session.empty()) sessions_[board.session] = record.id;
    boards_.emplace(record.id.value, std::move(board));
  }
  restore_names(snapshot);
  for (const auto& [device, command_id] : snapshot.highest_command_ids) {
    const auto board = boards_.find(device.value);
    if (board != boards_.end()) board->second.last_command_id = command_id;
  }
  for (const store::CommandRecord& record : snapshot.open_commands) {
    if (boards_.count(record.device.value) == 0) continue;
    pending_.push_back({record, !record.payload.empty() && record.payload[0] != 0});
  }
}

void S2Sessions::on_message(const mqtt::Publish& message, mqtt::Ticket ticket) {
  ++counters_.messages;
  if (message.retain) {
    ++counters_.retained;
    ports_.acknowledge(ticket);
    return;
  }
  const std::string_view payload(reinterpret_cast<const char*>(message.payload.data()),
                                 message.payload.size());
  const auto parsed = s2::parse(message.topic, payload);
  if (const auto* refusal = std::get_if<s2::Refusal>(&parsed)) {
    refuse(*refusal, message, ticket);
    return;
  }
  const auto& content = std::get<s2::Message>(parsed);
  if (const auto* status = std::get_if<s2::Status>(&content)) {
    on_status(*status, ticket);
  } else if (const auto* join = std::get_if<s2::JoinRequest>(&content)) {
    on_join(*join, ticket);
  } else if (const auto* begin = std::get_if<s2::SessionBegin>(&content)) {
    on_begin(begin->credentials, ticket);
  } else if (const auto* leave = std::get_if<s2::Leave>(&content)) {
    on_leave(leave->credentials, ticket);
  }
}

void S2Sessions::refuse(s2::Refusal refusal, const mqtt::Publish& message, mqtt::Ticket ticket) {
  const auto reason = static_cast<std::size_t>(refusal);
  ++counters_.refused[reason];
  ports_.acknowledge(ticket);
  if (const auto left_out = refusal_logs_[reason].pass(monotonic_now())) {
    spdlog::warn("S2: refused a message on {}: {}: \"{}\" ({} more before it not logged)",
                 message.topic, s2::to_text(refusal), printable(message.payload), *left_out);
  }
}

void S2Sessions::refuse_board(BoardRefusal reason, const s2::JoinRequest& join,
                              std::string_view text, mqtt::Ticket ticket) {
  ++counters_.boards_refused;
  ports_.acknowledge(ticket);
  if (const auto left_out = board_logs_[static_cast<std::size_t>(reason)].pass(monotonic_now())) {
    spdlog::warn("S2: {} may not join: {} ({} more before it not logged)", join.mac_text, text,
                 *left_out);
  }
}

void S2Sessions::on_join(const s2::JoinRequest& join, mqtt::Ticket ticket) {
  const station::Device* const device = admit(join, ticket);
  if (device == nullptr) return;
  const station::DeviceId id = device->id;
  const auto known = boards_.find(id.value);
  const std::string former_session = known == boards_.end() ? "" : known->second.session;
  Board board = known == boards_.end() ? Board{} : known->second;
  board.mac_text.assign(join.mac_text);
  board.session = clock_.next(ports_.unix_time_us());
  board.former_names.clear();
  board.absence = Absence::none;

  store::DeviceRecord record = record_of(*device, board);
  record.online = false;
  store::Changes changes{std::move(record)};
  if (device->hidden) {
    for (const auto& function : board_functions()) {
      changes.emplace_back(function_record(id, function));
    }
  }
  const bool taken = submit(std::move(changes), ticket, [this, id, session = board.session] {
    (void)ports_.live.show(id);
    // A board that asked again meanwhile has a newer session, and gets that one's answer; one that
    // was forgotten meanwhile asks again.
    const auto now_known = boards_.find(id.value);
    if (now_known == boards_.end() || now_known->second.session != session) return;
    assign_name(*ports_.live.find(id), now_known->second);
  });
  if (!taken) {
    // The same message comes again, perhaps often.
    if (known == boards_.end()) give_back_new_board();
    return;
  }
  ++counters_.joins;
  sessions_.erase(former_session);
  sessions_[board.session] = id;
  boards_[id.value] = std::move(board);
  (void)ports_.live.set_online(id, false, now());
}

/// The board's device; a new one is hidden until it is stored. nullptr when it may not join: then
/// the message is done with.
const station::Device* S2Sessions::admit(const s2::JoinRequest& join, mqtt::Ticket ticket) {
  const station::Device* const known = ports_.live.find(join.mac);
  if (known != nullptr && known->protocol != station::Protocol::s2) {
    refuse_board(BoardRefusal::kOtherProtocol, join,
                 "this address belongs to a module of another protocol", ticket);
    return nullptr;
  }
  if (known == nullptr && addresses_ >= ports_.max_addresses) {
    refuse_board(BoardRefusal::kTooManyAddresses, join,
                 "as many addresses have joined as the hub has numbers for; those may still join",
                 ticket);
    return nullptr;
  }
  const bool is_new = known == nullptr || boards_.count(known->id.value) == 0;
  if (is_new && !take_new_board()) {
    refuse_board(
        BoardRefusal::kTooFast, join,
        "too many new boards come at once; one more is let in every 10 s, and --new-boards "
        "raises how many",
        ticket);
    return nullptr;
  }
  const bool is_full = is_new && boards_.size() >= ports_.max_boards;
  const Room room = is_full ? make_room() : Room::kMade;
  if (room == Room::kNone) {
    refuse_board(BoardRefusal::kTooMany, join, "there are as many boards as there can be", ticket);
    return nullptr;
  }
  if (room == Room::kNotNow) {
    give_back_new_board();
    ++counters_.not_stored;
    ports_.give_back(ticket);
    return nullptr;
  }
  station::AdmitRequest request;
  request.mac = join.mac;
  request.protocol = station::Protocol::s2;
  request.now = now();
  request.hidden = true;
  const auto admitted = station::admit(ports_.live, request);
  if (admitted.error != station::AdmitError::none) {
    refuse_board(BoardRefusal::kNotAdmitted, join, station::to_text(admitted.error), ticket);
    return nullptr;
  }
  if (admitted.created) ++addresses_;
  if (admitted.device->hidden) {
    (void)ports_.live.set_functions(admitted.device->id, board_functions());
  }
  return admitted.device;
}

bool S2Sessions::take_new_board() {
  const std::int64_t now_ms = now().ms;
  const std::int64_t longest_ms = ports_.new_boards_at_once * kNewBoardPeriod.ms();
  // Bounded on both sides: the clock may be set.
  const std::int64_t full_at_ms =
      std::clamp(new_boards_full_at_.ms, now_ms, now_ms + longest_ms) + kNewBoardPeriod.ms();
  if (full_at_ms > now_ms + longest_ms) return false;
  new_boards_full_at_ = {full_at_ms};
  return true;
}

void S2Sessions::give_back_new_board() { new_boards_full_at_.ms -= kNewBoardPeriod.ms(); }

S2Sessions::Room S2Sessions::make_room() {
  const station::Device* longest = nullptr;
  for (const auto& [id, board] : boards_) {
    const station::Device* const device = ports_.live.find(station::DeviceId{id});
    if (device == nullptr || device->online || device->name != station::default_name(id)) continue;
    if (longest == nullptr || device->last_seen < longest->last_seen) longest = device;
  }
  if (longest == nullptr) return Room::kNone;
  const station::DeviceId id = longest->id;
  if (forget_device(ports_.live, ports_.committer, id, false, [] {})) return Room::kNotNow;
  forget(id);
  if (ports_.on_forgotten) ports_.on_forgotten(*longest);
  return Room::kMade;
}

const station::Device* S2Sessions::current(const s2::Credentials& credentials) {
  // A session id names one board; the name is checked so that a mix-up of boards is not stored.
  const auto session = sessions_.find(credentials.session);
  if (session == sessions_.end()) return nullptr;
  const station::Device* const device = ports_.live.find(session->second);
  if (device == nullptr) return nullptr;
  Board& board = boards_.at(session->second.value);
  return goes_by(*device, board, credentials.name) ? device : nullptr;
}

void S2Sessions::on_begin(const s2::Credentials& credentials, mqtt::Ticket ticket) {
  const station::Device* const device = current(credentials);
  if (device == nullptr) {
    ++counters_.stale;
    ports_.acknowledge(ticket);
    return;
  }
  go(*device, true, ticket);
}

void S2Sessions::on_leave(const s2::Credentials& credentials, mqtt::Ticket ticket) {
  const station::Device* const device = current(credentials);
  if (device == nullptr) {
    ++counters_.stale;
    ports_.acknowledge(ticket);
    return;
  }
  go(*device, false, ticket);
}

void S2Sessions::go(const station::Device& device, bool online, mqtt::Ticket ticket) {
  const UnixTime at = now();
  station::Device changed = device;
  changed.functions.clear();  // the live state keeps those it has
  changed.online = online;
  if (online) changed.joined_at = changed.last_seen = at;
  Board& board = boards_.at(device.id.value);
  if (!submit({record_of(changed, board)}, ticket, {})) return;
  if (online) ++counters_.begun;
  board.seen_stored_at = board.heard_at = at;
  board.absence = Absence::none;
  (void)ports_.live.put(changed);
}

void S2Sessions::on_status(const s2::Status& status, mqtt::Ticket ticket) {
  const station::Device* const device = current(status.credentials);
  if (device == nullptr) {
    ++counters_.stale;
    ports_.acknowledge(ticket);
    return;
  }
  const station::DeviceId id = device->id;
  const UnixTime at = now();
  const std::uint8_t slot = kFunctions[static_cast<std::size_t>(status.sensor)].slot;

  store::Reading reading;
  reading.device = id;
  reading.slot = slot;
  reading.type = station::ValueType::number;
  reading.taken_at = at;
  reading.number = status.value;
  store::Changes changes;
  changes.emplace_back(std::move(reading));
  Board& board = boards_.at(id.value);
  const bool seen_is_old = at.ms - board.seen_stored_at.ms >= kSeenStoredInterval_ms;
  if (seen_is_old) changes.emplace_back(store::DeviceSeen{id, at, device->online});
  trace::Arrival arrival;
  arrival.mac = device->mac;
  arrival.at = monotonic_now();
  arrival.at_unix_us = ports_.unix_time_us();
  ports_.trace.arrive(arrival);
  const auto number = ports_.trace.begin(arrival.at, {});
  const auto show = [this, id, slot, at, number, value = status.value] {
    const station::Value shown = station::Value::of(0, value);
    const auto outcome = ports_.live.apply_reading(id, slot, at, &shown, 1);
    ports_.trace.stored(number, monotonic_now(), outcome == station::Outcome::done);
    if (slot == kLedSlot && !pending_.empty()) confirm_commands(id, value != 0);
  };
  if (!submit(std::move(changes), ticket, show)) {
    ports_.trace.turned_away(number, monotonic_now());
    return;
  }
  ++counters_.readings;
  hear(*device, at);
  if (seen_is_old) board.seen_stored_at = at;
  (void)ports_.live.touch(id, at);
}

bool S2Sessions::submit(store::Changes changes, mqtt::Ticket ticket, std::function<void()> stored) {
  store::Unit unit;
  unit.changes = std::move(changes);
  unit.completion = [this, ticket, then = std::move(stored)](store::Verdict verdict) {
    if (verdict == store::Verdict::refused) {
      ++counters_.not_stored;
    } else if (then) {
      then();
    }
    ports_.acknowledge(ticket);
  };
  if (ports_.committer.submit(std::move(unit))) return true;
  ++counters_.not_stored;
  ports_.give_back(ticket);
  return false;
}

store::DeviceRecord S2Sessions::record_of(const station::Device& device, const Board& board) const {
  store::DeviceRecord record = device_record(device);
  record.session_id = board.session;
  return record;
}

CommandAccepted S2Sessions::switch_led(station::DeviceId id, bool on, Duration lifetime) {
  const station::Device* const device = ports_.live.find(id);
  const auto board = boards_.find(id.value);
  if (device == nullptr || board == boards_.end() || !device->online) {
    return CommandRefusal{true, Problem::kDeviceOffline,
                          "the board is offline; its LED can be switched when it is back"};
  }
  if (pending_.size() >= kMaxPendingCommands) {
    return CommandRefusal{true, Problem::kHubBusy,
                          "too many commands are waiting; try again in a few seconds"};
  }
  PendingCommand command;
  command.on = on;
  command.record.device = id;
  command.record.command_id = board->second.last_command_id + 1;
  command.record.slot = kLedSlot;
  command.record.kind = kind_number(kFunctions[0].kind);
  command.record.payload = {static_cast<std::uint8_t>(on ? 1 : 0)};
  command.record.created_at = now();
  command.record.expires_at = {now().ms + lifetime.ms()};
  if (!ports_.committer.submit({{command.record}, {}})) {
    return CommandRefusal{true, Problem::kStoreBusy,
                          "the hub can't store the command now; try again"};
  }
  ++board->second.last_command_id;
  if (!send_led_command(*device, board->second, on, lifetime)) {
    end_record(command.record, store::CommandState::refused);
    return CommandRefusal{true, Problem::kBrokerBusy,
                          "the broker takes no more messages now; try again"};
  }
  pending_.push_back(command);
  return TakenCommand{command.record.command_id, command.record.expires_at};
}

bool S2Sessions::send_led_command(const station::Device& device, const Board& board, bool on,
                                  Duration lifetime) {
  const std::string text = s2::led_command(
      board.former_names.empty() ? device.name : board.former_names.front(), board.session, on);
  mqtt::Message message;
  message.topic = "led/command";
  message.payload = as_bytes(text);
  message.qos = mqtt::Qos::kAtLeastOnce;
  message.expiry_s = static_cast<std::uint32_t>(lifetime.ms() / 1000);
  return ports_.publish(message) == mqtt::PublishError::kNone;
}

void S2Sessions::confirm_commands(station::DeviceId device, bool on) {
  for (std::size_t i = pending_.size(); i-- > 0;) {
    if (pending_[i].record.device == device && pending_[i].on == on) {
      end_command(i, store::CommandState::executed);
    }
  }
}

void S2Sessions::end_command(std::size_t index, store::CommandState state) {
  const store::CommandRecord record = pending_[index].record;
  pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(index));
  end_record(record, state);
  if (ports_.on_command) {
    ports_.on_command({record.device, record.command_id, record.slot, state});
  }
}

void S2Sessions::end_record(store::CommandRecord record, store::CommandState state) {
  record.state = state;
  record.ended_at = now();
  // An end that is not stored is made up for at the next start: the command is found open, and
  // expires.
  if (!ports_.committer.submit({{std::move(record)}, {}})) ++counters_.not_stored;
}

void S2Sessions::forget(station::DeviceId id) {
  const auto board = boards_.find(id.value);
  if (board == boards_.end()) return;
  for (std::size_t i = pending_.size(); i-- > 0;) {
    if (pending_[i].record.device == id) end_command(i, store::CommandState::expired);
  }
  drop_names(id, board->second);
  sessions_.erase(board->second.session);
  boards_.erase(board);
}

void S2Sessions::tick() {
  const UnixTime at = now();
  for (std::size_t i = pending_.size(); i-- > 0;) {
    if (pending_[i].record.expires_at < at) end_command(i, store::CommandState::expired);
  }
  miss_silent(at);
}

}  // namespace espial::features
