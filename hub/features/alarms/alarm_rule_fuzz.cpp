#include <limits>

#include "hub/features/alarms/alarm_rule.hpp"

/// What is accepted is written back to what reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::alarms;
  const auto read = read_rule("x", {reinterpret_cast<const char*>(data), size});
  const auto* rule = std::get_if<Rule>(&read);
  if (rule == nullptr) return 0;
  const std::string text = write_rule(*rule);
  const auto again = read_rule("x", text);
  if (!std::holds_alternative<Rule>(again)) __builtin_trap();
  if (write_rule(std::get<Rule>(again)) != text) __builtin_trap();
  AlarmState state;
  (void)state.on_value(*rule, {0}, std::numeric_limits<double>::infinity());
  return 0;
}
