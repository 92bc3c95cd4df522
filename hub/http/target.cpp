#include "hub/http/target.hpp"

#include <charconv>

namespace espial::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    const char c = static_cast<char>(high * 16 + low);
    if (c == '\0' || c == '/') return std::nullopt;
    out.push_back(c);
    i += 2;
  }
  return out;
}

std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

bool read_path(std::string_view path, Target& target) {
  std::string_view rest = path.substr(1);
  while (!rest.empty()) {
    auto segment = percent_decode(take_until(rest, '/'));
    if (!segment || *segment == "." || *segment == "..") return false;
    if (target.segments.size() == kTargetPartsMax) return false;
    target.segments.push_back(std::move(*segment));
  }
  return true;
}

bool read_query(std::string_view query, Target& target) {
  while (!query.empty()) {
    std::string_view pair = take_until(query, '&');
    if (pair.empty()) continue;
    auto name = percent_decode(take_until(pair, '='));
    auto value = percent_decode(pair);
    if (!name || !value || target.query.size() == kTargetPartsMax) return false;
    target.query.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

}  // namespace

std::optional<std::string_view> Target::value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<Target> parse_target(std::string_view text) {
  if (text.empty() || text.front() != '/') return std::nullopt;
  text = text.substr(0, text.find('#'));
  const std::string_view path = text.substr(0, text.find('?'));
  Target target;
  if (!read_path(path, target)) return std::nullopt;
  if (path.size() < text.size() && !read_query(text.substr(path.size() + 1), target)) {
    return std::nullopt;
  }
  return target;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace espial::http
