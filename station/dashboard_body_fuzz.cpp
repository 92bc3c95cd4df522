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
  CommandBody wish;
  if (read_values_body(text, wish) == BodyError::kNone) {
    if (wish.values.empty() || wish.values.size() > kBodyValuesMax) std::abort();
    const std::uint32_t lifetime_s = wish.lifetime_s.value_or(kMinCommandLifetime_s);
    if (lifetime_s < kMinCommandLifetime_s || lifetime_s > kMaxCommandLifetime_s) std::abort();
  }
  std::string name;
  if (read_name_body(text, name) == BodyError::kNone && !is_utf8(name)) std::abort();
  return 0;
}
