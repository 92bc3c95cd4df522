#include "core/node/long_packets.hpp"

#include <algorithm>

#include "core/link/backoff.hpp"

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

LongPackets::LongPackets(MutableByteView incoming)
    : buffer_(whole_power(incoming), 1),
      reassembler_(whole_power(incoming).size() == 0 ? Span<transfer::LongSlot>{} : slot_,
                   buffer_) {}

std::uint8_t LongPackets::receive_limit_log2() const { return log2_of(buffer_.capacity()); }

void LongPackets::begin_session() {
  sender_.reset();
  reassembler_.forget(incoming_);
  answer_at_ = kNever;
}

void LongPackets::take(Instant now, const Around& around,
                       const transfer::ReportRing::Chosen& chosen, const wire::Report& report) {
  if (sender_.active()) {
    around.ring.postpone(chosen.slot, now + transfer::kPartTimeout);
    return;
  }
  report_ = chosen;
  head_size_ = wire::encode_head(report, head_);
  around.ring.sent(now, chosen.slot, 0, Duration{});
  around.ring.postpone(chosen.slot, kNever);
  begin(now, around);
}

void LongPackets::begin(Instant now, const Around& around) {
  const std::size_t total = head_size_ + around.ring.readings(report_.slot).size();
  sender_.begin(now, around.number, static_cast<std::uint32_t>(total),
                transfer::part_size(around.frame_room));
}

void LongPackets::read(std::uint32_t offset, MutableByteView out) {
  const ByteView head = ByteView(head_).subview(0, head_size_).subview(offset, out.size());
  std::copy(head.begin(), head.end(), out.data());
  const std::size_t from = offset + head.size() - head_size_;
  const ByteView rest = readings_.subview(from, out.size() - head.size());
  std::copy(rest.begin(), rest.end(), out.data() + head.size());
}

void LongPackets::append_parts(Instant now, const Around& around, std::uint32_t frame,
                               wire::PacketsBuilder& packets) {
  if (!sender_.active()) return;
  if (!around.ring.holds(report_)) {
    sender_.stop();
    return;
  }
  // The gateway is another one, with shorter frames: parts of this size reach it no more.
  if (transfer::part_size(around.frame_room) < sender_.unit()) begin(now, around);
  readings_ = around.ring.readings(report_.slot);
  while (sender_.append(now, around.random, *this, frame, packets)) {
  }
}

void LongPackets::append_answer(Instant now, std::uint32_t frame, wire::PacketsBuilder& packets) {
  if (now < answer_at_ || !packets.append(reassembler_.fragack(incoming_))) return;
  reassembler_.told(incoming_);
  answer_at_ = kNever;
  answer_frame_ = frame;
}

void LongPackets::failed(Instant now, std::uint32_t frame) {
  sender_.failed(now, frame);
  if (answer_frame_ == frame) answer_at_ = now;
}

void LongPackets::on_fragack(Instant now, const Around& around, const wire::Packet& packet) {
  const auto said = wire::parse_fragack(packet);
  if (!said) {
    around.counters.add(Count::kBadInner);
    return;
  }
  if (const auto how = sender_.on_fragack(now, around.random, *said)) end(now, around, *how);
}

void LongPackets::end(Instant now, const Around& around, transfer::LongEnd how) {
  if (!around.ring.holds(report_)) return;
  switch (how) {
    case transfer::LongEnd::kTooLong:
      around.counters.add(Count::kLongRefused);
      around.ring.give_up(report_.slot);
      return;
    case transfer::LongEnd::kComplete:
      around.counters.add(Count::kLongSent);
      break;
    case transfer::LongEnd::kBusy:
    case transfer::LongEnd::kGivenUp:
      around.counters.add(Count::kLongGivenUp);
      break;
  }
  around.ring.postpone(report_.slot, now + link::with_jitter(around.random, kLongReportPause));
}

std::optional<wire::Packet> LongPackets::on_fragment(Instant now, Counters& counters,
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

void LongPackets::on_timer(Instant now, const Around& around) {
  if (const auto how = sender_.on_timer(now)) end(now, around, *how);
  if (reassembler_.next_to_tell(now) != nullptr) answer_at_ = now;
  if (reassembler_.drop_silent(now)) around.counters.add(Count::kLongDropped);
}

Instant LongPackets::next_timer() const {
  return std::min(sender_.next_timer(), reassembler_.next_timer());
}

bool LongPackets::moves() const {
  return sender_.expects_answer() || reassembler_.next_to_tell_at() != kNever;
}

Instant LongPackets::send_at() const { return std::min(sender_.send_at(), answer_at_); }

}  // namespace espial::node
