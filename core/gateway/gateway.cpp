#include "core/gateway/gateway.hpp"

#include <algorithm>

#include "core/wire/auth.hpp"
#include "core/wire/header.hpp"
#include "core/wire/sealed.hpp"

namespace espial::gateway {

namespace {

/// Types that travel only under a seal, or only down.
bool is_not_for_gateways(wire::PacketType type) {
  switch (type) {
    case wire::PacketType::kConnack:
    case wire::PacketType::kPuback:
    case wire::PacketType::kFragment:
    case wire::PacketType::kFragack:
    case wire::PacketType::kSubscribe:
    case wire::PacketType::kSuback:
    case wire::PacketType::kPingreq:
    case wire::PacketType::kPingresp:
    case wire::PacketType::kDisconnect:
      return true;
    default:
      return false;
  }
}

}  // namespace

Count Gateway::grade(wire::Refusal refusal) {
  switch (refusal) {
    case wire::Refusal::kTooShort:
      return Count::kTooShort;
    case wire::Refusal::kNotOurs:
      return Count::kUnknownType;
    case wire::Refusal::kBadVersion:
      return Count::kOtherVersion;
    default:
      return Count::kBadLength;
  }
}

Gateway::Gateway(const Config& config, const Storage& storage, const Ports& ports)
    : config_(config),
      ports_(ports),
      pool_(storage.down_frames, storage.down_bytes),
      down_(storage.modules, pool_, counters_),
      transmitter_(ports.radio, pool_, down_, counters_),
      held_(storage.held_bytes),
      keyed_(storage.keyed),
      search_limit_(config.search_limits) {
  config_.network_count = std::min(config_.network_count, kMaxNetworks);
}

void Gateway::on_frame(Instant now, const ReceivedFrame& frame) {
  counters_.add(Count::kFramesHeard);
  const MacAddress station = ports_.radio.address();
  if (frame.destination == station && station != config_.address) {
    counters_.add(Count::kToStation);
  }
  if (frame.body.empty() || frame.body.size() > kMaxBodyV2) {
    counters_.add(frame.body.empty() ? Count::kTooShort : Count::kBadLength);
    return;
  }
  transmitter_.heard(now, frame.source);
  const std::optional<wire::PacketType> type = wire::peek_type(frame.body);
  if (type == wire::PacketType::kConnect) {
    on_connect(now, frame);
  } else if (type == wire::PacketType::kAuth) {
    on_auth(now, frame);
  } else if (type == wire::PacketType::kSealed) {
    on_sealed(now, frame);
  } else if (type == wire::PacketType::kPublish) {
    on_publish(now, frame);
  } else if (s0::claims(frame.body)) {
    on_s0_message(now, frame);
  } else {
    const bool wrong_way = type && is_not_for_gateways(*type);
    counters_.add(wrong_way ? Count::kWrongWay : Count::kUnknownType);
  }
  transmitter_.pump(now);
}

void Gateway::on_auth(Instant now, const ReceivedFrame& frame) {
  const wire::Parsed<wire::AuthFrame> auth = wire::parse_auth(frame.body);
  if (!auth) {
    counters_.add(grade(auth.refusal()));
    return;
  }
  const Network* const network = find_network(auth->header.server);
  if (network == nullptr) {
    counters_.add(Count::kNotServed);
    return;
  }
  const wire::AuthStep step = auth->header.step;
  if (step != wire::AuthStep::kJoin && step != wire::AuthStep::kResume) {
    counters_.add(Count::kWrongWay);
    return;
  }
  relay_up(now, *network, frame);
}

void Gateway::on_sealed(Instant now, const ReceivedFrame& frame) {
  const wire::Parsed<wire::SealedFrame> sealed = wire::parse_sealed(frame.body);
  if (!sealed) {
    counters_.add(grade(sealed.refusal()));
    return;
  }
  const Network* const network = find_network(sealed->header.server);
  if (network == nullptr) {
    counters_.add(Count::kNotServed);
    return;
  }
  if (sealed->header.down || sealed->header.peer) {
    counters_.add(Count::kWrongWay);
    return;
  }
  relay_up(now, *network, frame);
  const bool listening = sealed->header.listening;
  remind_of_channel(now, *network, down_.heard(now, frame.source, listening), listening);
}

void Gateway::on_publish(Instant now, const ReceivedFrame& frame) {
  const wire::Parsed<wire::Packet> packet = wire::parse_packet(frame.body);
  if (!packet) {
    counters_.add(grade(packet.refusal()));
    return;
  }
  if (keyed_.contains(frame.source)) {
    counters_.add(Count::kKeyedPlain);
    return;
  }
  HeldFrame device;
  device.mac = frame.source;
  device.rssi_dbm = frame.rssi_dbm;
  device.channel = frame.channel;
  device.heard_at = now;
  device.body = frame.body;
  hand_up(now, device);
}

void Gateway::on_sent(Instant now, bool ok) {
  transmitter_.on_sent(now, ok);
  transmitter_.pump(now);
}

void Gateway::on_down(Instant now, ServerId server, const MacAddress& mac, DownClass down_class,
                      ByteView body, std::uint32_t command, std::uint32_t expires_s) {
  const Network* const network = find_network(server);
  if (network == nullptr) {
    counters_.add(Count::kDownNotServed);
    return;
  }
  if (down_class == DownClass::kClear) {
    down_.clear(server, mac, command);
    return;
  }
  if (!fits_down(*network, mac, down_class, body)) {
    counters_.add(Count::kDownBadBody);
    return;
  }
  if (down_class == DownClass::kAuth) {
    transmitter_.urgent(mac, body);
  } else if (down_class == DownClass::kAck) {
    down_.put_ack(now, server, mac, body);
  } else {
    const Instant expires_at = expires_s == 0 ? kNever : now + Duration::seconds(expires_s);
    down_.put_command(now, server, mac, body, command, expires_at);
  }
  transmitter_.pump(now);
}

bool Gateway::fits_down(const Network& network, const MacAddress& mac, DownClass down_class,
                        ByteView body) const {
  if (body.empty() || body.size() > pool_.body_capacity() ||
      body.size() > ports_.radio.max_body_size()) {
    return false;
  }
  if (down_class == DownClass::kAuth && s0::claims(body)) return s0_fits_down(network, mac, body);
  if (down_class == DownClass::kAuth) {
    const wire::Parsed<wire::AuthFrame> auth = wire::parse_auth(body);
    return auth && auth->header.server == network.server &&
           auth->header.step != wire::AuthStep::kJoin &&
           auth->header.step != wire::AuthStep::kResume;
  }
  const wire::Parsed<wire::SealedFrame> sealed = wire::parse_sealed(body);
  return sealed && sealed->header.down && sealed->header.server == network.server;
}

void Gateway::on_device_set(Instant now, const MacAddress& mac, ByteView body) {
  if (keyed_.contains(mac)) {
    counters_.add(Count::kSetKeyed);
    return;
  }
  if (body.empty() || body.size() > pool_.body_capacity() ||
      body.size() > ports_.radio.max_body_size()) {
    counters_.add(Count::kDownBadBody);
    return;
  }
  transmitter_.urgent(mac, body);
  transmitter_.pump(now);
}

void Gateway::on_coordinator(Instant now, ServerId server, bool alive) {
  (void)now;
  const Network* const network = find_network(server);
  if (network == nullptr) {
    counters_.add(Count::kBadControl);
    return;
  }
  coordinator_alive_[index_of(*network)] = alive;
}

void Gateway::on_keyed(Instant now, ServerId server, ByteView macs) {
  (void)now;
  if (find_network(server) == nullptr || macs.size() % 6 != 0) {
    counters_.add(Count::kBadControl);
    return;
  }
  if (!keyed_.replace(server, macs)) counters_.add(Count::kKeyedListFull);
}

void Gateway::set_discovery_key(ServerId server, const Key& discovery_key) {
  const Network* const network = find_network(server);
  if (network != nullptr) config_.networks[index_of(*network)].discovery_key = discovery_key;
}

bool Gateway::coordinator_alive(ServerId server) const {
  const Network* const network = find_network(server);
  return network != nullptr && coordinator_alive_[index_of(*network)];
}

void Gateway::on_timer(Instant now) {
  if (retry_uplink_ <= now) drain_held(now);
  announce_move(now);
  transmitter_.pump(now);
}

Instant Gateway::next_timer() const {
  return std::min(
      {transmitter_.next_pump(), retry_uplink_, move_.next_announcement, move_.switch_at});
}

const Network* Gateway::find_network(ServerId server) const {
  const auto* const end = config_.networks.begin() + config_.network_count;
  const auto* const found =
      std::find_if(config_.networks.begin(), end,
                   [server](const Network& network) { return network.server == server; });
  return found == end ? nullptr : found;
}

std::size_t Gateway::index_of(const Network& network) const {
  return static_cast<std::size_t>(&network - config_.networks.data());
}

}  // namespace espial::gateway
