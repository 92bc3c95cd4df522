#include "hub/features/dispobox/calendar.hpp"

/// What is accepted can be written, read back to the same text, and asked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::dispobox;
  const auto read = read_calendar({reinterpret_cast<const char*>(data), size});
  const auto* calendar = std::get_if<Calendar>(&read);
  if (calendar == nullptr) return 0;
  const std::string text = write_calendar(*calendar);
  const auto again = read_calendar(text);
  if (!std::holds_alternative<Calendar>(again)) __builtin_trap();
  if (write_calendar(std::get<Calendar>(again)) != text) __builtin_trap();
  if (seconds_closed(*calendar, {1'800'000'000'000}) > kMaxClosedDays * 24 * 3600 + 86'400) {
    __builtin_trap();
  }
  return 0;
}
