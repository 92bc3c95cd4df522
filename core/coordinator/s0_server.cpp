#include "core/coordinator/s0_server.hpp"

#include <algorithm>

#include "core/wire/s0_function.hpp"

namespace espial::coordinator {
namespace {

/// Instants begin anywhere: what never happened is longer ago than any interval.
bool long_ago(Instant now, Instant then, Duration interval) {
  return then.us == INT64_MIN || now - then >= interval;
}

S0Refusal refusal_of(S0Admission admission) {
  switch (admission) {
    case S0Admission::kModuleTaken:
      return S0Refusal::kModuleTaken;
    case S0Admission::kKeyed:
      return S0Refusal::kKeyed;
    default:
      return S0Refusal::kFull;
  }
}

}  // namespace

std::string_view to_text(S0Refusal refusal) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(S0Refusal::kNumber)>
      kNames = {"bad_message", "late", "no_module_id",   "module_taken",
                "keyed",       "full", "unknown_module", "unknown_function"};
  const auto index = static_cast<std::size_t>(refusal);
  return index < kNames.size() ? kNames[index] : std::string_view("unknown");
}

S0Server::S0Server(ServerId server, const Storage& storage, const Ports& ports)
    : server_(server), ports_(ports), modules_(storage.modules), commands_(storage.commands) {
  std::fill(commands_.begin(), commands_.end(), S0Command{});
}

bool S0Server::restore(const MacAddress& mac, ModuleId number) {
  if (modules_.find(mac) != nullptr) return false;
  S0Module* const module = modules_.add(mac);
  if (module == nullptr) return false;
  module->module = number;
  module->functions = ports_.directory.functions_of(number);
  return true;
}

void S0Server::on_uplink(Instant now, const UplinkFrame& frame) {
  const auto type = s0::peek_type(frame.body);
  if (type == s0::MessageType::kPairing) {
    on_pairing(now, frame);
  } else if (type == s0::MessageType::kData) {
    on_data(now, frame);
  } else if (type == s0::MessageType::kPing) {
    on_ping(now, frame);
  } else {
    refuse(frame.mac, {}, S0Refusal::kBadMessage);
  }
}

void S0Server::refuse(const MacAddress& mac, ModuleId module, S0Refusal reason) {
  ++counters_.refused[static_cast<std::size_t>(reason)];
  ports_.events.on_refused(mac, module, reason);
}

template <class Message>
void S0Server::send(const S0Module& module, const Message& message) {
  std::array<std::uint8_t, s0::kMaxMessageSize> body{};
  const std::size_t size = s0::encode(message, body);
  ports_.downlink.send(server_, module.gateway, module.mac, DownClass::kAuth, {body.data(), size},
                       0, 0);
}

void S0Server::on_pairing(Instant now, const UplinkFrame& frame) {
  const auto search = s0::parse_pairing(frame.body);
  if (!search || search->server != server_) {
    refuse(frame.mac, {}, S0Refusal::kBadMessage);
    return;
  }
  const ModuleId number{search->id};
  if (number.value == 0) return refuse(frame.mac, number, S0Refusal::kNoModuleId);
  if (frame.held > kS0Dwell || !frame.channel.valid()) {
    return refuse(frame.mac, number, S0Refusal::kLate);
  }
  if (modules_.find(frame.mac) == nullptr && modules_.full()) {
    return refuse(frame.mac, number, S0Refusal::kFull);
  }
  const S0Admission admission = ports_.directory.admit(frame.mac, number);
  if (admission != S0Admission::kWelcome) {
    return refuse(frame.mac, number, refusal_of(admission));
  }
  S0Module* module = modules_.find(frame.mac);
  if (module == nullptr) module = modules_.add(frame.mac);
  module->module = number;
  module->gateway = frame.gateway;
  module->functions = ports_.directory.functions_of(number);
  module->outdated = false;
  module->spoke_at = now;

  s0::Pairing answer;
  answer.server = server_;
  answer.id = server_.value;
  answer.address = frame.gateway;
  answer.channel = frame.channel;
  answer.functions = module->functions;
  send(*module, answer);
  ++counters_.answered;
  ports_.events.on_paired(frame.mac, number, module->functions);
  (void)heard(now, frame);
}

S0Module* S0Server::heard(Instant now, const UplinkFrame& frame) {
  S0Module* const module = modules_.find(frame.mac);
  if (module == nullptr) {
    refuse(frame.mac, {}, S0Refusal::kUnknownModule);
    // Its radio hears ours acknowledge, so it would go on for ever and never ask.
    if (long_ago(now, stranger_reset_at_, kS0EchoInterval)) {
      stranger_reset_at_ = now;
      S0Module stranger;
      stranger.mac = frame.mac;
      stranger.gateway = frame.gateway;
      send(stranger, s0::Reset{server_});
      ++counters_.resets;
    }
    return nullptr;
  }
  if (!module->online) module->spoke_at = now;
  module->gateway = frame.gateway;
  module->due_at = now + kS0Silence;
  module->pings = 0;
  ports_.events.on_heard(frame.mac, frame.gateway, frame.rssi_dbm);
  go(*module, true);
  return module;
}

void S0Server::go(S0Module& module, bool online) {
  if (module.online == online) return;
  module.online = online;
  if (!online) module.due_at = kNever;
  ports_.events.on_online(module.mac, online);
}

void S0Server::on_data(Instant now, const UplinkFrame& frame) {
  const auto data = s0::parse_values(frame.body);
  S0Module* const module = heard(now, frame);
  if (module == nullptr || !data) return;
  module->spoke_at = now;
  S0Reading reading;
  reading.mac = frame.mac;
  reading.slot = s0::slot_of(module->functions, data->function, data->type);
  if (reading.slot == kSlotCount) {
    // It was not told of its functions as they are now, or what it was told was garbled on its
    // way: nothing protects an answer.
    module->outdated = true;
    refuse(frame.mac, module->module, S0Refusal::kUnknownFunction);
  }
  if (module->outdated) ask_again(now, *module);
  if (reading.slot == kSlotCount) return;
  reading.kind = s0::kind_of(data->type);
  std::array<std::uint8_t, s0::kOwnValueSize> value{};
  const std::size_t size = s0::value_of(*data, value);
  if (size == 0) return refuse(frame.mac, module->module, S0Refusal::kUnknownFunction);
  reading.value = {value.data(), size};
  reading.sensor = data->sensor;
  reading.held = frame.held;
  ++counters_.readings;
  ports_.events.on_reading(reading);
  S0Command* const command = find_command(frame.mac, *data);
  if (command != nullptr && s0::shows(*data, command->set_points, command->shown_in)) {
    end(*command, CommandState::kExecuted);
  }
}

/// Nobody would notice: its radio hears ours, and it is online.
bool S0Server::mute(Instant now, const S0Module& module) {
  return now - module.spoke_at >= kS0Mute &&
         std::any_of(module.functions.begin(), module.functions.end(),
                     [](const s0::Function& function) { return s0::measures(function.type); });
}

/// It asks once it hears that it shall start again.
void S0Server::ask_again(Instant now, S0Module& module) {
  if (!long_ago(now, module.asked_again_at, kS0AskAgainInterval)) return;
  module.asked_again_at = now;
  (void)reset(module.mac);
}

void S0Server::on_ping(Instant now, const UplinkFrame& frame) {
  const auto ping = s0::parse_ping(frame.body);
  const S0Module* const known = modules_.find(frame.mac);
  const bool answer =
      ping && known != nullptr && known->pings > 0 && known->ping_number == ping->number;
  S0Module* const module = heard(now, frame);
  if (module == nullptr || !ping) return;
  if (module->outdated || mute(now, *module)) ask_again(now, *module);
  if (answer) return;
  if (!long_ago(now, module->echoed_at, kS0EchoInterval)) return;
  module->echoed_at = now;
  send(*module, *ping);
  ++counters_.echoes;
}

S0CommandStatus S0Server::command(Instant now, const MacAddress& mac, std::uint8_t slot,
                                  ByteView value, std::uint32_t id, Instant expires_at,
                                  bool sent_before) {
  const S0Module* const module = modules_.find(mac);
  if (module == nullptr) return S0CommandStatus::kUnknownModule;
  if (slot >= kSlotCount || !module->functions[slot].used()) return S0CommandStatus::kBadValue;
  const s0::Function& function = module->functions[slot];
  s0::Values set_points;
  const std::uint8_t kind = s0::kind_of(function.type);
  if (!s0::to_set_points(kind, value, set_points)) {
    return S0CommandStatus::kBadValue;
  }
  set_points.function = function.id;

  S0Command* place = find_command(mac, set_points);
  if (place != nullptr) {
    end(*place, CommandState::kExpired);
  } else {
    place = std::find_if(commands_.begin(), commands_.end(),
                         [](const S0Command& command) { return !command.open; });
    if (place == commands_.end()) return S0CommandStatus::kBusy;
  }
  *place = {true, mac, id, set_points, s0::shown_in(kind, value), now, expires_at};
  if (sent_before && !s0::repeats_safely(set_points.type)) {
    place->send_at = kNever;
  } else {
    say_again(now, *place);
  }
  return S0CommandStatus::kOk;
}

S0Command* S0Server::find_command(const MacAddress& mac, const s0::Values& values) {
  S0Command* const found =
      std::find_if(commands_.begin(), commands_.end(), [&](const S0Command& command) {
        return command.open && command.mac == mac &&
               command.set_points.function == values.function &&
               command.set_points.type == values.type;
      });
  return found == commands_.end() ? nullptr : found;
}

void S0Server::say_again(Instant now, S0Command& command) {
  const S0Module* const module = modules_.find(command.mac);
  const bool reachable = module != nullptr && module->gateway != MacAddress{};
  if (reachable) {
    send(*module, command.set_points);
    ++counters_.set_points;
  }
  const bool again = !reachable || s0::repeats_safely(command.set_points.type);
  command.send_at = again ? now + kS0Repeat : kNever;
}

void S0Server::end(S0Command& command, CommandState state) {
  command.open = false;
  ports_.events.on_command_ended(command.mac, command.id, state);
}

bool S0Server::reset(const MacAddress& mac) {
  const S0Module* const module = modules_.find(mac);
  if (module == nullptr || module->gateway == MacAddress{}) return false;
  send(*module, s0::Reset{server_});
  ++counters_.resets;
  return true;
}

void S0Server::forget(const MacAddress& mac) {
  for (S0Command& command : commands_) {
    if (command.open && command.mac == mac) end(command, CommandState::kExpired);
  }
  if (S0Module* const module = modules_.find(mac)) modules_.remove(*module);
}

void S0Server::on_configured(ModuleId number) {
  for (S0Module* module = modules_.newest(); module != nullptr; module = modules_.older(*module)) {
    if (module->module != number) continue;
    module->outdated = module->functions != ports_.directory.functions_of(number);
    if (module->outdated) (void)reset(module->mac);
  }
}

void S0Server::remind(Instant now, S0Module& module) {
  if (module.pings == kS0Pings) return go(module, false);
  ++module.pings;
  module.due_at = now + kS0PingInterval;
  // Numbers are never 0, which a module that counts from there would begin with.
  last_ping_ = last_ping_ == INT32_MAX ? 1 : last_ping_ + 1;
  module.ping_number = last_ping_;
  send(module, s0::Ping{module.ping_number});
  ++counters_.pings;
}

void S0Server::on_timer(Instant now) {
  for (S0Module* module = modules_.newest(); module != nullptr; module = modules_.older(*module)) {
    if (module->due_at <= now) remind(now, *module);
  }
  for (S0Command& command : commands_) {
    if (!command.open) continue;
    if (command.expires_at <= now) {
      end(command, CommandState::kExpired);
    } else if (command.send_at <= now) {
      say_again(now, command);
    }
  }
}

Instant S0Server::next_timer() {
  Instant next = kNever;
  for (S0Module* module = modules_.newest(); module != nullptr; module = modules_.older(*module)) {
    next = std::min(next, module->due_at);
  }
  for (const S0Command& command : commands_) {
    if (command.open) next = std::min({next, command.send_at, command.expires_at});
  }
  return next;
}

}  // namespace espial::coordinator
