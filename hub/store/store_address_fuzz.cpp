#include "hub/store/percent.hpp"
#include "hub/store/store_address.hpp"

/// What is accepted must be the same address when it is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::store;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto plain = decode_percent(input);
  if (plain && decode_percent(encode_percent(*plain)) != plain) __builtin_trap();
  const auto parsed = parse_store_address(input);
  if (!parsed.address) {
    if (parsed.problem.empty()) __builtin_trap();
    return 0;
  }
  const ServerAddress& server = parsed.address->server;
  if (!server.tls_ca.empty() && server.host.empty()) __builtin_trap();
  const std::string text = to_text(*parsed.address);
  const auto again = parse_store_address(text);
  if (!again.address) return 0;  // too long, now that more is written as %XX
  if (to_text(*again.address) != text) __builtin_trap();
  if (again.address->server.tls_ca != server.tls_ca) __builtin_trap();
  return 0;
}
