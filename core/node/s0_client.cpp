#include "core/node/s0_client.hpp"

#include <algorithm>

#include "core/node/records.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/s0_function.hpp"

namespace espial::node {

S0Client::S0Client(const S0Config& config, const S0Ports& ports) : config_(config), ports_(ports) {
  while (config_.functions.size() > kSlotCount) config_.functions.pop_back();
}

void S0Client::start(Instant now) {
  if (state_ != NodeState::kIdle) return;
  channel_ = GatewayRecord::load(ports_.settings, config_.server).channel;
  search(now);
}

void S0Client::search(Instant now) {
  ++counters_.searches;
  if (!channel_.valid()) channel_ = Channel{1};
  channels_asked_ = 0;
  failed_in_a_row_ = 0;
  echo_due_ = false;
  enter(now, NodeState::kSearching);
  ask(now);
}

void S0Client::enter(Instant now, NodeState state) {
  if (state_ == state) return;
  state_ = state;
  ports_.application.on_state(now, state);
}

void S0Client::ask(Instant now) {
  ask_due_ = true;
  send_at_ = now;
  timer_ = kNever;
  pump(now);
}

void S0Client::next_channel(Instant now) {
  channel_.number = static_cast<std::uint8_t>(channel_.number % kChannelCount + 1);
  if (++channels_asked_ < kS0Rounds * kChannelCount) {
    enter(now, NodeState::kSearching);
    return ask(now);
  }
  channels_asked_ = 0;
  ++counters_.pauses;
  timer_ = now + kS0Pause;
  enter(now, NodeState::kPaused);
}

bool S0Client::transmit(Instant now, Flight flight, const MacAddress& to, ByteView body) {
  if (!ports_.radio.send(to, body)) {
    send_at_ = now + kS0RadioRetry;
    return false;
  }
  flight_ = flight;
  guard_at_ = now + kS0SendGuard;
  return true;
}

void S0Client::pump(Instant now) {
  if (flight_ != Flight::kNone || now < send_at_) return;
  if (ask_due_) {
    s0::Pairing pairing;
    pairing.server = config_.server;
    pairing.id = config_.module.value;
    pairing.address = ports_.radio.address();
    pairing.channel = channel_;
    std::array<std::uint8_t, s0::kPairingSize> body{};
    (void)s0::encode(pairing, body);
    ports_.radio.set_channel(channel_);
    if (!transmit(now, Flight::kSearch, kBroadcast, body)) return;
    ask_due_ = false;
    timer_ = now + kS0Dwell;
    return;
  }
  if (state_ != NodeState::kOnline) return;
  if (echo_due_) {
    if (transmit(now, Flight::kEcho, address_, echo_)) echo_due_ = false;
    return;
  }
  for (std::size_t i = 0; i < config_.functions.size(); ++i) {
    const std::size_t index = (next_place_ + i) % config_.functions.size();
    Place& place = places_[index];
    if (!place.due) continue;
    std::array<std::uint8_t, s0::kValuesSize> body{};
    (void)s0::encode(place.data, body);
    if (!transmit(now, Flight::kData, address_, body)) return;
    place.due = false;
    flying_ = index;
    next_place_ = index + 1;
    return;
  }
}

void S0Client::on_sent(Instant now, bool acknowledged) {
  const Flight flight = flight_;
  flight_ = Flight::kNone;
  guard_at_ = kNever;
  if (flight == Flight::kEcho || flight == Flight::kData) {
    if (acknowledged) {
      failed_in_a_row_ = 0;
      ++(flight == Flight::kEcho ? counters_.echoes : counters_.data_sent);
    } else {
      ++counters_.sends_failed;
      ++failed_in_a_row_;
      send_at_ = now + kS0SendRetry;
      if (flight == Flight::kData) {
        // What has come meanwhile is newer, and takes its place.
        if (places_[flying_].due) ++counters_.replaced;
        places_[flying_].due = true;
      }
    }
  }
  if (state_ == NodeState::kOnline && failed_in_a_row_ > kS0FailuresBorne) return search(now);
  pump(now);
}

void S0Client::on_timer(Instant now) {
  if (guard_at_ <= now) on_sent(now, false);
  if (timer_ <= now) {
    timer_ = kNever;
    if (state_ == NodeState::kSearching) {
      next_channel(now);
    } else if (state_ == NodeState::kPaused) {
      enter(now, NodeState::kSearching);
      ask(now);
    } else if (state_ == NodeState::kOnline) {
      search(now);
    }
  }
  pump(now);
}

Instant S0Client::next_timer() const {
  const bool waiting =
      ask_due_ || (state_ == NodeState::kOnline &&
                   (echo_due_ || std::any_of(places_.begin(), places_.end(),
                                             [](const Place& place) { return place.due; })));
  const bool to_send = waiting && flight_ == Flight::kNone;
  return std::min({timer_, guard_at_, to_send ? send_at_ : kNever});
}

void S0Client::on_frame(Instant now, const ReceivedFrame& frame) {
  const auto type = s0::peek_type(frame.body);
  if (!type) {
    ++counters_.malformed;
    return;
  }
  if (type == s0::MessageType::kPairing) return on_pairing(now, frame);
  if (state_ != NodeState::kOnline || !from_server(frame.source)) {
    ++counters_.not_for_us;
  } else if (type == s0::MessageType::kSetPoints) {
    on_set_points(now, frame.body);
  } else if (type == s0::MessageType::kPing) {
    on_ping(now, frame.body);
  } else if (type == s0::MessageType::kReset) {
    on_reset(now, frame.body);
  } else {
    ++counters_.not_for_us;
  }
}

bool S0Client::from_server(const MacAddress& source) const {
  return source == station_ || source == address_;
}

/// Other modules' searches are heard too. A server says so by its number (its own, or 0); where
/// that could be a module's, only an answer comes to us alone or names another address than its
/// own.
bool S0Client::is_answer(const ReceivedFrame& frame, const s0::Pairing& pairing) const {
  if (pairing.server != config_.server) return false;
  if (pairing.id != 0 && pairing.id != config_.server.value) return false;
  if (frame.destination) return *frame.destination == ports_.radio.address();
  return pairing.address != frame.source;
}

void S0Client::on_pairing(Instant now, const ReceivedFrame& frame) {
  const auto answer = s0::parse_pairing(frame.body);
  if (!answer || !is_answer(frame, *answer)) {
    ++counters_.not_for_us;
    return;
  }
  if (!answer->channel.valid()) {
    ++counters_.malformed;
    return;
  }
  if (state_ != NodeState::kSearching) {
    ++counters_.not_for_us;
    return;
  }
  ++counters_.pairings;
  address_ = answer->address;
  station_ = frame.source;
  channel_ = answer->channel;
  given_ = answer->functions;
  ask_due_ = false;
  timer_ = map_functions() ? kNever : now + kS0AskAgain;
  failed_in_a_row_ = 0;
  ports_.radio.set_channel(channel_);
  // Where it can't be kept the next search only begins elsewhere.
  const GatewayRecord known = GatewayRecord::load(ports_.settings, config_.server);
  if (known.channel != channel_ || known.address != address_) {
    GatewayRecord record;
    record.channel = channel_;
    record.address = address_;
    (void)record.save(ports_.settings, config_.server);
  }
  enter(now, NodeState::kOnline);
  ports_.application.on_assigned(now, {config_.module, {}, {}});
  send_at_ = now;
  pump(now);
}

/// @retval false  none of them has a place.
bool S0Client::map_functions() {
  std::array<bool, kSlotCount> used{};
  for (std::size_t i = 0; i < config_.functions.size(); ++i) {
    Place& place = places_[i];
    const std::uint8_t type = s0::type_of(config_.functions[i].kind);
    place.server_slot = kSlotCount;
    for (std::uint8_t slot = 0; slot < kSlotCount && type != s0::kUnused; ++slot) {
      if (used[slot] || !given_[slot].used() || given_[slot].type != type) continue;
      used[slot] = true;
      place.server_slot = slot;
      place.data.function = given_[slot].id;
      break;
    }
    if (place.server_slot < kSlotCount || !place.due) continue;
    place.due = false;
    ++counters_.no_place;
  }
  return std::find(used.begin(), used.end(), true) != used.end();
}

std::size_t S0Client::index_of(std::uint8_t slot, std::uint8_t kind) const {
  std::size_t index = 0;
  while (index < config_.functions.size() &&
         (config_.functions[index].slot != slot || config_.functions[index].kind != kind)) {
    ++index;
  }
  return index;
}

S0ReportStatus S0Client::report(Instant now, ByteView readings) {
  const auto parsed = wire::parse_readings(readings);
  if (!parsed) return S0ReportStatus::kMalformed;
  S0ReportStatus status = S0ReportStatus::kTaken;
  for (const wire::Reading& reading : *parsed) {
    const std::size_t index = index_of(reading.slot, reading.kind);
    s0::Values data;
    const bool possible =
        index < config_.functions.size() && s0::to_data(reading.kind, reading.value, data);
    if (!possible || (state_ == NodeState::kOnline && places_[index].server_slot == kSlotCount)) {
      ++counters_.no_place;
      status = S0ReportStatus::kNoPlace;
      continue;
    }
    Place& place = places_[index];
    if (place.due) ++counters_.replaced;
    data.function = place.data.function;
    place.data = data;
    place.due = true;
  }
  if (send_at_ == kNever) send_at_ = now;
  pump(now);
  return status;
}

void S0Client::on_set_points(Instant now, ByteView body) {
  const auto set_points = s0::parse_values(body);
  const std::uint8_t slot =
      set_points ? s0::slot_of(given_, set_points->function, set_points->type) : kSlotCount;
  std::size_t index = 0;
  while (index < config_.functions.size() && places_[index].server_slot != slot) ++index;
  std::array<std::uint8_t, s0::kOwnValueSize> value{};
  const bool ours = slot < kSlotCount && index < config_.functions.size() &&
                    config_.functions[index].accepts_commands;
  const std::size_t size = ours ? s0::command_of(*set_points, value) : 0;
  if (size == 0) {
    ++counters_.commands_refused;
    return;
  }
  ++counters_.commands;
  wire::Reading command;
  command.slot = config_.functions[index].slot;
  command.kind = config_.functions[index].kind;
  command.value = {value.data(), size};
  const wire::Outcome outcome = ports_.application.execute(now, command);
  if (outcome != wire::Outcome::kExecuted) ++counters_.commands_refused;
}

void S0Client::on_ping(Instant now, ByteView body) {
  if (now < next_echo_) {
    ++counters_.pings_passed_over;
    return;
  }
  next_echo_ = now + kS0EchoInterval;
  std::copy(body.begin(), body.end(), echo_.begin());
  echo_due_ = true;
  pump(now);
}

void S0Client::on_reset(Instant now, ByteView body) {
  const auto reset = s0::parse_reset(body);
  if (!reset || reset->server != config_.server) {
    ++counters_.not_for_us;
    return;
  }
  ++counters_.resets;
  restart_ = true;
  search(now);
}

bool S0Client::take_restart() {
  const bool asked = restart_;
  restart_ = false;
  return asked;
}

}  // namespace espial::node
