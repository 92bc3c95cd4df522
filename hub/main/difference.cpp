#include "hub/main/difference.hpp"

#include <nlohmann/json.hpp>

#include "core/base/utf8.hpp"

namespace espial::main {
namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = 160;
constexpr std::size_t kMostValueBytes = 32;

json parse(std::string_view text) {
  auto parsed = json::parse(text.begin(), text.end(), nullptr, false);
  return parsed.is_discarded() ? json::object() : parsed;
}

std::string value_text(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() <= kMostValueBytes) return text;
  return std::string(utf8_prefix(text, kMostValueBytes)) + "...";
}

/// One step of the way from the one to the other (RFC 6902).
std::string step_text(const json& step, const json& before) {
  const std::string path = step["path"].get<std::string>();
  const std::string name = path.substr(path.empty() ? 0 : 1);
  if (name == "webhook")
    return step.value("value", json()) == "" ? "no webhook" : "webhook changed";
  if (step["op"] == "remove") return "-" + name;
  const std::string after = value_text(step["value"]);
  if (step["op"] == "add") return "+" + name + " " + after;
  return name + " " + value_text(before.at(json::json_pointer(path))) + " -> " + after;
}

}  // namespace

std::string difference(std::string_view before_text, std::string_view after_text) {
  const json before = parse(before_text);
  const json steps = json::diff(before, parse(after_text));
  std::string text;
  std::size_t left_out = 0;
  for (const json& step : steps) {
    const std::string next = step_text(step, before);
    if (left_out > 0 || text.size() + next.size() > kMostBytes) {
      ++left_out;
    } else {
      text += (text.empty() ? "" : ", ") + next;
    }
  }
  if (left_out > 0) text += (text.empty() ? "" : " and ") + std::to_string(left_out) + " more";
  return text;
}

}  // namespace espial::main
