#include "station/dashboard_body.hpp"

#include <cstdint>
#include <cstdlib>

#include "core/wire/reading.hpp"

/// The body as it comes, read as a command, as one without its slot, and as a name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::station;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CommandBody body;
  if (read_command_body(text, body) == BodyError::kNone) {
    if (!espial::wire::valid_slot(body.slot) || body.values.empty() ||
        body.values.size() > kBodyValuesMax)
      std::abort();
  }
  std::vector<WantedValue> values;
  if (read_values_body(text, values) == BodyError::kNone) {
    if (values.empty() || values.size() > kBodyValuesMax) std::abort();
  }
  std::string name;
  if (read_name_body(text, name) == BodyError::kNone && !is_utf8(name)) std::abort();
  return 0;
}
