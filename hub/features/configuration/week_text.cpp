#include "hub/features/configuration/week_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace espial::configuration {
namespace {

constexpr std::size_t kDays = 7;
constexpr std::uint16_t kMinutesPerDay = 24 * 60;
constexpr std::array<std::string_view, kDays> kDayNames = {"mon", "tue", "wed", "thu",
                                                           "fri", "sat", "sun"};
constexpr double kLeast_celsius = -100;
constexpr double kMost_celsius = 300;

/// What stands before the next blank; it and the blank are taken off `rest`.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

std::optional<std::size_t> day_of(std::string_view name) {
  for (std::size_t day = 0; day < kDays; ++day) {
    const bool same = std::equal(
        name.begin(), name.end(), kDayNames[day].begin(), kDayNames[day].end(),
        [](char written, char known) { return written == known || written == known - 'a' + 'A'; });
    if (same) return day;
  }
  return std::nullopt;
}

/// "06:30", in minutes.
std::optional<std::uint16_t> minute_of(std::string_view clock) {
  const auto digit = [&](std::size_t i) { return clock[i] >= '0' && clock[i] <= '9'; };
  if (clock.size() != 5 || clock[2] != ':') return std::nullopt;
  if (!digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const int hour = (clock[0] - '0') * 10 + (clock[1] - '0');
  const int minute = (clock[3] - '0') * 10 + (clock[4] - '0');
  if (hour > 23 || minute > 59) return std::nullopt;
  return static_cast<std::uint16_t>(hour * 60 + minute);
}

std::optional<std::int16_t> set_point_of(std::string_view text) {
  if (text == "off") return wire::kNoSetPoint;
  double celsius = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, celsius);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  if (!(celsius >= kLeast_celsius && celsius <= kMost_celsius)) return std::nullopt;
  return static_cast<std::int16_t>(std::lround(celsius * 100));
}

}  // namespace

std::optional<std::vector<wire::SwitchingPoint>> parse_week_line(std::string_view line) {
  const std::string_view days = take_word(line);
  const auto minute = minute_of(take_word(line));
  const auto set_point = set_point_of(line);
  const std::size_t dash = days.find('-');
  const auto first = day_of(days.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : day_of(days.substr(dash + 1));
  if (!first || !last || !minute || !set_point) return std::nullopt;
  std::array<bool, kDays> meant{};
  const std::size_t count = (*last + kDays - *first) % kDays + 1;
  for (std::size_t i = 0; i < count; ++i) meant[(*first + i) % kDays] = true;
  std::vector<wire::SwitchingPoint> points;
  for (std::size_t day = 0; day < kDays; ++day) {
    if (!meant[day]) continue;
    points.push_back({static_cast<std::uint16_t>(day * kMinutesPerDay + *minute), *set_point});
  }
  return points;
}

std::optional<wire::WeekSchedule> make_week(std::uint8_t slot,
                                            std::vector<wire::SwitchingPoint> points) {
  const auto earlier = [](const auto& a, const auto& b) { return a.minute < b.minute; };
  const auto same = [](const auto& a, const auto& b) { return a.minute == b.minute; };
  std::sort(points.begin(), points.end(), earlier);
  if (std::adjacent_find(points.begin(), points.end(), same) != points.end()) return std::nullopt;
  wire::WeekSchedule week;
  week.slot = slot;
  for (const wire::SwitchingPoint& point : points) {
    if (!week.points.push_back(point)) return std::nullopt;
  }
  return week;
}

}  // namespace espial::configuration
