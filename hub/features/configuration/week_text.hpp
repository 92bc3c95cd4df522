#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/wire/week_schedule.hpp"

namespace espial::configuration {

/// Reads one line of a week, "Mon-Fri 06:30 21.5": on these days from that minute on, local time,
/// the set point in °C. One day (`Sat`) or a range of them (`Sat-Mon`); `off` = none. Days may be
/// written in either case. Nothing where the text is another one.
/// @returns one point a day, in the order of the week; at least one.
std::optional<std::vector<wire::SwitchingPoint>> parse_week_line(std::string_view line);

/// Brings points in order. Nothing where there are too many, or two at one minute.
std::optional<wire::WeekSchedule> make_week(std::uint8_t slot,
                                            std::vector<wire::SwitchingPoint> points);

}  // namespace espial::configuration
