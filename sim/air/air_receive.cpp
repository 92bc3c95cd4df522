// What becomes of a frame at its end: decoded or not, acknowledged, and handed to programs.

#include <algorithm>

#include "sim/air/air.hpp"

namespace espial::sim {
namespace {

using Kind = AirEvent::Kind;

/// How long after an acknowledgement should have ended its sender stops waiting.
constexpr Duration kAckGrace{20};
constexpr std::uint64_t kMostChangedBits = 3;

}  // namespace

void Air::on_end(Instant at, RadioIndex index, AirSink& sink) {
  medium_.end(at, index);
  if (radios_[index].sends_ack) {
    end_ack(at, index, sink);
  } else {
    end_frame(at, index, sink);
  }
}

void Air::end_ack(Instant at, RadioIndex index, AirSink& sink) {
  Radio& radio = radios_[index];
  radio.sends_ack = false;
  const RadioIndex sender = radio.ack.to;
  const Flight& flight = radios_[sender].flight;
  const Instant start = at - frame_airtime(kAckBytes, radio.ack.rate);
  const Instant frame_start = start - kSifs - airtime(flight.body.size(), flight.rate);
  bool heard = false;
  for (const Arrival& arrival : medium_.arrivals()) {
    std::int8_t rssi_dbm = 0;
    heard = decodes(arrival, {frame_start, start, at}, radio.ack.rate, kAckBytes, rssi_dbm);
  }
  const bool awaited = flight.state == Flight::State::kAwaitingAck;
  if (!heard) ++counters_.acks_lost;
  resume_calmed(at);
  resume(at, index);
  if (heard && awaited) finish(at, sender, true, sink);
}

void Air::end_frame(Instant at, RadioIndex index, AirSink& sink) {
  Flight& flight = radios_[index].flight;
  const bool broadcast = flight.destination == kBroadcast;
  const std::size_t bytes = frame_size(flight.body.size());
  const Instant start = at - frame_airtime(bytes, flight.rate);
  heard_.clear();
  for (const Arrival& arrival : medium_.arrivals()) {
    Heard heard;
    if (!decodes(arrival, {start, start, at}, flight.rate, bytes, heard.rssi_dbm)) continue;
    if (!accepts(arrival, flight)) continue;
    heard.receiver = id_of(arrival.receiver);
    heard.channel = arrival.channel;
    heard.repeat = flight.heard;
    heard_.push_back(heard);
    if (broadcast) continue;
    flight.heard = true;
    owe_ack(at, arrival.receiver, index);
  }
  resume_calmed(at);
  // The sinks may do anything to radios, flights and this very frame: what is needed is copied.
  heard_body_.assign(flight.body.begin(), flight.body.end());
  ReceivedFrame frame;
  frame.source = flight.source;
  frame.destination = flight.destination;
  frame.body = {heard_body_.data(), heard_body_.size()};
  if (!broadcast) {
    flight.state = Flight::State::kAwaitingAck;
    plan(at + ack_time(flight.rate) + kAckGrace, Kind::kTimeout, index);
  }
  // Changes when the sender vanishes.
  const std::uint32_t& serial = radios_[index].serials[static_cast<std::size_t>(Kind::kEnd)];
  const std::uint32_t serial_before = serial;
  for (const Heard& heard : heard_) sink.on_delivery_near(heard.receiver);
  for (const Heard& heard : heard_) hand_over(at, heard, frame, sink);
  if (broadcast && serial == serial_before) finish(at, index, true, sink);
}

bool Air::decodes(const Arrival& arrival, const Interval& when, Rate rate, std::size_t frame_bytes,
                  std::int8_t& rssi_dbm) {
  const bool followed = arrival.how == Arrival::How::kWhole;
  const Power foreign =
      followed ? foreign_.interference(arrival.channel, when.exchange_start, when.start, when.end)
               : 0;
  const Verdict verdict = judge(arrival, rate, frame_bytes, foreign, settings_, random_);
  rssi_dbm = static_cast<std::int8_t>(std::clamp(verdict.dbm, kWeakestDbm, 0));
  switch (verdict.what) {
    case Verdict::What::kHeard:
      if (verdict.captured) ++counters_.captures;
      if (arrival.spilled) ++counters_.off_channel;
      return true;
    case Verdict::What::kCollided:
      ++counters_.collisions;
      break;
    case Verdict::What::kForeignHit:
      ++counters_.foreign_hits;
      break;
    case Verdict::What::kWeak:
      ++counters_.weak;
      break;
    case Verdict::What::kFaded:
      ++counters_.fades;
      break;
    case Verdict::What::kMissed:
      ++counters_.missed;
      break;
    case Verdict::What::kLost:
      ++counters_.lost;
      break;
  }
  return false;
}

/// Modem sleep switches the receiver off; only a frame to the softAP wakes it.
bool Air::accepts(const Arrival& arrival, const Flight& flight) {
  const Radio& receiver = radios_[arrival.receiver];
  if (!receiver.station_asleep) return true;
  if (flight.destination == receiver.settings.second_address) ++counters_.past_sleep;
  if (flight.destination != receiver.settings.address) return true;
  if (!random_.chance(settings_.asleep_permille)) return true;
  ++counters_.asleep;
  return false;
}

void Air::owe_ack(Instant at, RadioIndex receiver, RadioIndex sender) {
  const Flight& flight = radios_[sender].flight;
  radios_[receiver].ack = {sender, flight.source, ack_rate(flight.rate)};
  pause(at, receiver);
  // Said again: the medium knows nothing of the fading that may have made this frame clean enough.
  medium_.reserve(receiver, at + ack_time(flight.rate));
  resume(at, receiver);
  plan(at + kSifs, Kind::kAck, receiver);
}

/// The way from radio to program: the filter for repeats, the limit of length, and mishaps.
void Air::hand_over(Instant at, const Heard& heard, const ReceivedFrame& as_sent, AirSink& sink) {
  const Radio* const receiver = find(heard.receiver);
  if (receiver == nullptr || !receiver->powered) return;
  if (heard.repeat) {
    ++counters_.repeats;
    if (!random_.chance(settings_.repeat_permille)) return;
    ++counters_.repeats_passed;
  }
  if (as_sent.body.size() > receiver->settings.max_body_size) {
    ++counters_.too_long;
    return;
  }
  if (random_.chance(settings_.drop_permille)) {
    ++counters_.dropped;
    return;
  }
  ReceivedFrame frame = as_sent;
  frame.rssi_dbm = heard.rssi_dbm;
  frame.channel = heard.channel;
  if (!frame.body.empty() && random_.chance(settings_.corrupt_permille)) {
    ++counters_.corrupted;
    changed_body_.assign(frame.body.begin(), frame.body.end());
    for (std::uint64_t bits = 1 + random_.below(kMostChangedBits); bits > 0; --bits) {
      const std::uint64_t bit = random_.below(changed_body_.size() * 8);
      changed_body_[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    frame.body = {changed_body_.data(), changed_body_.size()};
  }
  const bool twice = random_.chance(settings_.duplicate_permille);
  if (!random_.chance(settings_.late_permille) || !delay(at, heard.receiver, frame)) {
    deliver(at, heard.receiver, frame, sink);
  }
  if (!twice) return;
  ++counters_.duplicates;
  deliver(at, heard.receiver, frame, sink);
}

void Air::deliver(Instant at, RadioId receiver, const ReceivedFrame& frame, AirSink& sink) {
  ++counters_.deliveries;
  sink.on_delivery(at, receiver, frame);
}

/// @retval false  kMaxLate frames are late already.
bool Air::delay(Instant at, RadioId receiver, const ReceivedFrame& frame) {
  const auto free =
      std::find_if(late_.begin(), late_.end(), [](const LateFrame& late) { return !late.used; });
  if (free == late_.end()) return false;
  ++counters_.late;
  free->used = true;
  free->receiver = receiver;
  free->frame = frame;
  free->body.assign(frame.body.begin(), frame.body.end());
  free->frame.body = {free->body.data(), free->body.size()};
  const auto most_us =
      static_cast<std::uint64_t>(std::max<std::int64_t>(settings_.late_most.us, 1));
  AirEvent event;
  event.at = at + Duration{1 + static_cast<std::int64_t>(random_.below(most_us))};
  event.kind = Kind::kLate;
  event.radio = static_cast<RadioIndex>(free - late_.begin());
  events_.add(event);
  return true;
}

void Air::on_late(Instant at, std::size_t slot, AirSink& sink) {
  LateFrame& late = late_[slot];
  const Radio* const receiver = find(late.receiver);
  if (receiver != nullptr && receiver->powered) deliver(at, late.receiver, late.frame, sink);
  late.used = false;
}

}  // namespace espial::sim
