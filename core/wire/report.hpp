#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/wire/header.hpp"
#include "core/wire/reading.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

/// The two streams of a node: readings may wait, events overtake them.
enum class Stream : std::uint8_t { kReadings = 0, kEvents = 1 };
inline constexpr std::size_t kStreamCount = 2;

/// PUBLISH, inner, up: a report.
///
///     0    1    2    3    4
///    |3f  |len |sequence |held varint|age_ms varint|reading|reading|...
///    f  bits 2-1 QoS 0 or 1; bit 0 EVENT. Without QoS 1 there is no sequence and no held.
struct Report {
  Stream stream = Stream::kReadings;
  bool acknowledged = true;    ///< QoS 1: it stays in the ring until it is stored
  std::uint16_t sequence = 0;  ///< low 16 bits; QoS 1 only
  std::uint16_t held = 0;      ///< sequence minus the oldest one still held; QoS 1 only
  std::uint32_t age_ms = 0;    ///< how long ago the readings were taken
  ByteView readings;           ///< one or more, as on the air: parse_readings() walks them
};

/// Checks everything but the values, which need their kinds: parse_readings(report->readings) will
/// not refuse.
Parsed<Report> parse_report(const Packet& packet);

/// How long the packet is for `readings_size` bytes of readings.
std::size_t report_size(const Report& report);

/// The longest that stands before a report's readings: header, sequence, held, age.
inline constexpr std::size_t kMaxReportHead = kMaxHeaderSize + 2 + 3 + 5;

/// Writes a whole inner packet. @returns its size, or 0 when `out` is too small or there are no
/// readings.
std::size_t encode(const Report& report, MutableByteView out);
/// Writes what stands before the readings of that packet: for one that travels in parts.
/// @returns its size, or 0 as encode().
std::size_t encode_head(const Report& report, MutableByteView out);

}  // namespace espial::wire
