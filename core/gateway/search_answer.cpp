// Answering searches: by itself, without the coordinator, in the milliseconds a node listens.

#include <algorithm>

#include "core/crypto/discovery.hpp"
#include "core/gateway/gateway.hpp"
#include "core/wire/search.hpp"

namespace espial::gateway {

void Gateway::on_connect(Instant now, const ReceivedFrame& frame) {
  const wire::Parsed<wire::Connect> connect = wire::parse_connect(frame.body);
  if (!connect) {
    counters_.add(grade(connect.refusal()));
    return;
  }
  const Network* const network = find_network(connect->server);
  if (network == nullptr) {
    counters_.add(Count::kNotServed);
    return;
  }
  if (!search_limit_.allow(now, frame.source, frame.rssi_dbm)) {
    counters_.add(Count::kSearchLimited);
    return;
  }
  wire::Connack answer;
  answer.server = network->server;
  answer.channel = ports_.radio.channel();
  answer.rssi_dbm = frame.rssi_dbm;
  answer.uplink_ready = uplink_ready_;
  answer.coordinator_alive = coordinator_alive_[index_of(*network)];
  answer.success = answer.uplink_ready && answer.coordinator_alive;
  answer.long_bodies = ports_.radio.max_body_size() > kMaxBodyV1;
  answer.load = load();
  answer.address = config_.address;
  answer.nonce = connect->nonce;
  std::array<std::uint8_t, wire::kConnackSize> body{};
  if (wire::encode(answer, body) == 0) {
    counters_.add(Count::kBadControl);  // the radio names no channel
    return;
  }
  answer.tag =
      crypto::connack_tag(ports_.crypto, network->discovery_key,
                          ByteView(body).subview(0, wire::kConnackSignedSize), frame.source);
  (void)wire::encode(answer, body);
  transmitter_.answer(frame.source, body, now + kAnswerWithin);
  counters_.add(Count::kConnectsAnswered);
}

std::uint8_t Gateway::load() const {
  const auto urgent = static_cast<std::uint8_t>(transmitter_.urgent_count() * 255 / kMaxUrgent);
  return std::max(search_limit_.load(), urgent);
}

}  // namespace espial::gateway
