#include "hub/mqtt/topic.hpp"

#include <cstdint>

namespace espial::mqtt {
namespace {

constexpr std::size_t kMaxTextBytes = 65535;
constexpr std::string_view kSharePrefix = "$share/";

/// The length of the UTF-8 sequence at the front of `text`; 0 when it is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;  // would fit in two bytes
    if (first == 0xED && byte(1) > 0x9F) return 0;  // half of a surrogate pair
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;  // would fit in three bytes
    if (first == 0xF4 && byte(1) > 0x8F) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

/// Cuts the first level off `path`. `last` tells that nothing follows it, not even an empty level.
std::string_view take_level(std::string_view& path, bool& last) {
  const std::size_t slash = path.find('/');
  last = slash == std::string_view::npos;
  const std::string_view level = path.substr(0, slash);
  path = last ? std::string_view{} : path.substr(slash + 1);
  return level;
}

}  // namespace

bool valid_text(std::string_view text) {
  if (text.size() > kMaxTextBytes) return false;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool valid_topic(std::string_view topic) {
  return !topic.empty() && topic.find_first_of("+#") == std::string_view::npos && valid_text(topic);
}

bool valid_filter(std::string_view filter) {
  if (filter.empty() || !valid_text(filter)) return false;
  bool last = false;
  while (!last) {
    const std::string_view level = take_level(filter, last);
    if (level.size() > 1 && level.find_first_of("+#") != std::string_view::npos) return false;
    if (level == "#" && !last) return false;
  }
  return true;
}

bool filter_matches(std::string_view filter, std::string_view topic) {
  if (filter.starts_with(kSharePrefix)) {
    const std::size_t slash = filter.find('/', kSharePrefix.size());
    if (slash == std::string_view::npos) return false;
    filter.remove_prefix(slash + 1);
  }
  if (topic.starts_with('$') && !filter.starts_with('$')) return false;
  bool filter_ends = false;
  bool topic_ends = false;
  while (true) {
    const std::string_view wanted = take_level(filter, filter_ends);
    if (wanted == "#") return true;
    if (topic_ends) return false;
    const std::string_view level = take_level(topic, topic_ends);
    if (wanted != "+" && wanted != level) return false;
    if (filter_ends) return topic_ends;
    if (topic_ends && filter != "#") return false;  // "a/#" covers "a" too
  }
}

}  // namespace espial::mqtt
