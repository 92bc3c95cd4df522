// The MAC: waiting for silence, sending, acknowledging, sending again.

#include <algorithm>

#include "sim/air/air.hpp"

namespace espial::sim {
namespace {

using Kind = AirEvent::Kind;

constexpr std::size_t slot_of(Kind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

/// Plans the one event of its kind that counts for this radio.
void Air::plan(Instant at, Kind kind, RadioIndex index) {
  AirEvent event;
  event.at = at;
  event.kind = kind;
  event.radio = index;
  event.serial = ++radios_[index].serials[slot_of(kind)];
  events_.add(event);
}

void Air::plan_wake(RadioIndex index) {
  Radio& radio = radios_[index];
  radio.wake_planned = true;
  radio.wake_at = radio.flight.back_off.fire_at();
  plan(radio.wake_at, Kind::kWake, index);
}

/// Clears the head of the queue of what does not count any more, so that next_event() is the truth.
void Air::settle() {
  while (!events_.empty()) {
    const AirEvent event = events_.front();
    if (event.kind == Kind::kLate) return;
    Radio& radio = radios_[event.radio];
    const Flight& flight = radio.flight;
    const bool current = event.serial == radio.serials[slot_of(event.kind)];
    const bool waiting = flight.state == Flight::State::kWaiting;
    const bool wake = event.kind == Kind::kWake;
    if (current && (!wake || (waiting && flight.back_off.fire_at() <= event.at))) return;
    events_.pop();
    if (!wake || !current) continue;
    // The wait stood still for a while: it is over later, or nobody knows yet when.
    radio.wake_planned = false;
    if (waiting && !flight.back_off.paused()) plan_wake(event.radio);
  }
}

void Air::contend(Instant now, RadioIndex index) {
  Radio& radio = radios_[index];
  Flight& flight = radio.flight;
  const bool broadcast = flight.destination == kBroadcast;
  const auto attempt = static_cast<std::size_t>(flight.attempt);
  flight.rate = radio.settings.rates[broadcast ? 0 : attempt];
  const AccessTiming timing = access_timing(flight.rate);
  const std::uint32_t window = std::min(timing.first_window << attempt, kMaxWindowSlots);
  flight.back_off = BackOff(timing, static_cast<std::uint32_t>(random_.below(window)));
  flight.state = Flight::State::kWaiting;
  medium_.set_waiting(index, true);
  if (medium_.senses(index)) ++counters_.sensed_busy;
  resume(now, index);
}

void Air::pause(Instant at, RadioIndex index) {
  Flight& flight = radios_[index].flight;
  if (flight.state != Flight::State::kWaiting || flight.back_off.paused()) return;
  flight.back_off.pause(at, foreign_, radios_[index].settings.channel);
}

/// The wait goes on, if there is one and nothing stands against it.
void Air::resume(Instant now, RadioIndex index) {
  Radio& radio = radios_[index];
  Flight& flight = radio.flight;
  if (flight.state != Flight::State::kWaiting || !flight.back_off.paused()) return;
  if (medium_.senses(index) || medium_.sending(index)) return;
  const Instant from = std::max({now, flight.given_at, medium_.reserved_until(index)});
  if (flight.back_off.resume(from, foreign_, radio.settings.channel)) ++counters_.foreign_busy;
  // A wake that is already planned for earlier finds out by itself.
  if (radio.wake_planned && radio.wake_at <= flight.back_off.fire_at()) return;
  plan_wake(index);
}

void Air::resume_calmed(Instant now) {
  for (const RadioIndex index : medium_.calmed()) resume(now, index);
}

void Air::on_wake(Instant at, RadioIndex index) {
  radios_[index].wake_planned = false;
  start_attempt(at, index);
}

RadioIndex Air::receiver_of(const Flight& flight) const {
  if (flight.receiver < radios_.size()) {
    const Radio& known = radios_[flight.receiver];
    const bool hears = known.settings.address == flight.destination ||
                       known.settings.second_address == flight.destination;
    if (known.present && hears) return flight.receiver;
  }
  const auto owner = owners_.find(flight.destination);
  return owner == owners_.end() ? kToNobody : owner->second;
}

void Air::start_attempt(Instant at, RadioIndex index) {
  Radio& radio = radios_[index];
  Flight& flight = radio.flight;
  if (medium_.senses(index)) ++counters_.blind_starts;
  ++counters_.attempts;
  if (++flight.attempt > 1) ++counters_.retries;
  flight.state = Flight::State::kOnAir;
  radio.sends_ack = false;
  medium_.set_waiting(index, false);
  Signal signal;
  signal.rate = flight.rate;
  if (flight.destination == kBroadcast) {
    signal.to = kToEverybody;
  } else {
    signal.to = flight.receiver = receiver_of(flight);
    signal.reserves = ack_time(flight.rate);
  }
  emit(at, index, signal, frame_size(flight.body.size()));
}

void Air::start_ack(Instant at, RadioIndex index) {
  Radio& radio = radios_[index];
  if (medium_.sending(index)) return;
  radio.sends_ack = true;
  ++counters_.acks;
  Signal signal;
  signal.rate = radio.ack.rate;
  signal.to = radio.ack.to;
  emit(at, index, signal, kAckBytes);
}

/// Puts a frame or an acknowledgement on the air.
void Air::emit(Instant at, RadioIndex index, const Signal& plain, std::size_t frame_bytes) {
  const Radio& radio = radios_[index];
  Signal signal = plain;
  signal.channel = radio.settings.channel;
  signal.power_dbm = radio.settings.tx_power_dbm;
  signal.spills = random_.chance(settings_.off_channel_permille);
  const Duration duration = frame_airtime(frame_bytes, signal.rate);
  Duration& airtime = counters_.airtime[signal.channel.number];
  airtime = airtime + duration;
  if (tap_ != nullptr) show_tap(at, at + duration, index, signal);
  medium_.begin(at, index, signal);
  for (const RadioIndex other : medium_.noticed()) {
    const BackOff& back_off = radios_[other].flight.back_off;
    if (back_off.paused() || back_off.blind_at(at)) continue;
    ++counters_.sensed_busy;
    pause(at, other);
  }
  plan(at + duration, Kind::kEnd, index);
}

void Air::show_tap(Instant start, Instant end, RadioIndex index, const Signal& signal) {
  const Radio& radio = radios_[index];
  const Flight& flight = radio.flight;
  Transmission shown;
  shown.start = start;
  shown.end = end;
  shown.channel = signal.channel;
  shown.rate = signal.rate;
  shown.acknowledgement = radio.sends_ack;
  if (radio.sends_ack) {
    shown.destination = radio.ack.address;
  } else {
    shown.retry = flight.attempt > 1;
    shown.source = flight.source;
    shown.destination = flight.destination;
    shown.sequence = flight.sequence;
    shown.random = flight.random;
    shown.body = {flight.body.data(), flight.body.size()};
  }
  tap_->on_transmission(shown);
}

void Air::on_timeout(Instant at, RadioIndex index, AirSink& sink) {
  if (radios_[index].flight.attempt < kMaxAttempts) {
    contend(at, index);
    return;
  }
  ++counters_.unanswered;
  finish(at, index, false, sink);
}

void Air::finish(Instant at, RadioIndex index, bool acknowledged, AirSink& sink) {
  Radio& radio = radios_[index];
  radio.flight.state = Flight::State::kNone;
  ++radio.serials[slot_of(Kind::kTimeout)];
  sink.on_sent(at, id_of(index), acknowledged);
}

}  // namespace espial::sim
