#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace espial::configuration {

/// The line on which each value of a JSON text begins, by its path: "/Peers/0/Devices/2/Type".
/// The text must be JSON (checked by a parser before); names are taken as they are written.
class JsonLines {
 public:
  explicit JsonLines(std::string_view text);
  /// That of the value, or of the nearest one around it that is there; 1 for the whole.
  std::size_t of(std::string_view path) const;

 private:
  std::map<std::string, std::size_t, std::less<>> lines_;
};

/// The line in which a byte lies, from 1 on.
std::size_t line_of_byte(std::string_view text, std::size_t byte);

}  // namespace espial::configuration
