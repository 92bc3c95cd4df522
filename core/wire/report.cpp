#include "core/wire/report.hpp"

#include <algorithm>

#include "core/wire/detail.hpp"

namespace espial::wire {
namespace {

constexpr unsigned kEventBit = 0;
constexpr unsigned kQosShift = 1;

std::size_t payload_size(const Report& report) {
  const std::size_t sequence_size = report.acknowledged ? 2 + varint_size(report.held) : 0;
  return sequence_size + varint_size(report.age_ms) + report.readings.size();
}

}  // namespace

Parsed<Report> parse_report(const Packet& packet) {
  if (packet.type != PacketType::kPublish) return Refusal::kNotOurs;
  const unsigned qos = packet.flags >> kQosShift;
  if (qos > 1) return Refusal::kBadValue;

  ByteReader reader(packet.payload);
  Report report;
  report.stream = detail::bit(packet.flags, kEventBit) ? Stream::kEvents : Stream::kReadings;
  report.acknowledged = qos == 1;
  std::uint32_t held = 0;
  if (report.acknowledged) {
    report.sequence = reader.u16();
    held = reader.varint();
  }
  report.age_ms = reader.varint();
  report.readings = reader.rest();
  if (!reader.ok()) return detail::reader_refusal(reader);
  const auto readings = parse_readings(report.readings);
  if (!readings) return readings.refusal();
  if (held > UINT16_MAX) return Refusal::kBadValue;
  report.held = static_cast<std::uint16_t>(held);
  return report;
}

std::size_t report_size(const Report& report) {
  const std::size_t size = payload_size(report);
  return header_size(size) + size;
}

std::size_t encode_head(const Report& report, MutableByteView out) {
  if (report.readings.empty()) return 0;
  const unsigned event = report.stream == Stream::kEvents ? 1u << kEventBit : 0u;
  const unsigned qos = report.acknowledged ? 1u << kQosShift : 0u;
  ByteWriter writer(out);
  write_header(PacketType::kPublish, static_cast<std::uint8_t>(event | qos), payload_size(report),
               writer);
  if (report.acknowledged) writer.u16(report.sequence).varint(report.held);
  return writer.varint(report.age_ms).size();
}

std::size_t encode(const Report& report, MutableByteView out) {
  const std::size_t head = encode_head(report, out);
  if (head == 0 || out.size() - head < report.readings.size()) return 0;
  std::copy(report.readings.begin(), report.readings.end(), out.data() + head);
  return head + report.readings.size();
}

}  // namespace espial::wire
