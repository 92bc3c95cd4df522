#include "hub/features/dispobox/answer.hpp"

/// What is accepted names boxes and levels that exist; a sentence is never refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::dispobox;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = parse_answer(text);
  if (const auto* answer = std::get_if<Answer>(&read)) {
    if (answer->samples.size() * 3 > size) __builtin_trap();
    for (const Sample& sample : answer->samples) {
      if (sample.box == 0 || sample.box >= kBoxCount) __builtin_trap();
    }
    if (answer->battery.percent.value_or(0) > 100) __builtin_trap();
  }
  if (find_battery(text).percent.value_or(0) > 100) __builtin_trap();
  return 0;
}
