#include "hub/features/configuration/json_lines.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace espial::configuration {
namespace {

/// An object or array that is open while the text is walked through.
struct Open {
  bool object = false;
  std::size_t index = 0;  ///< of the next value in an array
  std::string_view name;  ///< of the next value in an object
  std::size_t path_size = 0;
};

/// Where the text that begins with a quote at `at` ends, behind its closing quote.
std::size_t end_of_text(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

/// Whether the value of this path is the wanted one, or around it.
bool leads_to(std::string_view path, std::string_view wanted) {
  return wanted.substr(0, path.size()) == path &&
         (wanted.size() == path.size() || wanted[path.size()] == '/');
}

}  // namespace

std::size_t line_of_value(std::string_view text, std::string_view wanted) {
  std::vector<Open> open;
  std::string path;
  std::size_t line = 1;
  std::size_t nearest = 1;
  std::size_t nearest_size = 0;
  bool name_next = false;
  // What begins here is a value: leaves `path` at it, and notes its line if it is what is sought.
  const auto begin_value = [&] {
    if (!open.empty()) {
      Open& around = open.back();
      path.resize(around.path_size);
      path += '/';
      path += around.object ? around.name : std::to_string(around.index++);
    }
    // Of two with one name the first counts.
    if ((path.empty() || path.size() > nearest_size) && leads_to(path, wanted)) {
      nearest = line;
      nearest_size = path.size();
    }
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (c == '{' || c == '[') {
      begin_value();
      open.push_back({c == '{', 0, {}, path.size()});
      name_next = c == '{';
    } else if (c == '}' || c == ']') {
      if (!open.empty()) open.pop_back();
      name_next = false;
    } else if (c == ',') {
      name_next = !open.empty() && open.back().object;
    } else if (c == '"') {
      const std::size_t end = end_of_text(text, at);
      if (name_next) {
        open.back().name = text.substr(at + 1, end - std::min(end, at + 2));
        name_next = false;
      } else {
        begin_value();
      }
      at = end - 1;
    } else if (c != ':' && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      begin_value();
      const std::size_t end = text.find_first_of(",]} \t\r\n", at);
      at = (end == std::string_view::npos ? text.size() : end) - 1;
    }
  }
  return nearest;
}

std::size_t line_of_byte(std::string_view text, std::size_t byte) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
  return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

}  // namespace espial::configuration
