#include "core/wire/s0.hpp"

#include "core/wire/reading.hpp"
#include "core/wire/round_trip_fuzz.hpp"
#include "core/wire/s0_function.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial;
  using wire::require;
  using wire::require_stable;
  const ByteView body(data, size);
  const auto type = s0::peek_type(body);
  if (const auto pairing = s0::parse_pairing(body)) {
    require(type == s0::MessageType::kPairing);
    require_stable(*pairing, s0::parse_pairing);
  }
  if (const auto ping = s0::parse_ping(body)) {
    require(type == s0::MessageType::kPing);
    require_stable(*ping, s0::parse_ping);
  }
  if (const auto reset = s0::parse_reset(body)) require_stable(*reset, s0::parse_reset);
  const auto values = s0::parse_values(body);
  if (!values) return 0;
  require(type == (values->set_points ? s0::MessageType::kSetPoints : s0::MessageType::kData));
  require_stable(*values, s0::parse_values);

  // What they mean goes both ways wherever it means something.
  std::array<std::uint8_t, wire::kMaxValueSize> value{};
  s0::Values back;
  const std::uint8_t kind = s0::kind_of(values->type);
  const std::size_t command = s0::command_of(*values, value);
  if (command > 0) require(s0::to_set_points(kind, {value.data(), command}, back));
  const std::size_t reading = s0::value_of(*values, value);
  require((reading > 0) == (kind != 0));
  if (reading > 0) require(s0::to_data(kind, {value.data(), reading}, back));
  return 0;
}
