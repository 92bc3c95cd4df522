#include "core/gateway/transmitter.hpp"

#include "core/wire/sealed.hpp"

namespace espial::gateway {

Transmitter::Transmitter(Radio& radio, FramePool& pool, DownQueue& queue, Counters& counters)
    : radio_(radio), pool_(pool), queue_(queue), counters_(counters) {}

void Transmitter::urgent(const MacAddress& to, ByteView body) {
  const std::uint32_t frame =
      urgent_count_ < kMaxUrgent ? pool_.take(body, true) : FramePool::kNone;
  if (frame == FramePool::kNone) {
    counters_.add(Count::kUrgentDropped);
    return;
  }
  Urgent& entry = urgent_[(urgent_begin_ + urgent_count_) % kMaxUrgent];
  entry = Urgent{};
  entry.to = to;
  entry.frame = frame;
  ++urgent_count_;
}

void Transmitter::pump(Instant now) {
  if (in_flight_ && in_flight_->give_up_at <= now) {
    counters_.add(Count::kSendLost);
    on_sent(now, false);
  }
  if (in_flight_ || now < radio_retry_) return;
  if (!pump_urgent(now)) pump_queue(now);
}

bool Transmitter::pump_urgent(Instant now) {
  if (urgent_count_ == 0) return false;
  const Urgent& entry = urgent_[urgent_begin_];
  if (entry.not_before > now) return false;
  if (!radio_.send(entry.to, pool_.body(entry.frame))) {
    radio_retry_ = now + kRadioBusyRetry;
    return true;
  }
  in_flight_ = InFlight{true, {}, 0, now + kSendTimeout};
  return true;
}

bool Transmitter::pump_queue(Instant now) {
  const std::optional<DownQueue::Pick> pick = queue_.pick(now);
  if (!pick) return false;
  const MutableByteView body = pool_.body(pick->frame);
  (void)wire::set_more(body, pick->more);  // an open network's plain packet has no such bit
  if (!radio_.send(pick->mac, body)) {
    radio_retry_ = now + kRadioBusyRetry;
    return true;
  }
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
  if (!ok && ++entry.attempts < kSendAttempts) {
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
