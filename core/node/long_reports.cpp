#include "core/node/long_reports.hpp"

#include <algorithm>
#include <utility>

#include "core/link/backoff.hpp"

namespace espial::node {

void LongReports::begin_session() { sender_.reset(); }

void LongReports::take(Instant now, const Around& around,
                       const transfer::ReportRing::Chosen& chosen, const wire::Report& report) {
  if (sender_.active()) {
    around.ring.postpone(chosen.slot, now + transfer::kPartTimeout);
    return;
  }
  report_ = chosen;
  taken_up_at_ = now;
  head_size_ = wire::encode_head(report, head_);
  around.ring.sent(now, chosen.slot, 0, Duration{});
  around.ring.postpone(chosen.slot, kNever);
  begin(now, around);
}

void LongReports::begin(Instant now, const Around& around) {
  const std::size_t total = head_size_ + around.ring.readings(report_.slot).size();
  sender_.begin(now, around.number, static_cast<std::uint32_t>(total),
                transfer::part_size(around.frame_room));
}

/// The age counts to the moment at which the part that says it is heard, so each time that part is
/// sent it says it anew.
void LongReports::renew_head(Instant now, const Around& around) {
  const auto grown_ms = std::clamp<std::int64_t>((now - taken_up_at_).ms(), 0, UINT32_MAX / 2);
  wire::Report report;
  report.stream = report_.report_class == transfer::ReportClass::kEvent ? wire::Stream::kEvents
                                                                        : wire::Stream::kReadings;
  report.sequence = static_cast<std::uint16_t>(report_.sequence);
  report.held = static_cast<std::uint16_t>(report_.held);
  report.age_ms = report_.age_ms + static_cast<std::uint32_t>(grown_ms);
  report.readings = readings_;
  const std::size_t size_before = std::exchange(head_size_, wire::encode_head(report, head_));
  if (head_size_ != size_before) begin(now, around);
}

void LongReports::read(std::uint32_t offset, MutableByteView out) {
  const ByteView head = ByteView(head_).subview(0, head_size_).subview(offset, out.size());
  std::copy(head.begin(), head.end(), out.data());
  const std::size_t from = offset + head.size() - head_size_;
  const ByteView rest = readings_.subview(from, out.size() - head.size());
  std::copy(rest.begin(), rest.end(), out.data() + head.size());
}

void LongReports::append_last(Instant now, const Around& around, wire::PacketsBuilder& packets) {
  if (!sender_.active()) return;
  if (!around.ring.holds(report_)) {
    sender_.stop();
    return;
  }
  // The gateway is another one, with shorter frames: parts of this size reach it no more.
  if (transfer::part_size(around.frame_room) < sender_.unit()) begin(now, around);
  readings_ = around.ring.readings(report_.slot);
  if (sender_.begins()) renew_head(now, around);
  while (sender_.append(now, around.random, *this, around.frame, packets)) {
  }
}

void LongReports::failed(Instant now, std::uint32_t frame) { sender_.failed(now, frame); }

Taking LongReports::on_packet(Instant now, const Around& around, wire::Packet& packet) {
  if (packet.type != wire::PacketType::kFragack) return Taking::kNotOurs;
  const auto said = wire::parse_fragack(packet);
  if (!said) {
    around.counters.add(Count::kBadInner);
  } else if (const auto how = sender_.on_fragack(now, around.random, *said)) {
    end(now, around, *how);
  }
  return Taking::kTaken;
}

void LongReports::end(Instant now, const Around& around, transfer::LongEnd how) {
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

void LongReports::on_timer(Instant now, const Around& around) {
  if (const auto how = sender_.on_timer(now)) end(now, around, *how);
}

Instant LongReports::next_timer() const { return sender_.next_timer(); }

Instant LongReports::send_at() const { return sender_.send_at(); }

bool LongReports::moves() const { return sender_.expects_answer(); }

}  // namespace espial::node
