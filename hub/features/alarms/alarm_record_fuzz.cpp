#include "hub/features/alarms/alarm_record.hpp"

/// What is read is written back to what reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::alarms;
  const auto record = read_record({reinterpret_cast<const char*>(data), size});
  if (!record) return 0;
  const std::string text = write_record(*record);
  const auto again = read_record(text);
  if (!again || write_record(*again) != text) __builtin_trap();
  return 0;
}
