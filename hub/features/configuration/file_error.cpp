#include "hub/features/configuration/file_error.hpp"

namespace espial::configuration {
namespace {

std::string at_line(std::string_view file, std::size_t line) {
  return std::string(file) + ":" + std::to_string(line) + ": ";
}

}  // namespace

std::string to_text(const FileError& error, std::string_view file) {
  return at_line(file, error.line) + error.text;
}

std::string to_text(const SkippedName& skipped, std::string_view file) {
  const std::string what = at_line(file, skipped.line) + '"' + skipped.name + '"';
  if (skipped.nearest.empty()) return what + " is unknown and left out";
  return what + " is unknown and left out; did you mean \"" + skipped.nearest + "\"?";
}

}  // namespace espial::configuration
