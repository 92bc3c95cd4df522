#include "sim/air/air.hpp"

#include <algorithm>

namespace espial::sim {
namespace {

/// Events a radio may have planned: a wake, an end, an acknowledgement, a timeout, and void ones.
constexpr std::size_t kEventsPerRadio = 8;
constexpr std::uint16_t kSequenceMask = 0xfff;

bool valid(const RadioSettings& settings) {
  const bool known_length =
      settings.max_body_size == kMaxBodyV1 || settings.max_body_size == kMaxBodyV2;
  return settings.channel.valid() && settings.address != kBroadcast && known_length &&
         settings.tx_power_dbm <= kMaxTxPowerDbm;
}

Medium::Settings medium_settings(const AirSettings& settings, std::uint64_t seed) {
  return {seed, settings.propagation, settings.carrier_sense, settings.capture_db};
}

}  // namespace

Air::Air(const AirSettings& settings)
    : settings_(settings),
      random_(settings.seed),
      medium_(medium_settings(settings, random_.fork())),
      foreign_(random_.fork(), settings.foreign, settings.carrier_sense) {
  radios_.reserve(kMaxRadios);
  heard_body_.reserve(kMaxBodyV2);
  changed_body_.reserve(kMaxBodyV2);
  for (LateFrame& late : late_) late.body.reserve(kMaxBodyV2);
}

RadioId Air::id_of(std::size_t index) const {
  constexpr auto kPlaces = static_cast<std::uint32_t>(kMaxRadios);
  return {static_cast<std::uint32_t>(index) + radios_[index].generation * kPlaces};
}

const Air::Radio* Air::find(RadioId radio) const {
  const std::size_t index = radio.value % kMaxRadios;
  if (index >= radios_.size() || !radios_[index].present) return nullptr;
  return id_of(index) == radio ? &radios_[index] : nullptr;
}

Air::Radio* Air::find(RadioId radio) {
  return const_cast<Radio*>(static_cast<const Air*>(this)->find(radio));
}

std::optional<RadioId> Air::add_radio(Instant now, const RadioSettings& settings) {
  if (!valid(settings)) return std::nullopt;
  const MacAddress second = settings.second_address.value_or(settings.address);
  if (owners_.count(settings.address) != 0 || owners_.count(second) != 0) return std::nullopt;
  if (free_places_.empty()) {
    if (radios_.size() >= kMaxRadios) return std::nullopt;
    free_places_.push_back(static_cast<RadioIndex>(radios_.size()));
    radios_.emplace_back();
    heard_.reserve(radios_.size());
    events_.reserve(radios_.size() * kEventsPerRadio);
  }
  const RadioIndex index = free_places_.back();
  free_places_.pop_back();
  Radio& radio = radios_[index];
  radio.settings = settings;
  radio.present = true;
  radio.powered = true;
  radio.station_asleep = false;
  radio.next_sequence = static_cast<std::uint16_t>(random_.below(kSequenceMask + 1U));
  radio.flight.body.reserve(settings.max_body_size);
  owners_[settings.address] = index;
  owners_[second] = index;
  medium_.add(now, index, settings.address, settings.position, settings.channel);
  return id_of(index);
}

void Air::remove_radio(Instant now, RadioId id) {
  Radio* const radio = find(id);
  if (radio == nullptr) return;
  const auto index = static_cast<RadioIndex>(id.value % kMaxRadios);
  switch_off(now, index);
  medium_.remove(now, index);
  owners_.erase(radio->settings.address);
  if (radio->settings.second_address.has_value()) owners_.erase(*radio->settings.second_address);
  radio->present = false;
  ++radio->generation;
  free_places_.push_back(index);
  settle();
}

/// Whatever it sends breaks off, whatever it planned is void.
void Air::switch_off(Instant now, RadioIndex index) {
  Radio& radio = radios_[index];
  radio.flight.state = Flight::State::kNone;
  radio.wake_planned = false;
  for (std::uint32_t& serial : radio.serials) ++serial;
  const bool breaks_off = medium_.sending(index);
  medium_.set_on(now, index, false);
  if (breaks_off) resume_calmed(now);
}

void Air::tune(Instant now, RadioId id, Channel channel) {
  Radio* const radio = find(id);
  if (radio == nullptr || !channel.valid() || radio->settings.channel == channel) return;
  const auto index = static_cast<RadioIndex>(id.value % kMaxRadios);
  pause(now, index);
  radio->settings.channel = channel;
  medium_.tune(now, index, channel);
  resume(now, index);
  settle();
}

Channel Air::channel(RadioId id) const {
  const Radio* const radio = find(id);
  return radio == nullptr ? Channel{} : radio->settings.channel;
}

void Air::move(Instant now, RadioId id, Position position) {
  Radio* const radio = find(id);
  if (radio == nullptr) return;
  const auto index = static_cast<RadioIndex>(id.value % kMaxRadios);
  pause(now, index);
  radio->settings.position = position;
  medium_.move(now, index, position);
  resume(now, index);
  settle();
}

void Air::set_tx_power(RadioId id, int dbm) {
  Radio* const radio = find(id);
  if (radio != nullptr) radio->settings.tx_power_dbm = std::min(dbm, kMaxTxPowerDbm);
}

void Air::set_powered(Instant now, RadioId id, bool powered) {
  Radio* const radio = find(id);
  if (radio == nullptr || radio->powered == powered) return;
  const auto index = static_cast<RadioIndex>(id.value % kMaxRadios);
  radio->powered = powered;
  if (powered) {
    medium_.set_on(now, index, true);
  } else {
    switch_off(now, index);
  }
  settle();
}

void Air::set_station_asleep(RadioId id, bool asleep) {
  Radio* const radio = find(id);
  if (radio != nullptr) radio->station_asleep = asleep;
}

void Air::set_quality(const AirSettings& settings) {
  const AirSettings before = settings_;
  settings_ = settings;
  settings_.seed = before.seed;
  settings_.propagation = before.propagation;
  settings_.carrier_sense = before.carrier_sense;
  settings_.capture_db = before.capture_db;
  settings_.foreign = before.foreign;
}

Air::SendResult Air::transmit(Instant now, RadioId sender, const MacAddress& destination,
                              ByteView body, const SendOptions& options) {
  Radio* const radio = find(sender);
  SendResult result = SendResult::kOk;
  if (radio == nullptr || !radio->powered) {
    result = SendResult::kUnknown;
  } else if (radio->flight.state != Flight::State::kNone) {
    result = SendResult::kBusy;
  } else if (body.size() > radio->settings.max_body_size) {
    result = SendResult::kTooLong;
  }
  if (result != SendResult::kOk) {
    ++counters_.refused;
    return result;
  }
  const MacAddress own = options.from_second_address
                             ? radio->settings.second_address.value_or(radio->settings.address)
                             : radio->settings.address;
  Flight& flight = radio->flight;
  flight.heard = false;
  flight.attempt = 0;
  flight.sequence = radio->next_sequence;
  flight.random = static_cast<std::uint32_t>(random_.next());
  flight.given_at = now;
  flight.source = options.forged_source.value_or(own);
  flight.destination = destination;
  flight.body.assign(body.begin(), body.end());
  radio->next_sequence = (radio->next_sequence + 1U) & kSequenceMask;
  ++counters_.transmissions;
  contend(now, static_cast<RadioIndex>(sender.value % kMaxRadios));
  settle();
  return SendResult::kOk;
}

void Air::advance(Instant now, AirSink& sink) {
  while (next_event() <= now) {
    const AirEvent event = events_.front();
    events_.pop();
    switch (event.kind) {
      case AirEvent::Kind::kWake:
        on_wake(event.at, event.radio);
        break;
      case AirEvent::Kind::kEnd:
        on_end(event.at, event.radio, sink);
        break;
      case AirEvent::Kind::kAck:
        start_ack(event.at, event.radio);
        break;
      case AirEvent::Kind::kTimeout:
        on_timeout(event.at, event.radio, sink);
        break;
      case AirEvent::Kind::kLate:
        on_late(event.at, event.radio, sink);
        break;
    }
    settle();
  }
}

}  // namespace espial::sim
