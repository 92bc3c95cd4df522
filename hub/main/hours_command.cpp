#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"
#include "hub/main/manage_request.hpp"

namespace espial::main {
namespace {

using nlohmann::json;

constexpr const char* kPath = "/api/dispobox/hours";
constexpr std::array<const char*, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr const char* kClosed = "closed";

std::optional<std::size_t> day_number(std::string_view word) {
  const auto found = std::find(kDays.begin(), kDays.end(), word);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kDays.begin());
}

/// The days of the week that "mon", "mon-fri" or "sat-mon" means; none for anything else.
std::vector<std::string> week_days(const std::string& word) {
  const std::size_t dash = word.find('-');
  const auto first = day_number(word.substr(0, dash));
  const auto last = dash == std::string::npos ? first : day_number(word.substr(dash + 1));
  if (!first || !last) return {};
  std::vector<std::string> days;
  for (std::size_t day = *first;; day = (day + 1) % kDays.size()) {
    days.emplace_back(kDays[day]);
    if (day == *last) return days;
  }
}

/// Whether a word is meant for a date; the hub knows which ones there are.
bool looks_like_date(const std::string& word) {
  return !word.empty() && word.find_first_not_of("0123456789-") == std::string::npos;
}

/// "09:00-12:00 13:30-18:00", or "closed".
std::string text_of(const json& openings) {
  std::string text;
  for (const json& opening : openings) {
    text += (text.empty() ? "" : " ") + opening.get<std::string>();
  }
  return text.empty() ? kClosed : text;
}

struct HoursCommand {
  HubOption hub;
  std::string day;
  std::string zone;
  std::vector<std::string> openings;
  bool as_json = false;

  int list() const {
    const auto hours = request(hub.address(), "GET", kPath);
    if (!hours) return 1;
    if (as_json) return print_json(*hours);
    const std::string where = hours->at("zone").get<std::string>();
    std::printf("%-10s  %s\n", "zone", where.empty() ? "that of the hub" : where.c_str());
    for (const char* const name : kDays) {
      std::printf("%-10s  %s\n", name, text_of(hours->at("week").at(name)).c_str());
    }
    for (const auto& [date, own] : hours->at("exceptions").items()) {
      std::printf("%-10s  %s\n", date.c_str(), text_of(own).c_str());
    }
    return 0;
  }

  int set() const {
    const bool is_closed = openings.size() == 1 && openings.front() == kClosed;
    const json wanted = is_closed ? json::array() : json(openings);
    return change([&](json& hours) -> std::optional<std::string> {
      if (looks_like_date(day)) {
        hours["exceptions"][day] = wanted;
        return std::nullopt;
      }
      const auto days = week_days(day);
      for (const std::string& one : days) hours["week"][one] = wanted;
      return days.empty() ? std::optional(no_day()) : std::nullopt;
    });
  }

  int remove() const {
    return change([&](json& hours) -> std::optional<std::string> {
      if (looks_like_date(day)) {
        if (hours["exceptions"].erase(day) != 0) return std::nullopt;
        return day + " has no hours of its own; `espial hours list` shows which days have";
      }
      // The hub gives a day that is not named its usual hours.
      const auto days = week_days(day);
      for (const std::string& one : days) hours["week"].erase(one);
      return days.empty() ? std::optional(no_day()) : std::nullopt;
    });
  }

  int set_zone() const {
    return change([&](json& hours) -> std::optional<std::string> {
      hours["zone"] = zone;
      return std::nullopt;
    });
  }

 private:
  std::string no_day() const {
    return "there is no day \"" + day +
           "\"; write mon, tue, wed, thu, fri, sat or sun, several as mon-fri, or a date as "
           "2026-12-25";
  }

  /// Asks for the hours, lets `edit` make them others, and shows what they are then.
  template <typename Edit>
  int change(const Edit& edit) const {
    auto hours = request(hub.address(), "GET", kPath);
    if (!hours) return 1;
    if (const auto problem = edit(*hours)) return fail(*problem);
    return request(hub.address(), "PUT", kPath, *hours) ? list() : 1;
  }
};

}  // namespace

void add_hours_command(CLI::App& app, int& exit_code) {
  auto* const hours = app.add_subcommand(
      "hours", "When the site of DispoBox's box nodes is open; outside of that they sleep");
  hours->require_subcommand(1);
  const auto options = std::make_shared<HoursCommand>();
  add_request(*hours, "list", "The hours of the week, and of days with hours of their own", options,
              &HoursCommand::list, exit_code)
      ->add_flag("--json", options->as_json, "As JSON, for scripts");
  constexpr const char* kDayHelp = "mon to sun, several as mon-fri, or a date as 2026-12-25";
  auto* const set =
      add_request(*hours, "set", "Say when the site is open on a day of each week, or on one date",
                  options, &HoursCommand::set, exit_code);
  set->add_option("day", options->day, kDayHelp)->required();
  set->add_option("hours", options->openings,
                  "Up to four, as 09:00-12:00 13:30-18:00, by the site's clocks; or: closed")
      ->required();
  auto* const remove =
      add_request(*hours, "remove",
                  "Take back what was set: a date is as its day of the week again, a day of the "
                  "week has its usual hours (mon-fri 09:00-21:00)",
                  options, &HoursCommand::remove, exit_code);
  remove->add_option("day", options->day, kDayHelp)->required();
  add_request(*hours, "zone", "Say by which clocks", options, &HoursCommand::set_zone, exit_code)
      ->add_option("zone", options->zone,
                   "A time zone, for example Europe/Paris; \"\" for that of the hub")
      ->required();
}

}  // namespace espial::main
