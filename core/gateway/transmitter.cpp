#include "core/gateway/transmitter.hpp"

#include "core/wire/sealed.hpp"

namespace espial::gateway {

Transmitter::Transmitter(Radio& radio, FramePool& pool, DownQueue& queue, Counters& counters)
    : radio_(radio), pool_(pool), queue_(queue), counters_(counters), peers_(radio, counters) {}

void Transmitter::urgent(const MacAddress& to, ByteView body) {
  if (!add_urgent(to, body, kNever)) counters_.add(Count::kUrgentDropped);
}

void Transmitter::answer(const MacAddress& to, ByteView body, Instant until) {
  const bool room = urgent_count_ < kMaxUrgent / 2;
  if (!room || !add_urgent(to, body, until)) counters_.add(Count::kAnswerDropped);
}

bool Transmitter::add_urgent(const MacAddress& to, ByteView body, Instant until) {
  const std::uint32_t frame =
      urgent_count_ < kMaxUrgent ? pool_.take(body, true) : FramePool::kNone;
  if (frame == FramePool::kNone) return false;
  Urgent& entry = urgent_[(urgent_begin_ + urgent_count_) % kMaxUrgent];
  entry = Urgent{};
  entry.to = to;
  entry.frame = frame;
  entry.until = until;
  ++urgent_count_;
  return true;
}

void Transmitter::pump(Instant now) {
  if (in_flight_ && in_flight_->give_up_at <= now) {
    counters_.add(Count::kSendLost);
    on_sent(now, false);
  }
  if (in_flight_ || now < radio_retry_) return;
  if (!pump_urgent(now)) pump_queue(now);
}

bool Transmitter::send(Instant now, const MacAddress& to, ByteView body) {
  if (peers_.admit(now, to) && radio_.send(to, body)) return true;
  radio_retry_ = now + kRadioBusyRetry;
  return false;
}

bool Transmitter::pump_urgent(Instant now) {
  while (urgent_count_ != 0 && urgent_[urgent_begin_].until < now) {
    counters_.add(Count::kAnswerDropped);
    pop_urgent();
  }
  if (urgent_count_ == 0) return false;
  const Urgent& entry = urgent_[urgent_begin_];
  if (entry.not_before > now) return false;
  if (!send(now, entry.to, pool_.body(entry.frame))) return true;
  in_flight_ = InFlight{true, {}, 0, now + kSendTimeout};
  return true;
}

bool Transmitter::pump_queue(Instant now) {
  const std::optional<DownQueue::Pick> pick = queue_.pick(now);
  if (!pick) return false;
  const MutableByteView body = pool_.body(pick->frame);
  (void)wire::set_more(body, pick->more);  // what carries no seal has no such bit
  if (!send(now, pick->mac, body)) return true;
  in_flight_ = InFlight{false, *pick, pool_[pick->frame].version, now + kSendTimeout};
  return true;
}

void Transmitter::on_sent(Instant now, bool ok) {
  if (!in_flight_) return;
  const InFlight ended = *in_flight_;
  in_flight_.reset();
  if (ok) counters_.add(Count::kSent);
  if (!ended.urgent) {
    queue_.sent(now, ended.pick, ended.version, ok);
    return;
  }
  Urgent& entry = urgent_[urgent_begin_];
  if (!ok && entry.until == kNever && ++entry.attempts < kSendAttempts) {
    entry.not_before = now + kSendRetry;
    return;
  }
  if (!ok) counters_.add(Count::kSendFailed);
  pop_urgent();
}

void Transmitter::pop_urgent() {
  pool_.give_back(urgent_[urgent_begin_].frame);
  urgent_begin_ = static_cast<std::uint8_t>((urgent_begin_ + 1) % kMaxUrgent);
  --urgent_count_;
}

Instant Transmitter::next_pump() const {
  if (in_flight_) return in_flight_->give_up_at;
  Instant next = queue_.next_pick();
  if (urgent_count_ != 0 && urgent_[urgent_begin_].not_before < next) {
    next = urgent_[urgent_begin_].not_before;
  }
  if (next != kNever && next < radio_retry_) next = radio_retry_;
  return next;
}

}  // namespace espial::gateway
