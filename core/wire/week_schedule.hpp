#pragma once

#include <cstdint>
#include <optional>

#include "core/base/byte_writer.hpp"
#include "core/base/bytes.hpp"
#include "core/base/static_vector.hpp"
#include "core/wire/refusal.hpp"

namespace espial::wire {

/// What fits one frame beside everything else that an acknowledgement may carry: four a day.
inline constexpr std::size_t kMaxSwitchingPoints = 28;
inline constexpr std::uint16_t kMinutesPerWeek = 7 * 24 * 60;
/// A set point that is none: the function shall be off.
inline constexpr std::int16_t kNoSetPoint = INT16_MIN;

/// From this minute of the week on, counted from Monday 00:00 local time, this is the set point.
struct SwitchingPoint {
  std::uint16_t minute = 0;
  std::int16_t set_point_cC = kNoSetPoint;  ///< hundredths of a degree Celsius

  friend bool operator==(const SwitchingPoint& a, const SwitchingPoint& b) {
    return a.minute == b.minute && a.set_point_cC == b.set_point_cC;
  }
};

/// A week of a thermostat: the bytes of property 11.
///
///     |slot|minute:2|set point:2|minute:2|set point:2|...      minutes strictly rising
struct WeekSchedule {
  std::uint8_t slot = 0;  ///< 0..11
  StaticVector<SwitchingPoint, kMaxSwitchingPoints> points;

  /// The point that holds at `minute` of the week: the last one up to it, over Sunday's end too;
  /// nothing when there are none.
  std::optional<SwitchingPoint> at(std::uint16_t minute) const;
};

bool operator==(const WeekSchedule& a, const WeekSchedule& b);

inline constexpr std::size_t kMaxScheduleSize = 1 + 4 * kMaxSwitchingPoints;

/// How many bytes encode_schedule() writes.
constexpr std::size_t schedule_size(std::size_t points) { return 1 + 4 * points; }

Parsed<WeekSchedule> parse_schedule(ByteView bytes);
/// @retval false  slot or minutes are out of their range or order; what was written is of no use.
[[nodiscard]] bool encode_schedule(const WeekSchedule& schedule, ByteWriter& out);

/// The minute of the week, Monday 00:00 = 0, of a moment in UTC where local time is
/// `zone_minutes` ahead of it.
std::uint16_t minute_of_week(std::int64_t unix_ms, std::int16_t zone_minutes);

}  // namespace espial::wire
