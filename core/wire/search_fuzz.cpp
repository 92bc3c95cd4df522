#include "core/wire/search.hpp"

#include "core/wire/round_trip_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::wire;
  const espial::ByteView bytes(data, size);
  if (const auto connect = parse_connect(bytes)) require_stable(*connect, parse_connect);
  if (const auto connack = parse_connack(bytes)) require_stable(*connack, parse_connack);
  if (const auto moved = parse_moved(bytes)) require_stable(*moved, parse_moved);
  return 0;
}
