#include "core/wire/value.hpp"

#include <array>

#include "core/wire/round_trip_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::wire;
  const espial::ByteView bytes(data, size);
  for (const KindInfo& kind : standard_kinds()) {
    const auto values = decode_value(kind, bytes);
    if (!values) continue;
    std::array<std::uint8_t, 256> out{};
    const auto written = encode_value(kind, *values, out);
    require(written.has_value() && *written <= size);
    require(espial::equal({out.data(), *written}, bytes.subview(0, *written)));
    (void)decode_command_value(kind, bytes);
  }
  return 0;
}
