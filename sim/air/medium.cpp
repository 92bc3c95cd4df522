#include "sim/air/medium.hpp"

#include <algorithm>
#include <cstdlib>

#include "sim/air/packet_error.hpp"

namespace espial::sim {
namespace {

/// A receiver can tell it from noise, though it may not decode all of it.
bool noticeable(Rate rate, int dbm) { return dbm > sensitivity_dbm(rate) - kHopelessDb; }

}  // namespace

Medium::Medium(const Settings& settings)
    : settings_(settings), neighbours_(settings.seed, settings.propagation) {
  for (std::uint8_t a = 0; a <= kChannelCount; ++a) {
    for (std::uint8_t b = 0; b <= kChannelCount; ++b) {
      const int loss = channel_distance_loss_db(Channel{a}, Channel{b});
      channel_loss_db_[a][b] = static_cast<std::uint8_t>(loss);
    }
  }
}

void Medium::add(Instant now, RadioIndex index, const MacAddress& mac,
                 const std::optional<Position>& position, Channel channel) {
  if (index >= ears_.size()) {
    ears_.resize(index + std::size_t{1});
    senders_.resize(ears_.size());
    noticed_.reserve(ears_.size());
    calmed_.reserve(ears_.size());
    arrivals_.reserve(ears_.size());
  }
  neighbours_.add(index, mac, position);
  ears_[index] = {};
  ears_[index].channel = channel;
  ears_[index].on = true;
  listen_anew(now, index);
}

void Medium::remove(Instant now, RadioIndex index) {
  set_on(now, index, false);
  neighbours_.remove(index);
  senders_[index].goes_to.reset();
}

void Medium::move(Instant now, RadioIndex index, const Position& position) {
  if (ears_[index].sending) {
    senders_[index].goes_to = position;
    return;
  }
  neighbours_.move(index, position);
  listen_anew(now, index);
}

void Medium::tune(Instant now, RadioIndex index, Channel channel) {
  ears_[index].channel = channel;
  listen_anew(now, index);
}

void Medium::set_on(Instant now, RadioIndex index, bool on) {
  if (ears_[index].sending) abort(now, index);
  ears_[index].on = on;
  ears_[index].reserved_until = {};
  ears_[index].waiting = false;
  listen_anew(now, index);
}

Medium::Reach Medium::reach(const Signal& signal, const Neighbours::Neighbour& neighbour) const {
  const Ear& ear = ears_[neighbour.index];
  const int channel_loss_db = channel_loss_db_[signal.channel.number][ear.channel.number];
  if (!ear.on || channel_loss_db == kInaudible) return {};
  return {signal.power_dbm - neighbour.loss_db - channel_loss_db,
          std::abs(int{signal.channel.number} - int{ear.channel.number})};
}

void Medium::begin(Instant now, RadioIndex index, const Signal& signal) {
  noticed_.clear();
  senders_[index].signal = signal;
  senders_[index].began = now;
  ears_[index].sending = true;
  ears_[index].locked_on = kToNobody;
  for (const auto& neighbour : neighbours_.of(index)) {
    const Reach at = reach(signal, neighbour);
    if (at.dbm < kFaintestDbm) continue;
    Ear& ear = ears_[neighbour.index];
    follow(ear, index, signal, at);
    if (!settings_.carrier_sense.senses(at.dbm, at.channels_away == 0)) continue;
    ++ear.sensed;
    if (ear.waiting) noticed_.push_back(neighbour.index);
  }
}

/// The ear hears a signal begin: it follows it, or is disturbed by it.
void Medium::follow(Ear& ear, RadioIndex from, const Signal& signal, const Reach& at) {
  const Power before = ear.power;
  ear.power += power_of(at.dbm);
  const bool decodable = at.channels_away == 0 || (at.channels_away == 1 && signal.spills);
  const bool strong_enough = noticeable(signal.rate, at.dbm) &&
                             (before == 0 || at.dbm - dbm_of(before) >= settings_.capture_db);
  if (decodable && strong_enough && !ear.sending) {
    ear.locked_on = from;
    ear.locked_dbm = static_cast<std::int8_t>(at.dbm);
    ear.most_beside = before;
  } else if (ear.locked_on != kToNobody) {
    ear.most_beside = std::max(ear.most_beside, ear.power - power_of(ear.locked_dbm));
  }
}

void Medium::end(Instant now, RadioIndex index) { silence(now, index, true); }

void Medium::abort(Instant now, RadioIndex index) { silence(now, index, false); }

void Medium::silence(Instant now, RadioIndex index, bool complete) {
  arrivals_.clear();
  calmed_.clear();
  const Signal& signal = senders_[index].signal;
  for (const auto& neighbour : neighbours_.of(index)) {
    const Reach at = reach(signal, neighbour);
    if (at.dbm < kFaintestDbm) continue;
    Ear& ear = ears_[neighbour.index];
    ear.power -= power_of(at.dbm);
    if (complete) arrive(now, index, neighbour.index, at);
    if (ear.locked_on == index) ear.locked_on = kToNobody;
    if (!settings_.carrier_sense.senses(at.dbm, at.channels_away == 0)) continue;
    --ear.sensed;
    if (ear.waiting && ear.sensed == 0) calmed_.push_back(neighbour.index);
  }
  ears_[index].sending = false;
  ears_[index].attentive_since = now;
  if (const auto goes_to = senders_[index].goes_to) {
    senders_[index].goes_to.reset();
    move(now, index, *goes_to);
  }
}

/// The signal of `from` has ended at an ear that it reached.
void Medium::arrive(Instant now, RadioIndex from, RadioIndex receiver, const Reach& at) {
  const auto& [signal, began, goes_to] = senders_[from];
  Ear& ear = ears_[receiver];
  const bool followed = ear.locked_on == from;
  if (followed && signal.reserves > Duration{} &&
      at.dbm - dbm_of(ear.most_beside) >= settings_.capture_db) {
    ear.reserved_until = std::max(ear.reserved_until, now + signal.reserves);
  }
  if (signal.to != receiver && signal.to != kToEverybody) return;
  if (at.channels_away != 0 && !followed) return;
  Arrival arrival;
  arrival.receiver = receiver;
  arrival.dbm = at.dbm;
  arrival.spilled = at.channels_away != 0;
  if (followed) {
    arrival.disturbance = ear.most_beside;
  } else if (!noticeable(signal.rate, at.dbm)) {
    arrival.how = Arrival::How::kTooWeak;
  } else if (ear.sending || ear.attentive_since > began) {
    arrival.how = Arrival::How::kMissed;
  } else {
    arrival.how = Arrival::How::kDrowned;
  }
  arrivals_.push_back(arrival);
}

/// What is on the air at an ear that was not there before. It has missed the beginnings.
void Medium::listen_anew(Instant now, RadioIndex index) {
  Ear& ear = ears_[index];
  ear.power = 0;
  ear.sensed = 0;
  ear.locked_on = kToNobody;
  ear.attentive_since = now;
  for (const auto& neighbour : neighbours_.of(index)) {
    if (!ears_[neighbour.index].sending) continue;
    const Reach at = reach(senders_[neighbour.index].signal, {index, neighbour.loss_db});
    if (at.dbm < kFaintestDbm) continue;
    ear.power += power_of(at.dbm);
    if (settings_.carrier_sense.senses(at.dbm, at.channels_away == 0)) ++ear.sensed;
  }
}

}  // namespace espial::sim
