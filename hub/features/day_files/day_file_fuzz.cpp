#include "hub/features/day_files/day_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::day_files;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  bool refused = false;
  const auto values = parse_day_file(text, [&](std::size_t line, Skipped why, std::string_view) {
    refused |= why == Skipped::no_day_file;
    if (line == 0 || line > size + 1) __builtin_trap();
  });
  if (refused && !values.empty()) __builtin_trap();
  for (const LoggedValue& value : values) {
    if (value.module == 0 || value.field >= kFieldCount || value.local_s < 0 || value.line == 0) {
      __builtin_trap();
    }
  }
  return 0;
}
