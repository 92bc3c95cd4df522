#include "hub/features/day_files/day_file.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace espial::day_files {
namespace {

using Json = nlohmann::json;
using Skip = std::function<void(std::size_t, Skipped, std::string_view)>;

constexpr int kMaxModule = 255;
constexpr int kMaxFunction = 254;
constexpr int kFields = 5;

/// A number at the beginning of the text, which is taken off.
std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

/// "2023-04-23T11:45:01"
std::optional<std::int64_t> time_of(std::string_view text) {
  const auto year = take_number(text);
  const auto month = take(text, '-') ? take_number(text) : std::nullopt;
  const auto day = take(text, '-') ? take_number(text) : std::nullopt;
  const auto hour = take(text, 'T') || take(text, ' ') ? take_number(text) : std::nullopt;
  const auto minute = take(text, ':') ? take_number(text) : std::nullopt;
  const auto second = take(text, ':') ? take_number(text) : std::nullopt;
  if (!year || !month || !day || !hour || !minute || !second || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *year < 1971 || *year > 9'999 || *hour > 23 || *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
}

/// "F1_3_2"
std::optional<LoggedValue> place_of(std::string_view key) {
  const bool is_float = take(key, 'F');
  if (!is_float && !take(key, 'U')) return std::nullopt;
  const auto field = take_number(key);
  const auto module = take(key, '_') ? take_number(key) : std::nullopt;
  const auto function = take(key, '_') ? take_number(key) : std::nullopt;
  if (!field || !module || !function || !key.empty()) return std::nullopt;
  if (*field < 1 || *field > kFields || *module < 1 || *module > kMaxModule ||
      *function > kMaxFunction) {
    return std::nullopt;
  }
  LoggedValue value;
  value.field = static_cast<std::uint8_t>(*field - 1 + (is_float ? kFields : 0));
  value.module = static_cast<std::uint8_t>(*module);
  value.function = static_cast<std::uint8_t>(*function);
  return value;
}

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

void take_entry(std::string_view text, std::size_t line, const Skip& skip,
                std::vector<LoggedValue>& values) {
  const Json entry = Json::parse(text, nullptr, false);
  if (!entry.is_object()) return skip(line, Skipped::no_entry, "");
  const auto uid = entry.find("UID");
  const auto time = uid != entry.end() && uid->is_string()
                        ? time_of(uid->get_ref<const std::string&>())
                        : std::nullopt;
  if (!time) return skip(line, Skipped::no_time, "");
  for (const auto& [key, value] : entry.items()) {
    if (key == "ID" || key == "UID") continue;
    auto place = place_of(key);
    const auto number = number_of(value);
    if (!place) {
      skip(line, Skipped::unknown_key, key);
    } else if (!number) {
      skip(line, Skipped::no_number, key);
    } else {
      place->line = line;
      place->local_s = *time;
      place->number = *number;
      values.push_back(*place);
    }
  }
}

/// The text that the first string holds, and what follows it.
bool begins_with_data(std::string_view text) {
  std::string found;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    found += c;
    if (c == '[' || found.size() == 9) break;
  }
  return found == R"({"Data":[)";
}

/// Entries are flat, so a damaged one ends where the next one begins. Returns the place behind it,
/// or npos when the text ends before.
std::size_t end_of_entry(std::string_view text, std::size_t begin) {
  bool in_text = false;
  for (std::size_t at = begin + 1; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\' && in_text) {
      ++at;
    } else if (c == '"') {
      in_text = !in_text;
    } else if (c == '\n') {
      in_text = false;  // no text goes over a line's end, but one that is damaged
    } else if (c == '}' && !in_text) {
      return at + 1;
    } else if (c == '{' && !in_text) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view to_text(Skipped why) {
  switch (why) {
    case Skipped::no_day_file:
      return "is no day file of S0's";
    case Skipped::no_entry:
      return "is damaged";
    case Skipped::no_time:
      return "has no time";
    case Skipped::unknown_key:
      return "is no field_module_function";
    case Skipped::no_number:
      return "is no number";
    case Skipped::cut_off:
      return "ends in the middle";
  }
  return "unknown";
}

std::vector<LoggedValue> parse_day_file(std::string_view text, const Skip& skip) {
  std::vector<LoggedValue> values;
  if (text.size() > kMaxFileBytes || !begins_with_data(text)) {
    skip(1, Skipped::no_day_file, "");
    return values;
  }
  const std::size_t list = text.find('[');
  auto line = static_cast<std::size_t>(
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(list), '\n'));
  std::size_t at = list + 1;
  bool ended = false;
  while (at < text.size() && !ended) {
    if (text[at] != '{') {
      if (text[at] == '\n') ++line;
      ended = text[at] == ']';
      ++at;
      continue;
    }
    const std::size_t end = end_of_entry(text, at);
    if (end == std::string_view::npos) break;
    const std::string_view entry = text.substr(at, end - at);
    take_entry(entry, line, skip, values);
    line += static_cast<std::size_t>(std::count(entry.begin(), entry.end(), '\n'));
    at = end;
  }
  if (!ended) skip(line, Skipped::cut_off, "");
  return values;
}

}  // namespace espial::day_files
