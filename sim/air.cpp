#include "sim/air.hpp"

#include <algorithm>

namespace espial::sim {
namespace {

constexpr std::size_t kElementBody = 250;
/// 802.11 header, category, OUI, random bytes and FCS.
constexpr std::size_t kFrameOverhead = 24 + 1 + 3 + 4 + 4;
/// Element ID, length, OUI, type and version.
constexpr std::size_t kElementOverhead = 7;
constexpr std::int64_t kPreambleUs = 192;
constexpr std::int64_t kUsPerByte = 8;

/// Strength one metre away, and what each doubling of the distance costs.
constexpr int kRssiAtMetreDbm = -40;
constexpr int kDbPerDoubling = 9;

bool valid_body_limit(std::size_t size) { return size == kMaxBodyV1 || size == kMaxBodyV2; }

/// 16 * log2(value), by halving; `value` at least 1.
int log2_sixteenths(std::uint64_t value) {
  int whole = 0;
  while (value >> (whole + 1) != 0) ++whole;
  // The mantissa in 1/2^16, squared four times: each carry is one binary digit of the logarithm.
  std::uint64_t mantissa = whole >= 16 ? value >> (whole - 16) : value << (16 - whole);
  int result = whole;
  for (int digit = 0; digit < 4; ++digit) {
    mantissa = (mantissa * mantissa) >> 16U;
    result *= 2;
    if (mantissa >> 17U != 0) {
      mantissa >>= 1U;
      ++result;
    }
  }
  return result;
}

}  // namespace

Duration airtime(std::size_t body_size) {
  const std::size_t elements = body_size == 0 ? 1 : (body_size + kElementBody - 1) / kElementBody;
  const std::size_t bytes = kFrameOverhead + elements * kElementOverhead + body_size;
  return {kPreambleUs + kUsPerByte * static_cast<std::int64_t>(bytes)};
}

Air::Air(const AirSettings& settings) : settings_(settings), random_(settings.seed) {}

bool Air::later(const Event& a, const Event& b) {
  return a.at != b.at ? a.at > b.at : a.order > b.order;
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

std::optional<RadioId> Air::add_radio(const RadioSettings& settings) {
  if (!settings.channel.valid() || settings.address == kBroadcast) return std::nullopt;
  if (!valid_body_limit(settings.max_body_size)) return std::nullopt;
  const MacAddress second = settings.second_address.value_or(settings.address);
  if (owners_.count(settings.address) != 0 || owners_.count(second) != 0) return std::nullopt;
  if (free_places_.empty()) {
    if (radios_.size() >= kMaxRadios) return std::nullopt;
    free_places_.push_back(static_cast<std::uint32_t>(radios_.size()));
    radios_.emplace_back();
  }
  const std::uint32_t index = free_places_.back();
  free_places_.pop_back();
  Radio radio;
  radio.settings = settings;
  // Events of the radio that was here before must not be taken for this one's.
  radio.flight = radios_[index].flight;
  radio.generation = radios_[index].generation;
  radios_[index] = radio;
  owners_[settings.address] = index;
  owners_[second] = index;
  return id_of(index);
}

void Air::remove_radio(RadioId id) {
  Radio* radio = find(id);
  if (radio == nullptr) return;
  owners_.erase(radio->settings.address);
  if (radio->settings.second_address.has_value()) owners_.erase(*radio->settings.second_address);
  radio->present = false;
  radio->sending = false;
  radio->body = {};
  ++radio->generation;
  free_places_.push_back(id.value % kMaxRadios);
}

void Air::tune(Instant now, RadioId id, Channel channel) {
  Radio* radio = find(id);
  if (radio == nullptr || !channel.valid() || radio->settings.channel == channel) return;
  radio->settings.channel = channel;
  radio->tuned_at = now;
}

Channel Air::channel(RadioId id) const {
  const Radio* radio = find(id);
  return radio == nullptr ? Channel{} : radio->settings.channel;
}

void Air::move(RadioId id, Position position) {
  Radio* radio = find(id);
  if (radio != nullptr) radio->settings.position = position;
}

void Air::set_powered(Instant now, RadioId id, bool powered) {
  Radio* radio = find(id);
  if (radio == nullptr || radio->powered == powered) return;
  radio->powered = powered;
  radio->sending = false;
  radio->tuned_at = now;
}

void Air::set_quality(const AirSettings& settings) {
  const std::uint64_t seed = settings_.seed;
  settings_ = settings;
  settings_.seed = seed;
}

Air::SendResult Air::transmit(Instant now, RadioId sender, const MacAddress& destination,
                              ByteView body, std::optional<MacAddress> forged_source) {
  Radio* radio = find(sender);
  SendResult result = SendResult::kOk;
  if (radio == nullptr || !radio->powered) {
    result = SendResult::kUnknown;
  } else if (radio->sending) {
    result = SendResult::kBusy;
  } else if (body.size() > radio->settings.max_body_size) {
    result = SendResult::kTooLong;
  }
  if (result != SendResult::kOk) {
    ++counters_.refused;
    return result;
  }
  radio->sending = true;
  radio->heard = false;
  radio->attempt = 0;
  ++radio->flight;
  radio->flight_channel = radio->settings.channel;
  radio->source = forged_source.value_or(radio->settings.address);
  radio->destination = destination;
  radio->body.assign(body.begin(), body.end());
  ++counters_.transmissions;
  schedule(now, sender.value % kMaxRadios);
  return SendResult::kOk;
}

void Air::schedule(Instant now, std::uint32_t index) {
  Radio& radio = radios_[index];
  const std::uint32_t window =
      std::min(kContentionSlots << static_cast<std::uint32_t>(radio.attempt), kMaxContentionSlots);
  const auto slots = static_cast<std::int64_t>(random_.below(window));
  Instant& busy_until = busy_until_[radio.flight_channel.number];
  radio.start = std::max(now, busy_until) + kDifs + kSlotTime * slots;
  Instant end = radio.start + airtime(radio.body.size());
  if (radio.destination != kBroadcast) end = end + kAckTime;
  busy_until = end;
  ++radio.attempt;
  ++counters_.attempts;
  events_.push_back({end, order_++, index, radio.flight});
  std::push_heap(events_.begin(), events_.end(), later);
}

Instant Air::next_event() const { return events_.empty() ? kNever : events_.front().at; }

void Air::advance(Instant now, AirSink& sink) {
  while (!events_.empty() && events_.front().at <= now) {
    std::pop_heap(events_.begin(), events_.end(), later);
    const Event event = events_.back();
    events_.pop_back();
    const Radio& radio = radios_[event.radio];
    if (radio.sending && radio.flight == event.flight) finish_attempt(event, sink);
  }
}

void Air::finish_attempt(const Event& event, AirSink& sink) {
  const MacAddress destination = radios_[event.radio].destination;
  const bool broadcast = destination == kBroadcast;
  bool acknowledged = broadcast;
  if (broadcast) {
    // A sink may add radios: those were not there when the frame began.
    const auto count = static_cast<std::uint32_t>(radios_.size());
    for (std::uint32_t i = 0; i < count; ++i) receive(event, i, sink);
  } else {
    const auto owner = owners_.find(destination);
    if (owner != owners_.end()) acknowledged = receive(event, owner->second, sink);
  }
  Radio& sender = radios_[event.radio];
  if (!sender.sending || sender.flight != event.flight) return;
  // Whoever has left the channel does not hear the acknowledgement.
  if (!broadcast && sender.settings.channel != sender.flight_channel) acknowledged = false;
  if (!acknowledged && sender.attempt < kMaxAttempts) {
    schedule(event.at, event.radio);
    return;
  }
  if (!acknowledged) ++counters_.unanswered;
  sender.sending = false;
  sink.on_sent(event.at, id_of(event.radio), acknowledged);
}

bool Air::receive(const Event& event, std::uint32_t index, AirSink& sink) {
  Radio& sender = radios_[event.radio];
  const Radio& receiver = radios_[index];
  if (index == event.radio || !receiver.present || !receiver.powered) return false;
  if (receiver.settings.channel != sender.flight_channel || receiver.tuned_at > sender.start) {
    return false;
  }
  const std::int8_t rssi_dbm = strength(sender, receiver);
  if (!decodes(rssi_dbm)) {
    ++counters_.lost;
    return false;
  }
  const bool broadcast = sender.destination == kBroadcast;
  // The receiving MAC filters repeats; now and then one slips through.
  const bool repeat = !broadcast && sender.heard;
  sender.heard = true;
  if (sender.body.size() > receiver.settings.max_body_size) {
    ++counters_.too_long;
  } else if (!repeat && random_.chance(settings_.drop_permille)) {
    ++counters_.dropped;
  } else {
    const bool twice = random_.chance(settings_.duplicate_permille);
    if (!repeat) deliver(event, index, rssi_dbm, sink);
    if (twice) {
      ++counters_.duplicates;
      deliver(event, index, rssi_dbm, sink);
    }
  }
  return broadcast || !random_.chance(settings_.loss_permille);
}

void Air::deliver(const Event& event, std::uint32_t index, std::int8_t rssi_dbm, AirSink& sink) {
  const Radio& sender = radios_[event.radio];
  // A copy: the sink may transmit, and so change the sender's buffer.
  const std::vector<std::uint8_t> body = sender.body;
  ReceivedFrame frame;
  frame.source = sender.source;
  frame.destination = sender.destination;
  frame.rssi_dbm = rssi_dbm;
  frame.channel = sender.flight_channel;
  frame.body = {body.data(), body.size()};
  ++counters_.deliveries;
  sink.on_delivery(event.at, id_of(index), frame);
}

std::int8_t Air::strength(const Radio& a, const Radio& b) const {
  if (!a.settings.position.has_value() || !b.settings.position.has_value()) return kDefaultRssiDbm;
  const std::int64_t dx = a.settings.position->x_cm - std::int64_t{b.settings.position->x_cm};
  const std::int64_t dy = a.settings.position->y_cm - std::int64_t{b.settings.position->y_cm};
  constexpr std::int64_t kFurthestCm = 10'000'000;
  const std::int64_t x = std::clamp(dx, -kFurthestCm, kFurthestCm);
  const std::int64_t y = std::clamp(dy, -kFurthestCm, kFurthestCm);
  // log2 of the squared distance in metres, in 1/16: half of it is the distance's.
  const auto squared_cm = static_cast<std::uint64_t>(x * x + y * y);
  const std::uint64_t squared_m = std::max<std::uint64_t>(squared_cm / 10'000, 1);
  const int loss_db = kDbPerDoubling * log2_sixteenths(squared_m) / 32;
  return static_cast<std::int8_t>(std::max(kRssiAtMetreDbm - loss_db, -127));
}

bool Air::decodes(std::int8_t rssi_dbm) {
  std::uint32_t loss = settings_.loss_permille;
  if (rssi_dbm < kSensitivityDbm) return false;
  if (rssi_dbm < kClearDbm) {
    const auto weak = static_cast<std::uint32_t>(1000 * (kClearDbm - rssi_dbm) /
                                                 (kClearDbm - kSensitivityDbm + 1));
    loss = std::max(loss, weak);
  }
  return !random_.chance(loss);
}

}  // namespace espial::sim
