#include "sim/s0_server.hpp"

#include <algorithm>

namespace espial::sim::s0 {

void Server::on_frame(const ReceivedFrame& frame) {
  if (frame.body.empty()) return;
  const std::uint8_t type = frame.body[0];
  if (type == kPairing) {
    const auto search = read<PairingStruct>(frame.body);
    if (!search || search->network != settings_.server) return;
    const auto module = settings_.modules.find(search->id);
    if (module == settings_.modules.end()) return;
    PairingStruct answer;
    answer.network = answer.id = settings_.server;
    put(settings_.softap, answer.mac);
    answer.channel = radio_.channel().number;
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      const bool used = slot < module->second.size();
      const Settings::Slot given = used ? module->second[slot] : Settings::Slot{};
      answer.function_id[slot] = given.id;
      answer.function_type[slot] = given.type;
      answer.control_index[slot] = given.control;
    }
    push(frame.source, answer);
    ++answered_;
  } else if (type == kData) {
    if (const auto data = read<DataStruct>(frame.body)) heard_.push_back({frame.source, *data});
  } else if (type == kPing) {
    const auto ping = read<PingStruct>(frame.body);
    if (!ping) return;
    if (ping->message_id == last_ping_) {
      ++echoes_;
    } else {
      push(frame.source, *ping);
    }
  }
}

void Server::ping(const MacAddress& module, std::int32_t number) {
  last_ping_ = number;
  PingStruct ping;
  ping.message_id = number;
  push(module, ping);
}

void Server::reset(const MacAddress& module) {
  ResetStruct reset;
  reset.server = settings_.server;
  push(module, reset);
}

void Server::send_next() {
  if (waiting_.empty()) return;
  const auto& [to, body] = waiting_.front();
  if (radio_.send(to, {body.data(), body.size()})) waiting_.pop_front();
}

void Server::on_sent() { send_next(); }

}  // namespace espial::sim::s0
