#include "core/wire/reading.hpp"

#include "core/wire/round_trip_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::wire;
  const espial::ByteView bytes(data, size);
  if (const auto reading = parse_reading(bytes)) require_stable(*reading, parse_reading);
  const auto readings = parse_readings(bytes);
  std::size_t walked = 0;
  for (const Reading& reading : *readings) walked += reading_size(reading.value.size());
  require(walked == (readings ? size : 0));
  return 0;
}
