#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/time.hpp"

namespace espial::dispobox {

/// Part of a day, in minutes since midnight by the site's clocks: from <= t < to.
struct Opening {
  int from_min = 0;
  int to_min = 0;
};
using Openings = std::vector<Opening>;

/// A day of the calendar as a number that sorts: 20261225.
using DayNumber = std::int32_t;

/// When a site is open, in its own time zone.
struct Calendar {
  /// A name from the system's zone database; empty: the zone of this machine.
  std::string zone;
  /// Monday first.
  std::array<Openings, 7> week;
  /// Days with hours of their own; none at all: closed.
  std::map<DayNumber, Openings> exceptions;

  /// Monday to Friday, 9 to 21.
  static Calendar usual();
};

inline constexpr std::size_t kMaxOpenings = 4;
inline constexpr std::size_t kMaxExceptions = 1'000;
/// How far ahead the next opening is looked for.
inline constexpr int kMaxClosedDays = 60;

/// 0 while the site is open; otherwise the seconds until it opens, at most kMaxClosedDays.
/// The days on which clocks are changed are as long as they are.
std::uint32_t seconds_closed(const Calendar& calendar, UnixTime now);

/// The site's date and time, "2026-11-21 17:46:05".
std::string local_time(const Calendar& calendar, UnixTime now);

/// Reads
///
///     {"zone": "Europe/Paris",
///      "week": {"mon": ["09:00-12:00", "13:30-18:00"], "sat": []},
///      "exceptions": {"2026-12-25": [], "2026-12-24": ["09:00-13:00"]}}
///
/// A day of the week that is not named keeps its usual hours. Otherwise a sentence that names the
/// place and says what to write instead.
std::variant<Calendar, std::string> read_calendar(std::string_view json);
/// The same form; one line.
std::string write_calendar(const Calendar& calendar);

}  // namespace espial::dispobox
