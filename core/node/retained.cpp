#include "core/node/retained.hpp"

#include <algorithm>
#include <array>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/node/node.hpp"
#include "core/wire/reading.hpp"

namespace espial::node {
namespace {

using transfer::ReportClass;
using transfer::ReportRing;

constexpr std::uint8_t kSessionBit = 1;
constexpr std::uint8_t kLongBodiesBit = 2;
constexpr std::uint8_t kUtcBit = 4;
constexpr std::uint8_t kClassMask = 3;
constexpr std::uint8_t kSentBit = 4;
constexpr std::uint8_t kWaitedBit = 8;
static_assert(kMaxReport <= UINT8_MAX, "the size of its readings is one byte");

using Head = std::array<std::uint8_t, kRetainedHeadSize>;

Head head_of(const Retained& what, std::size_t left_out) {
  Head head{};
  ByteWriter out(head);
  const unsigned flags = (what.session.valid() ? kSessionBit : 0U) |
                         (what.long_bodies ? kLongBodiesBit : 0U) |
                         (what.utc.known() ? kUtcBit : 0U);
  out.u8(what.server.value).u8(static_cast<std::uint8_t>(flags)).u8(what.channel.number);
  out.mac(what.gateway).u8(what.silent_wakes);
  what.session.retain(out);
  out.u64(static_cast<std::uint64_t>(what.utc.ms)).i16(what.zone_minutes);
  out.u32(what.stream_id);
  for (const std::uint32_t next : what.streams.next_sequence) out.u32(next);
  out.u32(what.streams.dropped + static_cast<std::uint32_t>(left_out));
  out.u8(static_cast<std::uint8_t>(what.streams.floor_high[0] | what.streams.floor_high[1] << 4U));
  what.sleep_clock.retain(out);
  return head;
}

Retained read_head(ByteReader& in) {
  Retained what;
  what.server = ServerId{in.u8()};
  const std::uint8_t flags = in.u8();
  what.long_bodies = (flags & kLongBodiesBit) != 0;
  what.channel = Channel{in.u8()};
  what.gateway = in.mac();
  what.silent_wakes = in.u8();
  what.session = session::Session::from_retained(what.server, in);
  const std::uint64_t utc = in.u64();
  if ((flags & kUtcBit) != 0) what.utc.ms = static_cast<std::int64_t>(utc);
  what.zone_minutes = in.i16();
  what.stream_id = in.u32();
  for (std::uint32_t& next : what.streams.next_sequence) next = in.u32();
  what.streams.dropped = in.u32();
  const std::uint8_t floors = in.u8();
  what.streams.floor_high = {static_cast<std::uint8_t>(floors & 0xfU),
                             static_cast<std::uint8_t>(floors >> 4U)};
  what.sleep_clock = SleepClock(in);
  if ((flags & kSessionBit) == 0 || !what.channel.valid()) what.session = {};
  return what;
}

std::array<std::uint8_t, kRetainedReportSize> report_head(const ReportRing::Kept& report) {
  std::array<std::uint8_t, kRetainedReportSize> head{};
  const unsigned report_class = static_cast<unsigned>(report.report_class) |
                                (report.sent ? kSentBit : 0U) | (report.waited ? kWaitedBit : 0U);
  const std::int64_t age_ms = std::clamp<std::int64_t>(report.age.ms(), 0, UINT32_MAX);
  ByteWriter(head)
      .u8(static_cast<std::uint8_t>(report_class))
      .u8(static_cast<std::uint8_t>(report.readings.size()))
      .u16(static_cast<std::uint16_t>(report.sequence))
      .u32(static_cast<std::uint32_t>(age_ms));
  return head;
}

/// Calls `take(report)` for every report of `ring`, the most important class first.
template <typename Take>
void for_each_report(const ReportRing& ring, Instant now, const Take& take) {
  for (const ReportClass wanted :
       {ReportClass::kEvent, ReportClass::kReading, ReportClass::kOnce}) {
    for (std::size_t i = 0; i < ring.capacity(); ++i) {
      const auto report = ring.keep(now, i);
      if (report && report->report_class == wanted) take(*report);
    }
  }
}

/// The full sequence of which the low 16 bits were kept: the nearest before `next`.
std::uint32_t sequence_before(std::uint32_t next, std::uint16_t low_bits) {
  return next - 1U - static_cast<std::uint16_t>(next - 1U - low_bits);
}

}  // namespace

void write_retained(RetainedCopies& copies, Crypto& crypto, Instant now, const Retained& what,
                    const ReportRing& ring) {
  if (copies.capacity() < kRetainedHeadSize) return;
  const std::size_t room = copies.capacity() - kRetainedHeadSize;
  std::size_t used = 0;
  std::size_t left_out = 0;
  const auto fits = [&](const ReportRing::Kept& report) {
    const std::size_t size = kRetainedReportSize + report.readings.size();
    if (report.readings.size() > kMaxReport || size > room - used) return false;
    used += size;
    return true;
  };
  for_each_report(ring, now, [&](const auto& report) { left_out += fits(report) ? 0U : 1U; });

  copies.begin();
  Head head = head_of(what, left_out);
  bool whole = copies.put(head);
  crypto.wipe(head);
  used = 0;
  for_each_report(ring, now, [&](const auto& report) {
    if (fits(report))
      whole = copies.put(report_head(report)) && copies.put(report.readings) && whole;
  });
  if (whole) copies.commit();
}

std::optional<Retained> read_retained(const RetainedCopies& copies, Crypto& crypto, Instant now,
                                      ServerId server, Duration since, Duration patience,
                                      ReportRing& ring) {
  Head head{};
  if (!copies.read(0, head)) return std::nullopt;
  ByteReader in(head);
  Retained what = read_head(in);
  crypto.wipe(head);
  if (what.server != server) {
    what.session.wipe(crypto);
    return std::nullopt;
  }
  const Duration passed = what.sleep_clock.corrected(since);
  ring.restore(what.streams);
  std::size_t offset = kRetainedHeadSize;
  std::array<std::uint8_t, UINT8_MAX> readings{};
  for (std::array<std::uint8_t, kRetainedReportSize> report{}; copies.read(offset, report);) {
    ByteReader fields(report);
    const std::uint8_t kind = fields.u8();
    const MutableByteView bytes = MutableByteView(readings).first(fields.u8());
    const std::uint16_t sequence = fields.u16();
    if ((kind & kClassMask) > static_cast<unsigned>(ReportClass::kOnce)) break;
    if (!copies.read(offset + kRetainedReportSize, bytes)) break;
    offset += kRetainedReportSize + bytes.size();
    if (bytes.size() > kMaxReport || !wire::parse_readings(bytes)) break;
    ReportRing::Kept kept;
    kept.report_class = static_cast<ReportClass>(kind & kClassMask);
    kept.sent = (kind & kSentBit) != 0;
    kept.waited = (kind & kWaitedBit) != 0;
    if (kept.report_class != ReportClass::kOnce) {
      const auto stream = static_cast<std::size_t>(kept.report_class);
      kept.sequence = sequence_before(what.streams.next_sequence[stream], sequence);
    }
    kept.age = Duration::milliseconds(fields.u32()) + passed;
    kept.readings = bytes;
    (void)ring.restore(now, kept, patience);
  }
  return what;
}

}  // namespace espial::node
