#include <cstdint>

#include "hub/http/host_port.hpp"
#include "hub/http/webhook.hpp"

/// What is written as a place is read as the same.
static void check_place(std::string_view text) {
  const auto place = espial::http::parse_host_port(text, 80);
  if (!place) return;
  const auto again = espial::http::parse_host_port(place->text(), 81);
  if (!again || again->host != place->host || again->port != place->port) __builtin_trap();
}

/// What is accepted has a host, a port and a path without blanks or line ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_place(text);
  const auto address = espial::http::parse_hook_address(text);
  if (!address) return 0;
  if (address->place.host.empty() || address->target.empty()) __builtin_trap();
  if (address->target[0] != '/') __builtin_trap();
  if (address->target.find_first_of(" \r\n") != std::string::npos) __builtin_trap();
  return 0;
}
