#include "core/wire/week_schedule.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/base/ids.hpp"

namespace espial::wire {
namespace {

/// True when `point` may follow the points of `schedule`.
bool follows(const WeekSchedule& schedule, const SwitchingPoint& point) {
  if (point.minute >= kMinutesPerWeek) return false;
  return schedule.points.empty() || point.minute > schedule.points.back().minute;
}

}  // namespace

std::optional<SwitchingPoint> WeekSchedule::at(std::uint16_t minute) const {
  if (points.empty()) return std::nullopt;
  // Before the week's first point the last one of the week before still holds.
  SwitchingPoint holds = points.back();
  for (const SwitchingPoint& point : points) {
    if (point.minute <= minute) holds = point;
  }
  return holds;
}

bool operator==(const WeekSchedule& a, const WeekSchedule& b) {
  return a.slot == b.slot &&
         std::equal(a.points.begin(), a.points.end(), b.points.begin(), b.points.end());
}

Parsed<WeekSchedule> parse_schedule(ByteView bytes) {
  if (bytes.empty()) return Refusal::kTooShort;
  if ((bytes.size() - 1) % 4 != 0 || bytes.size() > kMaxScheduleSize) return Refusal::kBadLength;
  ByteReader in(bytes);
  WeekSchedule schedule;
  schedule.slot = in.u8();
  if (schedule.slot >= kSlotCount) return Refusal::kBadValue;
  while (!in.empty()) {
    SwitchingPoint point;
    point.minute = in.u16();
    point.set_point_cC = in.i16();
    if (!follows(schedule, point)) return Refusal::kBadValue;
    (void)schedule.points.push_back(point);
  }
  return schedule;
}

bool encode_schedule(const WeekSchedule& schedule, ByteWriter& out) {
  if (schedule.slot >= kSlotCount) return false;
  out.u8(schedule.slot);
  std::int32_t last = -1;
  for (const SwitchingPoint& point : schedule.points) {
    if (point.minute >= kMinutesPerWeek || point.minute <= last) return false;
    last = point.minute;
    out.u16(point.minute).i16(point.set_point_cC);
  }
  return true;
}

std::uint16_t minute_of_week(std::int64_t unix_ms, std::int16_t zone_minutes) {
  constexpr std::int64_t kMinute_ms = 60'000;
  // 1 January 1970 was a Thursday.
  constexpr std::int64_t kThursday = 3 * 24 * 60;
  const std::int64_t minutes = unix_ms / kMinute_ms + zone_minutes + kThursday;
  return static_cast<std::uint16_t>((minutes % kMinutesPerWeek + kMinutesPerWeek) %
                                    kMinutesPerWeek);
}

}  // namespace espial::wire
