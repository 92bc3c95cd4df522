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

Count count_of(transfer::PartVerdict verdict) {
  switch (verdict) {
    case transfer::PartVerdict::kComplete:
      return Count::kLongReceived;
    case transfer::PartVerdict::kTooLong:
      return Count::kLongTooLong;
    case transfer::PartVerdict::kRepeated:
      return Count::kPartsRepeated;
    default:
      return Count::kPartsRefused;
  }
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

void LongReceiver::append_first(Instant now, const Around& around, wire::PacketsBuilder& packets) {
  if (now < answer_at_ || !packets.append(reassembler_.fragack(incoming_))) return;
  reassembler_.told(incoming_);
  answer_at_ = kNever;
  answer_frame_ = around.frame;
}

void LongReceiver::failed(Instant now, std::uint32_t frame) {
  if (answer_frame_ == frame) answer_at_ = now;
}

Taking LongReceiver::on_packet(Instant now, const Around& around, wire::Packet& packet) {
  if (packet.type != wire::PacketType::kFragment) return Taking::kNotOurs;
  const auto part = wire::parse_fragment(packet);
  if (!part) {
    around.counters.add(Count::kBadInner);
    return Taking::kTaken;
  }
  const transfer::Arrival arrival = reassembler_.on_fragment(now, now, incoming_, *part);
  if (arrival.answer) answer_at_ = now;
  if (arrival.verdict == transfer::PartVerdict::kTaken) return Taking::kTaken;
  around.counters.add(count_of(arrival.verdict));
  if (arrival.verdict != transfer::PartVerdict::kComplete) return Taking::kTaken;
  const auto whole = wire::parse_long_packet(buffer_.packet(arrival.slot, arrival.size));
  if (!whole) {
    around.counters.add(Count::kBadInner);
    return Taking::kTaken;
  }
  packet = *whole;
  return Taking::kWhole;
}

void LongReceiver::on_timer(Instant now, const Around& around) {
  if (reassembler_.next_to_tell(now) != nullptr) answer_at_ = now;
  if (reassembler_.drop_silent(now)) around.counters.add(Count::kLongDropped);
}

Instant LongReceiver::next_timer() const { return reassembler_.next_timer(); }

Instant LongReceiver::send_at() const { return answer_at_; }

bool LongReceiver::moves() const { return reassembler_.next_to_tell_at() != kNever; }

}  // namespace espial::node
