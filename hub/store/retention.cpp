#include "hub/store/retention.hpp"

#include <algorithm>
#include <charconv>

#include "core/wire/kind.hpp"

namespace espial::store {
namespace {

constexpr std::int64_t kMaxDays = 36'525;

template <typename T>
std::optional<T> number_of(std::string_view text) {
  T number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::int64_t Retention::due(std::int64_t age_days) const {
  std::int64_t greatest = others_days.value_or(0) <= age_days ? others_days.value_or(0) : 0;
  for (const auto& [kind, days] : kind_days) {
    if (days <= age_days) greatest = std::max(greatest, days);
  }
  return greatest;
}

bool Retention::ends_all(std::int64_t age_days) const {
  return others_days && *others_days <= age_days &&
         std::all_of(kind_days.begin(), kind_days.end(),
                     [&](const auto& rule) { return rule.second <= age_days; });
}

std::string to_text(const Retention& retention) {
  std::string text;
  for (const auto& [kind, days] : retention.kind_days) {
    text += std::to_string(kind) + "=" + std::to_string(days) + " ";
  }
  return text + (retention.others_days ? std::to_string(*retention.others_days) : "");
}

bool add_retention(std::string_view text, Retention& retention) {
  const std::size_t equals = text.find('=');
  const auto days =
      number_of<std::int64_t>(equals == std::string_view::npos ? text : text.substr(equals + 1));
  if (!days || *days < 1 || *days > kMaxDays) return false;
  if (equals == std::string_view::npos) {
    retention.others_days = *days;
    return true;
  }
  const std::string_view name = text.substr(0, equals);
  const wire::KindInfo* const known = wire::find_standard_kind(name);
  const auto number = known ? std::optional(known->number) : number_of<std::uint8_t>(name);
  if (!number || *number == 0) return false;
  retention.kind_days[*number] = *days;
  return true;
}

}  // namespace espial::store
