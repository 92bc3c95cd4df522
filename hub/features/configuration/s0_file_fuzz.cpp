#include "hub/features/configuration/json_lines.hpp"
#include "hub/features/configuration/json_text.hpp"
#include "hub/features/configuration/s0_file.hpp"
#include "hub/features/configuration/week_text.hpp"

/// Whatever the bytes: a file within its limits, or an error in a line that exists.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::configuration;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)line_of_value(text, "/Peers/0");
  if (const auto points = parse_week_line(text); points && !make_week(0, *points)) __builtin_trap();
  const auto parsed = parse_file(text);
  const auto* const bad_text = std::get_if<FileError>(&parsed);
  if (bad_text != nullptr && bad_text->line > line_of_byte(text, size)) __builtin_trap();
  const auto read = read_s0_file(text);
  if (const auto* error = std::get_if<FileError>(&read)) {
    if (error->line < 1 || error->line > line_of_byte(text, size)) __builtin_trap();
    if (to_text(*error, "x.json").empty()) __builtin_trap();
    return 0;
  }
  const auto& file = std::get<S0File>(read);
  if (file.modules.size() > kMaxModules) __builtin_trap();
  if (file.skipped.size() > kMaxSkippedNames) __builtin_trap();
  for (const SkippedName& skipped : file.skipped) {
    if (skipped.line < 1 || skipped.line > line_of_byte(text, size)) __builtin_trap();
    if (to_text(skipped, "x.json").empty()) __builtin_trap();
  }
  for (const ModulePlan& module : file.modules) {
    if (module.functions.size() > espial::kSlotCount) __builtin_trap();
  }
  return 0;
}
