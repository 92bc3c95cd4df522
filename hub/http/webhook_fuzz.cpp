#include <cstdint>

#include "hub/http/webhook.hpp"

/// What is accepted has a host, a port and a path without blanks or line ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto address =
      espial::http::parse_hook_address({reinterpret_cast<const char*>(data), size});
  if (!address) return 0;
  if (address->host.host.empty() || address->target.empty()) __builtin_trap();
  if (address->target[0] != '/') __builtin_trap();
  if (address->target.find_first_of(" \r\n") != std::string::npos) __builtin_trap();
  return 0;
}
