#include "sim/network/adversary.hpp"

#include <algorithm>

namespace espial::sim {
namespace {

constexpr MacAddress kAddress{{0x02, 0xad, 0, 0, 0, 1}};
constexpr std::size_t kRemembered = 256;
constexpr std::uint64_t kLongestPause_us = 30'000;
/// Quicker than any gateway.
constexpr Duration kAnswerDelay = Duration::microseconds(50);
constexpr std::size_t kMostNoise = 60;

RadioSettings radio_settings() {
  RadioSettings radio;
  radio.address = kAddress;
  radio.max_body_size = kMaxBodyV2;
  return radio;
}

}  // namespace

Adversary::Adversary(Scene& scene, std::uint64_t seed)
    : scene_(scene), random_(seed), radio_(*scene.air.add_radio(scene.now, radio_settings())) {
  heard_.reserve(kRemembered);
}

void Adversary::on_transmission(const Transmission& transmission) {
  if (transmission.acknowledgement || transmission.retry) return;
  if (const auto connect = wire::parse_connect(transmission.body)) {
    search_ = {transmission.source, transmission.channel, connect->nonce};
    if (attacks(Attack::kLookAlike)) next_ = std::min(next_, transmission.end + kAnswerDelay);
  }
  if (heard_.size() < kRemembered) heard_.emplace_back();
  Heard& heard = heard_[newest_];
  newest_ = (newest_ + 1) % kRemembered;
  heard.source = transmission.source;
  heard.destination = transmission.destination;
  heard.channel = transmission.channel;
  heard.body.assign(transmission.body.begin(), transmission.body.end());
}

Instant Adversary::next_timer() const {
  const bool at_work = std::any_of(until_.begin(), until_.end(),
                                   [this](Instant until) { return until > scene_.now; });
  if (!at_work) return kNever;
  return next_ == kNever ? scene_.now : std::max(next_, scene_.now);
}

void Adversary::on_timer() {
  next_ = scene_.now + Duration{static_cast<std::int64_t>(1 + random_.below(kLongestPause_us))};
  if (attacks(Attack::kLookAlike) && search_) return answer_search();
  std::array<Attack, kAttacks> choice{};
  std::size_t choices = 0;
  for (const Attack attack :
       {Attack::kReplay, Attack::kForge, Attack::kFlood, Attack::kOtherVersion}) {
    if (attacks(attack)) choice[choices++] = attack;
  }
  if (choices == 0) return;
  const Attack attack = choice[random_.below(choices)];
  if (attack == Attack::kFlood) return flood();
  if (attack == Attack::kOtherVersion) return speak_other_version();
  replay(attack == Attack::kForge);
}

MacAddress Adversary::address() { return kAddress; }

void Adversary::say(const MacAddress& source, const MacAddress& destination, Channel channel,
                    ByteView body) {
  scene_.air.tune(scene_.now, radio_, channel);
  SendOptions options;
  if (source != kAddress) options.forged_source = source;
  (void)scene_.air.transmit(scene_.now, radio_, destination, body, options);
}

void Adversary::send(Attack attack, const Heard& frame) {
  scene_.air.tune(scene_.now, radio_, frame.channel);
  SendOptions options;
  options.forged_source = frame.source;
  const auto result = scene_.air.transmit(scene_.now, radio_, frame.destination,
                                          {frame.body.data(), frame.body.size()}, options);
  if (result == Air::SendResult::kOk) ++counts_[static_cast<std::size_t>(attack)];
}

void Adversary::replay(bool changed) {
  if (heard_.empty()) return;
  Heard frame = heard_[random_.below(heard_.size())];
  if (changed && !frame.body.empty()) {
    for (std::uint64_t bits = 1 + random_.below(3); bits > 0; --bits) {
      frame.body[random_.below(frame.body.size())] ^=
          static_cast<std::uint8_t>(1U << random_.below(8));
    }
  }
  send(changed ? Attack::kForge : Attack::kReplay, frame);
}

void Adversary::flood() {
  Heard frame;
  frame.channel = search_ ? search_->channel : Channel{1};
  frame.destination = kBroadcast;
  frame.source = kAddress;
  frame.source.octets[5] = static_cast<std::uint8_t>(random_.next());
  frame.source.octets[4] = static_cast<std::uint8_t>(random_.next());
  if (random_.chance(500)) {
    wire::Connect connect;
    connect.server = kSimServer;
    frame.body.resize(wire::kConnectSize);
    (void)wire::encode(connect, {frame.body.data(), frame.body.size()});
  } else {
    frame.body.resize(1 + random_.below(kMostNoise));
    for (std::uint8_t& byte : frame.body) byte = static_cast<std::uint8_t>(random_.next());
  }
  send(Attack::kFlood, frame);
}

/// A board that searches, a gateway that answers everybody, or a packet of a type or step that this
/// version does not have; each whole and of the right length.
void Adversary::speak_other_version() {
  constexpr std::size_t kVersionAt = 3;
  constexpr std::uint8_t kLastStep = 5;
  const Channel channel =
      heard_.empty() ? Channel{1} : heard_[random_.below(heard_.size())].channel;
  Heard frame{kAddress, kBroadcast, channel, {}};
  const auto version = static_cast<std::uint8_t>(2 + random_.below(200));
  switch (random_.below(4)) {
    case 0: {
      wire::Connect connect;
      connect.server = kSimServer;
      frame.body.resize(wire::kConnectSize);
      (void)wire::encode(connect, {frame.body.data(), frame.body.size()});
      frame.body[kVersionAt] = version;
      break;
    }
    case 1: {
      wire::Connack connack;
      connack.success = connack.uplink_ready = connack.coordinator_alive = true;
      connack.server = kSimServer;
      connack.channel = channel;
      connack.address = kAddress;
      frame.body.resize(wire::kConnackSize);
      (void)wire::encode(connack, {frame.body.data(), frame.body.size()});
      frame.body[kVersionAt] = version;
      break;
    }
    case 2: {
      const auto type = static_cast<std::uint8_t>((10 + random_.below(2)) << 4U);
      const auto length = static_cast<std::uint8_t>(random_.below(kMostNoise));
      frame.body.assign(2U + length, version);
      frame.body[0] = type;
      frame.body[1] = length;
      break;
    }
    default: {
      const auto step = static_cast<std::uint8_t>(kLastStep + 1 + random_.below(15 - kLastStep));
      frame.body = {static_cast<std::uint8_t>(0xf0U | step), 3, kSimServer.value, 1, 0};
      break;
    }
  }
  send(Attack::kOtherVersion, frame);
}

/// It can't know the tag, and promises everything else.
void Adversary::answer_search() {
  wire::Connack connack;
  connack.success = connack.uplink_ready = connack.coordinator_alive = true;
  connack.server = kSimServer;
  connack.channel = search_->channel;
  connack.rssi_dbm = std::int8_t{-20};
  connack.address = kAddress;
  connack.nonce = search_->nonce;
  Heard frame{kAddress, search_->node, search_->channel,
              std::vector<std::uint8_t>(wire::kConnackSize)};
  (void)wire::encode(connack, {frame.body.data(), frame.body.size()});
  search_.reset();
  send(Attack::kLookAlike, frame);
}

}  // namespace espial::sim
