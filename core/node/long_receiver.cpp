#include "core/node/long_receiver.hpp"

#include <algorithm>

namespace espial::node {
namespace {

/// The n of the greatest 2^n that is at most `size`; 0 for none.
std::uint8_t log2_of(std::size_t size) {
  std::uint8_t n = 0;
  while ((std::size_t{2} << n) <= std::min<std::size_t>(size, wire::kMaxFragmentedSize)) ++n;
  return n;
}

MutableByteView whole_power(MutableByteView bytes) {
  const std::uint8_t n = log2_of(bytes.size());
  return bytes.first(n == 0 ? 0 : std::size_t{1} << n);
}

}  // namespace

LongReceiver::LongReceiver(MutableByteView incoming)
    : buffer_(whole_power(incoming), 1),
      reassembler_(whole_power(incoming).size() == 0 ? Span<transfer::LongSlot>{} : slot_,
                   buffer_) {}

std::uint8_t LongReceiver::receive_limit_log2() const { return log2_of(buffer_.capacity()); }

void LongReceiver::begin_session() {
  reassembler_.forget(incoming_);
  answer_at_ = kNever;
}

void LongReceiver::append_answer(Instant now, std::uint32_t frame, wire::PacketsBuilder& packets) {
  if (now < answer_at_ || !packets.append(reassembler_.fragack(incoming_))) return;
  reassembler_.told(incoming_);
  answer_at_ = kNever;
  answer_frame_ = frame;
}

void LongReceiver::failed(Instant now, std::uint32_t frame) {
  if (answer_frame_ == frame) answer_at_ = now;
}

std::optional<wire::Packet> LongReceiver::on_fragment(Instant now, Counters& counters,
                                                      const wire::Packet& packet) {
  const auto part = wire::parse_fragment(packet);
  if (!part) {
    counters.add(Count::kBadInner);
    return std::nullopt;
  }
  const transfer::Arrival arrival = reassembler_.on_fragment(now, now, incoming_, *part);
  if (arrival.answer) answer_at_ = now;
  switch (arrival.verdict) {
    case transfer::PartVerdict::kTaken:
      return std::nullopt;
    case transfer::PartVerdict::kComplete:
      break;
    case transfer::PartVerdict::kTooLong:
      counters.add(Count::kLongTooLong);
      return std::nullopt;
    case transfer::PartVerdict::kRepeated:
      counters.add(Count::kPartsRepeated);
      return std::nullopt;
    default:
      counters.add(Count::kPartsRefused);
      return std::nullopt;
  }
  counters.add(Count::kLongReceived);
  const auto whole = wire::parse_long_packet(buffer_.packet(arrival.slot, arrival.size));
  if (!whole) {
    counters.add(Count::kBadInner);
    return std::nullopt;
  }
  return *whole;
}

void LongReceiver::on_timer(Instant now, Counters& counters) {
  if (reassembler_.next_to_tell(now) != nullptr) answer_at_ = now;
  if (reassembler_.drop_silent(now)) counters.add(Count::kLongDropped);
}

Instant LongReceiver::next_timer() const { return reassembler_.next_timer(); }

Instant LongReceiver::send_at() const { return answer_at_; }

bool LongReceiver::moves() const { return reassembler_.next_to_tell_at() != kNever; }

}  // namespace espial::node
