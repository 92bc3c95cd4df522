#include "sim/air/medium.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "sim/air/packet_error.hpp"

namespace espial::sim {
namespace {

/// Grows when more happens at once.
constexpr std::size_t kFirstLogSize = 64;
constexpr std::size_t kWordBits = 64;

/// A receiver can tell it from noise, though it may not decode all of it.
bool noticeable(Rate rate, int dbm) { return dbm > sensitivity_dbm(rate) - kHopelessDb; }

}  // namespace

Medium::Medium(const Settings& settings)
    : settings_(settings), neighbours_(settings.seed, settings.propagation), log_(kFirstLogSize) {
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
    tuned_.resize(ears_.size());
    for (auto& ears : listeners_) ears.resize(index / kWordBits + std::size_t{1});
    senders_.resize(ears_.size());
    sending_.reserve(ears_.size());
    waiting_.reserve(ears_.size());
    noticed_.reserve(ears_.size());
    calmed_.reserve(ears_.size());
    arrivals_.reserve(ears_.size());
  }
  neighbours_.add(index, mac, position);
  ears_[index] = {};
  ears_[index].channel = channel;
  ears_[index].on = true;
  note_tuning(index);
  listen_anew(now, index);
}

void Medium::remove(Instant now, RadioIndex index) {
  set_on(now, index, false);
  listen_everywhere();
  neighbours_.remove(index);
  senders_[index].goes_to.reset();
}

void Medium::move(Instant now, RadioIndex index, const Position& position) {
  if (ears_[index].sending) {
    senders_[index].goes_to = position;
    return;
  }
  listen_everywhere();
  neighbours_.move(index, position);
  listen_anew(now, index);
}

void Medium::tune(Instant now, RadioIndex index, Channel channel) {
  listen(index).channel = channel;
  note_tuning(index);
  listen_anew(now, index);
}

void Medium::set_on(Instant now, RadioIndex index, bool on) {
  if (ears_[index].sending) abort(now, index);
  ears_[index].on = on;
  note_tuning(index);
  ears_[index].reserved_until = {};
  set_waiting(index, false);
  listen_anew(now, index);
}

void Medium::note_tuning(RadioIndex index) {
  const std::uint64_t bit = std::uint64_t{1} << index % kWordBits;
  listeners_[tuned_[index]][index / kWordBits] &= ~bit;
  tuned_[index] = ears_[index].on ? ears_[index].channel.number : 0;
  listeners_[tuned_[index]][index / kWordBits] |= bit;
}

void Medium::set_waiting(RadioIndex index, bool waiting) {
  Ear& ear = listen(index);
  if (ear.waiting == waiting) return;
  ear.waiting = waiting;
  const auto place = std::lower_bound(waiting_.begin(), waiting_.end(), index);
  waiting ? (void)waiting_.insert(place, index) : (void)waiting_.erase(place);
}

/// The ear of `index` with everything worked off.
Medium::Ear& Medium::listen(RadioIndex index) {
  Ear& ear = ears_[index];
  if (ear.next_step == next_step_) return ear;
  if (ear.on) {
    if (ear.next_step < first_step_) start_over(ear, index);
    const std::uint8_t* const losses = neighbours_.losses_of(index);
    for (std::uint64_t number = ear.next_step; number < next_step_; ++number) {
      const Step& next = step(number);
      work_off(ear, next, reach(next.signal, losses[next.from], ear));
    }
  }
  ear.next_step = next_step_;
  return ear;
}

/// Makes the ear what it was when the log began. Nobody has asked it since before that, so it was
/// not sending either.
void Medium::start_over(Ear& ear, RadioIndex index) {
  const std::uint64_t attentive_in_step = ear.attentive_in_step;
  listen_anew(ear.attentive_since, index);
  ear.attentive_in_step = attentive_in_step;
  ear.next_step = first_step_;
  const std::uint8_t* const losses = neighbours_.losses_of(index);
  for (std::uint64_t number = next_step_; number > first_step_; --number) {
    const Step& undone = step(number - 1);
    const Reach at = reach(undone.signal, losses[undone.from], ear);
    if (at.dbm < kFaintestDbm) continue;
    const bool began = undone.what == Step::What::kBegin;
    began ? ear.power -= power_of(at.dbm) : ear.power += power_of(at.dbm);
    if (!settings_.carrier_sense.senses(at.dbm, at.channels_away == 0)) continue;
    began ? --ear.sensed : ++ear.sensed;
  }
}

void Medium::work_off(Ear& ear, const Step& step, const Reach& at) const {
  if (at.dbm < kFaintestDbm) return;
  const bool sensed = settings_.carrier_sense.senses(at.dbm, at.channels_away == 0);
  if (step.what == Step::What::kBegin) {
    follow(ear, step.from, step.signal, at);
    if (sensed) ++ear.sensed;
    return;
  }
  ear.power -= power_of(at.dbm);
  if (sensed) --ear.sensed;
  if (ear.locked_on != step.from) return;
  ear.locked_on = kToNobody;
  const bool clean = at.dbm - dbm_of(ear.most_beside) >= settings_.capture_db;
  if (step.what == Step::What::kEnd && step.signal.reserves > Duration{} && clean) {
    ear.reserved_until = std::max(ear.reserved_until, step.at + step.signal.reserves);
  }
}

/// The waiting ears work off the newest step, and hear of it where it changes whether they wait.
void Medium::tell_waiting() {
  const Step& newest = step(next_step_ - 1);
  const std::uint8_t* const losses = neighbours_.losses_of(newest.from);
  for (const RadioIndex index : waiting_) {
    if (index == newest.from) continue;
    Ear& ear = ears_[index];
    const std::uint16_t before = ear.sensed;
    work_off(ear, newest, reach(newest.signal, losses[index], ear));
    ear.next_step = next_step_;
    if (ear.sensed > before) noticed_.push_back(index);
    if (ear.sensed < before && ear.sensed == 0) calmed_.push_back(index);
  }
}

/// Before something changes that the log does not tell of.
void Medium::listen_everywhere() {
  moved_in_step_ = next_step_;
  for (std::size_t index = 0; index < ears_.size(); ++index) {
    (void)listen(static_cast<RadioIndex>(index));
  }
}

void Medium::add_step(const Step& added) {
  if (next_step_ - first_step_ == log_.size()) {
    std::vector<Step> larger(2 * log_.size());
    for (std::uint64_t number = first_step_; number < next_step_; ++number) {
      larger[number & (larger.size() - 1)] = step(number);
    }
    log_.swap(larger);
  }
  step(next_step_++) = added;
}

void Medium::forget_steps(Instant now) {
  while (first_step_ < next_step_ && step(first_step_).matters_until <= now) ++first_step_;
}

Medium::Reach Medium::reach(const Signal& signal, int loss_db, const Ear& ear) const {
  const int channels_away = std::abs(int{signal.channel.number} - int{ear.channel.number});
  const int channel_loss_db = channel_loss_db_[signal.channel.number][ear.channel.number];
  return {signal.power_dbm - loss_db - channel_loss_db, channels_away};
}

void Medium::begin(Instant now, RadioIndex index, const Signal& signal) {
  noticed_.clear();
  forget_steps(now);
  Ear& own = listen(index);
  own.sending = true;
  own.locked_on = kToNobody;
  Sender& sender = senders_[index];
  sender.signal = signal;
  sender.began = now;
  sender.begun_in_step = next_step_;
  sending_.push_back(index);
  add_step({Step::What::kBegin, index, signal, now, kNever, next_step_});
  own.next_step = next_step_;
  tell_waiting();
}

/// The ear hears a signal begin: it follows it, or is disturbed by it.
void Medium::follow(Ear& ear, RadioIndex from, const Signal& signal, const Reach& at) const {
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
  Sender& sender = senders_[index];
  const Signal& signal = sender.signal;
  if (complete && signal.to == kToEverybody) {
    arrive_everywhere(index);
  } else if (complete && signal.to < ears_.size() && signal.to != index) {
    arrive(index, signal.to);
  }
  Ear& own = listen(index);
  own.sending = false;
  own.attentive_since = now;
  own.attentive_in_step = next_step_;
  sending_.erase(std::find(sending_.begin(), sending_.end(), index));
  Step over{complete ? Step::What::kEnd : Step::What::kBreakOff,
            index,
            signal,
            now,
            now,
            sender.begun_in_step};
  if (complete) over.matters_until = now + signal.reserves;
  step(sender.begun_in_step).matters_until = over.matters_until;
  add_step(over);
  own.next_step = next_step_;
  tell_waiting();
  if (const auto goes_to = sender.goes_to) {
    sender.goes_to.reset();
    move(now, index, *goes_to);
  }
}

/// The signal of `from` is about to end at an ear that it may have reached.
void Medium::arrive(RadioIndex from, RadioIndex receiver) {
  const auto& [signal, began, begun_in_step, goes_to] = senders_[from];
  const Reach at = reach(signal, neighbours_.losses_of(from)[receiver], ears_[receiver]);
  const bool decodable = at.channels_away == 0 || (at.channels_away == 1 && signal.spills);
  if (!ears_[receiver].on || at.dbm < kFaintestDbm || !decodable) return;
  const Ear& ear = ears_[receiver];
  const bool noticed = noticeable(signal.rate, at.dbm);
  const bool missed = ear.sending || ear.attentive_since > began;
  // Only who could follow it has to be asked whether it did.
  const bool followed = noticed && !missed && listen(receiver).locked_on == from;
  if (at.channels_away != 0 && !followed) return;
  Arrival arrival;
  arrival.receiver = receiver;
  arrival.channel = ear.channel;
  arrival.dbm = at.dbm;
  arrival.spilled = at.channels_away != 0;
  if (followed) {
    arrival.disturbance = ear.most_beside;
  } else if (!noticed) {
    arrival.how = Arrival::How::kTooWeak;
  } else {
    arrival.how = missed ? Arrival::How::kMissed : Arrival::How::kDrowned;
  }
  arrivals_.push_back(arrival);
}

/// The same for a broadcast, with one look at the log for all who may have heard it.
void Medium::arrive_everywhere(RadioIndex from) {
  const Sender& sender = senders_[from];
  const bool map_is_new = sender.begun_in_step < moved_in_step_;
  look_beside(from);
  for (std::size_t word = 0; word < listeners_[0].size(); ++word) {
    for (std::uint64_t left = may_hear(sender.signal, word); left != 0; left &= left - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(left));
      const auto receiver = static_cast<RadioIndex>(word * kWordBits + bit);
      const bool same_channel = tuned_[receiver] == sender.signal.channel.number;
      same_channel && !map_is_new ? arrive_broadcast(from, receiver) : arrive(from, receiver);
    }
  }
}

/// Who listens where `signal` can be decoded, of the ears in one word.
std::uint64_t Medium::may_hear(const Signal& signal, std::size_t word) const {
  const std::size_t channel = signal.channel.number;
  std::uint64_t ears = listeners_[channel][word];
  if (!signal.spills) return ears;
  if (channel > 1) ears |= listeners_[channel - 1][word];
  if (channel < kChannelCount) ears |= listeners_[channel + 1][word];
  return ears;
}

/// At an ear on its channel, with what look_beside() has found.
void Medium::arrive_broadcast(RadioIndex from, RadioIndex receiver) {
  const auto& [signal, began, begun_in_step, goes_to] = senders_[from];
  Arrival arrival;
  arrival.receiver = receiver;
  arrival.channel = signal.channel;
  arrival.dbm = signal.power_dbm - neighbours_.losses_of(from)[receiver];
  if (arrival.dbm < kFaintestDbm) return;
  const Ear& ear = ears_[receiver];
  if (!noticeable(signal.rate, arrival.dbm)) {
    arrival.how = Arrival::How::kTooWeak;
  } else if (ear.sending || ear.attentive_since > began) {
    arrival.how = Arrival::How::kMissed;
  } else if (ear.attentive_in_step > begun_in_step ||
             !followed_to_end(receiver, arrival.dbm, arrival.disturbance)) {
    arrival.how = Arrival::How::kDrowned;
  }
  arrivals_.push_back(arrival);
}

/// Finds what was on the air beside the signal of `from`: before it, and what changed meanwhile.
void Medium::look_beside(RadioIndex from) {
  const Sender& sender = senders_[from];
  const auto& losses_db = channel_loss_db_[sender.signal.channel.number];
  const auto beside = [&](RadioIndex other, const Signal& signal, bool begins) {
    const int away = std::abs(int{signal.channel.number} - int{sender.signal.channel.number});
    return Beside{neighbours_.losses_of(other), signal.power_dbm - losses_db[signal.channel.number],
                  signal.rate, away == 0 || (away == 1 && signal.spills), begins};
  };
  const auto add = [](std::vector<Beside>& to, const Beside& other) {
    if (other.dbm >= kFaintestDbm) to.push_back(other);
  };
  on_before_.clear();
  meanwhile_.clear();
  for (const RadioIndex other : sending_) {
    const bool was_on = other != from && senders_[other].begun_in_step < sender.begun_in_step;
    if (was_on) add(on_before_, beside(other, senders_[other].signal, true));
  }
  for (std::uint64_t number = sender.begun_in_step + 1; number < next_step_; ++number) {
    const Step& next = step(number);
    const bool begins = next.what == Step::What::kBegin;
    add(meanwhile_, beside(next.from, next.signal, begins));
    if (!begins && next.begun_in_step < sender.begun_in_step) {
      add(on_before_, beside(next.from, next.signal, true));
    }
  }
}

/// What follow() and work_off() would have made of it in an ear that listened all the time.
bool Medium::followed_to_end(RadioIndex receiver, int dbm, Power& most_beside) const {
  Power power = 0;
  for (const Beside& other : on_before_) {
    const int at_dbm = other.dbm - other.losses_db[receiver];
    if (at_dbm >= kFaintestDbm) power += power_of(at_dbm);
  }
  if (power > 0 && dbm - dbm_of(power) < settings_.capture_db) return false;
  most_beside = power;
  for (const Beside& other : meanwhile_) {
    const int at_dbm = other.dbm - other.losses_db[receiver];
    if (at_dbm < kFaintestDbm) continue;
    if (!other.begins) {
      power -= power_of(at_dbm);
      continue;
    }
    const bool takes_over = other.decodable && noticeable(other.rate, at_dbm) &&
                            at_dbm - dbm_of(power + power_of(dbm)) >= settings_.capture_db;
    if (takes_over) return false;
    power += power_of(at_dbm);
    most_beside = std::max(most_beside, power);
  }
  return true;
}

/// What is on the air at an ear that was not there before. It has missed the beginnings.
void Medium::listen_anew(Instant now, RadioIndex index) {
  Ear& ear = ears_[index];
  ear.power = 0;
  ear.sensed = 0;
  ear.locked_on = kToNobody;
  ear.attentive_since = now;
  ear.attentive_in_step = ear.next_step = next_step_;
  if (!ear.on) return;
  const std::uint8_t* const losses = neighbours_.losses_of(index);
  for (const RadioIndex other : sending_) {
    if (other == index) continue;
    const Reach at = reach(senders_[other].signal, losses[other], ear);
    if (at.dbm < kFaintestDbm) continue;
    ear.power += power_of(at.dbm);
    if (settings_.carrier_sense.senses(at.dbm, at.channels_away == 0)) ++ear.sensed;
  }
}

}  // namespace espial::sim
