#include "sim/s0_module.hpp"

#include <algorithm>

namespace espial::sim::s0 {
namespace {

constexpr Duration kDwell = Duration::milliseconds(500);
constexpr Duration kPause = Duration::seconds(10);
constexpr std::uint32_t kChannels = 13;
constexpr std::uint32_t kRounds = 2;
constexpr std::uint32_t kFailuresBorne = 3;

}  // namespace

Module::Module(const Settings& settings, Radio& radio)
    : settings_(settings), radio_(radio), channel_(settings.last_channel) {
  std::fill(std::begin(given_.function_type), std::end(given_.function_type), kNone);
}

void Module::start(Instant now) {
  paired_ = false;
  failed_in_a_row_ = 0;
  channels_asked_ = 0;
  for (Function& function : functions_) function.due = false;
  if (!channel_.valid()) channel_ = Channel{1};
  ask(now);
}

void Module::ask(Instant now) {
  asking_ = true;
  timer_ = now + kDwell;
  radio_.set_channel(channel_);
  PairingStruct search;
  search.network = settings_.server;
  search.id = settings_.id;
  put(radio_.address(), search.mac);
  search.channel = channel_.number;
  (void)radio_.send(kBroadcast, bytes_of(search));
}

void Module::next_channel(Instant now) {
  if (++channels_asked_ == kRounds * kChannels) {
    channels_asked_ = 0;
    asking_ = false;
    timer_ = now + kPause;
    return;
  }
  channel_.number = static_cast<std::uint8_t>(channel_.number % kChannels + 1);
  ask(now);
}

void Module::on_timer(Instant now) {
  if (now < timer_) return;
  if (paired_) {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      functions_[slot].due = given_.function_type[slot] != kNone;
    }
    timer_ = now + settings_.interval;
    send_next();
  } else if (asking_) {
    next_channel(now);
  } else {
    ask(now);
  }
}

void Module::on_frame(Instant now, const ReceivedFrame& frame) {
  if (frame.body.empty()) return;
  const std::uint8_t type = frame.body[0];
  if (type == kPairing) {
    const auto answer = read<PairingStruct>(frame.body);
    // Other modules' searches are heard too: they are broadcast, and carry another number.
    const bool mine =
        answer && answer->network == settings_.server && frame.destination == radio_.address();
    if (mine) on_pairing(now, *answer);
  } else if (type == kSetPoints) {
    if (const auto wanted = read<DataStruct>(frame.body)) on_set_points(*wanted);
  } else if (type == kPing) {
    if (const auto ping = read<PingStruct>(frame.body)) on_ping(*ping);
  } else if (type == kReset) {
    const auto reset = read<ResetStruct>(frame.body);
    if (!reset || reset->server != settings_.server) return;
    ++resets_;
    start(now);
  }
}

void Module::on_pairing(Instant now, const PairingStruct& answer) {
  if (paired_) return;
  paired_ = true;
  asking_ = false;
  ++pairings_;
  given_ = answer;
  server_ = get(answer.mac);
  channel_ = Channel{answer.channel};
  radio_.set_channel(channel_);
  failed_in_a_row_ = 0;
  timer_ = now + Duration::milliseconds(20);
}

void Module::on_set_points(const DataStruct& wanted) {
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    if (given_.function_id[slot] != wanted.function_id ||
        given_.function_type[slot] != wanted.function_type) {
      continue;
    }
    if (wanted.function_type != kRelay) functions_[slot].set_point = wanted.u1;
    if (wanted.function_type == kRelay) functions_[slot].on = wanted.u1 != 0;
    functions_[slot].due = true;
    send_next();
    return;
  }
}

bool Module::ping(std::int32_t number) {
  own_ping_ = number;
  PingStruct ping;
  ping.message_id = number;
  return paired_ && radio_.send(server_, bytes_of(ping));
}

void Module::on_ping(const PingStruct& ping) {
  if (own_ping_ != 0 && ping.message_id == own_ping_) {
    own_ping_ = 0;
    ++echoes_;
    return;
  }
  (void)radio_.send(server_, bytes_of(ping));
}

DataStruct Module::data_of(std::size_t slot) const {
  DataStruct data;
  data.function_id = given_.function_id[slot];
  data.function_type = given_.function_type[slot];
  const Function& function = functions_[slot];
  if (data.function_type == kThermostat) {
    data.f1 = settings_.celsius(slot);
    data.f2 = function.set_point;
    data.u1 = data.f1 < data.f2 ? 1 : 0;
  } else if (data.function_type == kThermometer) {
    data.f1 = settings_.celsius(slot);
  } else if (data.function_type == kRelay) {
    data.u1 = function.on ? 1 : 0;
  } else if (data.function_type != kNone) {
    // Of its builder's own: it measures something, and shows what it is set to.
    data.f1 = settings_.celsius(slot);
    data.f2 = function.set_point;
  }
  const std::uint8_t rom[8] = {
      0x28, 0xff, settings_.server, settings_.id, 0, 0, 0, static_cast<std::uint8_t>(slot)};
  if (data.function_type != kRelay) std::memcpy(data.rom, rom, sizeof rom);
  return data;
}

void Module::send_next() {
  if (!paired_ || sending_data_) return;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    if (!functions_[slot].due) continue;
    if (!radio_.send(server_, bytes_of(data_of(slot)))) return;
    functions_[slot].due = false;
    sending_data_ = true;
    return;
  }
}

void Module::on_sent(Instant now, bool acknowledged) {
  if (sending_data_ && acknowledged) ++delivered_;
  sending_data_ = false;
  if (!paired_) return;
  failed_in_a_row_ = acknowledged ? 0 : failed_in_a_row_ + 1;
  if (failed_in_a_row_ > kFailuresBorne) {
    start(now);
    return;
  }
  send_next();
}

}  // namespace espial::sim::s0
