#include "hub/features/dispobox/calendar.hpp"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>

namespace espial::dispobox {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kMinutesPerDay = 24 * 60;
constexpr std::array<const char*, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/// The zone database is the system's; one that is missing leaves UTC.
const date::time_zone* zone_of(const Calendar& calendar) {
  try {
    return calendar.zone.empty() ? date::current_zone() : date::locate_zone(calendar.zone);
  } catch (const std::exception&) {
    return date::locate_zone("Etc/UTC");
  }
}

const Openings& openings_on(const Calendar& calendar, date::local_days day) {
  const date::year_month_day ymd(day);
  const DayNumber number =
      static_cast<int>(ymd.year()) * 10'000 +
      static_cast<int>(static_cast<unsigned>(ymd.month()) * 100 + static_cast<unsigned>(ymd.day()));
  const auto exception = calendar.exceptions.find(number);
  if (exception != calendar.exceptions.end()) return exception->second;
  return calendar.week[date::weekday(day).iso_encoding() - 1];
}

std::string clock_text(int minutes_of_day) {
  char text[16];
  std::snprintf(text, sizeof text, "%02d:%02d", minutes_of_day / 60, minutes_of_day % 60);
  return text;
}

/// Reads exactly "09:00-21:00"; the end of the day is 24:00.
bool read_opening(const std::string& text, Opening& opening) {
  const auto two = [&](std::size_t at) {
    const bool digits =
        text[at] >= '0' && text[at] <= '9' && text[at + 1] >= '0' && text[at + 1] <= '9';
    return digits ? (text[at] - '0') * 10 + (text[at + 1] - '0') : -1;
  };
  if (text.size() != 11 || text[2] != ':' || text[5] != '-' || text[8] != ':') return false;
  const int numbers[] = {two(0), two(3), two(6), two(9)};
  if (*std::min_element(std::begin(numbers), std::end(numbers)) < 0) return false;
  if (numbers[1] > 59 || numbers[3] > 59) return false;
  opening = {numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]};
  return opening.from_min < opening.to_min && opening.to_min <= kMinutesPerDay;
}

/// Fills in the hours of one day, or says what is wrong with them.
std::string read_openings(const json& value, const std::string& place, Openings& openings) {
  const std::string advice =
      place + R"(: write a list of hours, as ["09:00-12:00", "13:30-18:00"], or [] for closed)";
  if (!value.is_array() || value.size() > kMaxOpenings) return advice;
  openings.clear();
  for (const json& item : value) {
    Opening opening;
    if (!item.is_string() || !read_opening(item.get_ref<const std::string&>(), opening))
      return advice;
    if (!openings.empty() && opening.from_min < openings.back().to_min) {
      return place + ": the hours overlap; write them in the order of the day";
    }
    openings.push_back(opening);
  }
  return {};
}

/// 0 for what is no date "2026-12-25".
DayNumber read_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return 0;
  DayNumber number = 0;
  for (const std::size_t at : {0u, 1u, 2u, 3u, 5u, 6u, 8u, 9u}) {
    if (text[at] < '0' || text[at] > '9') return 0;
    number = number * 10 + (text[at] - '0');
  }
  const date::year_month_day ymd(date::year(number / 10'000),
                                 date::month(static_cast<unsigned>(number / 100 % 100)),
                                 date::day(static_cast<unsigned>(number % 100)));
  return ymd.ok() ? number : 0;
}

std::string read_week(const json& week, Calendar& calendar) {
  if (!week.is_object()) return R"(week: write an object, as {"mon": ["09:00-21:00"]})";
  for (const auto& [name, value] : week.items()) {
    const auto day = std::find(kDays.begin(), kDays.end(), name);
    if (day == kDays.end()) {
      return "week: there is no day \"" + name.substr(0, 20) +
             "\"; the days are mon, tue, wed, thu, fri, sat and sun";
    }
    const auto index = static_cast<std::size_t>(day - kDays.begin());
    if (auto wrong = read_openings(value, "week." + name, calendar.week[index]); !wrong.empty()) {
      return wrong;
    }
  }
  return {};
}

std::string read_exceptions(const json& exceptions, Calendar& calendar) {
  if (!exceptions.is_object() || exceptions.size() > kMaxExceptions) {
    return R"(exceptions: write an object of at most 1000 days, as {"2026-12-25": []})";
  }
  for (const auto& [name, value] : exceptions.items()) {
    const DayNumber day = read_date(name);
    if (day == 0) {
      return "exceptions: \"" + name.substr(0, 20) + "\" is no date; write it as 2026-12-25";
    }
    if (auto wrong = read_openings(value, "exceptions." + name, calendar.exceptions[day]);
        !wrong.empty()) {
      return wrong;
    }
  }
  return {};
}

json to_json(const Openings& openings) {
  json list = json::array();
  for (const Opening& opening : openings) {
    list.push_back(clock_text(opening.from_min) + "-" + clock_text(opening.to_min));
  }
  return list;
}

}  // namespace

Calendar Calendar::usual() {
  Calendar calendar;
  for (std::size_t day = 0; day < 5; ++day) calendar.week[day] = {{9 * 60, 21 * 60}};
  return calendar;
}

std::uint32_t seconds_closed(const Calendar& calendar, UnixTime now) {
  const date::time_zone* const zone = zone_of(calendar);
  const date::sys_time<milliseconds> at{milliseconds(now.ms)};
  const auto today = date::floor<date::days>(zone->to_local(at));
  for (int ahead = 0; ahead <= kMaxClosedDays; ++ahead) {
    const auto day = today + date::days(ahead);
    for (const Opening& opening : openings_on(calendar, day)) {
      // An hour that clocks leave out or repeat begins when it comes first.
      const auto from = zone->to_sys(day + minutes(opening.from_min), date::choose::earliest);
      const auto to = zone->to_sys(day + minutes(opening.to_min), date::choose::latest);
      if (at >= to) continue;
      if (at >= from) return 0;
      return static_cast<std::uint32_t>(date::ceil<seconds>(from - at).count());
    }
  }
  return kMaxClosedDays * 24 * 3600;
}

std::string local_time(const Calendar& calendar, UnixTime now) {
  const date::sys_time<milliseconds> at{milliseconds(now.ms)};
  return date::format("%Y-%m-%d %H:%M:%S", date::floor<seconds>(zone_of(calendar)->to_local(at)));
}

std::variant<Calendar, std::string> read_calendar(std::string_view text) {
  const json root = json::parse(text.begin(), text.end(), nullptr, false);
  if (!root.is_object()) return R"(write a JSON object, as {"zone": "Europe/Paris"})";
  Calendar calendar = Calendar::usual();
  for (const auto& [name, value] : root.items()) {
    std::string wrong;
    if (name == "zone") {
      if (!value.is_string()) return R"(zone: write a text, as "Europe/Paris")";
      calendar.zone = value.get<std::string>();
      try {
        if (!calendar.zone.empty()) (void)date::locate_zone(calendar.zone);
      } catch (const std::exception&) {
        return "zone: this machine knows no zone \"" + calendar.zone.substr(0, 40) +
               "\"; write one as Europe/Paris";
      }
    } else if (name == "week") {
      wrong = read_week(value, calendar);
    } else if (name == "exceptions") {
      wrong = read_exceptions(value, calendar);
    } else {
      wrong = "\"" + name.substr(0, 20) + "\" is unknown; write zone, week and exceptions";
    }
    if (!wrong.empty()) return wrong;
  }
  return calendar;
}

std::string write_calendar(const Calendar& calendar) {
  json root = {{"zone", calendar.zone}, {"week", json::object()}, {"exceptions", json::object()}};
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    root["week"][kDays[day]] = to_json(calendar.week[day]);
  }
  for (const auto& [number, openings] : calendar.exceptions) {
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d", number / 10'000, number / 100 % 100,
                  number % 100);
    root["exceptions"][text] = to_json(openings);
  }
  return root.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace espial::dispobox
