#include "ports/linux/air_datagram.hpp"

/// Whatever parses must encode to the very bytes it came from.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = espial::air_datagram::parse({data, size});
  if (!message) return 0;
  const auto again = espial::air_datagram::encode(*message);
  if (!espial::equal({again.data(), again.size()}, {data, size})) __builtin_trap();
  return 0;
}
