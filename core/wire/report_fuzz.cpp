#include "core/wire/report.hpp"

#include "core/wire/round_trip_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::wire;
  const espial::ByteView bytes(data, size);
  try_inner(bytes, parse_report);
  return 0;
}
