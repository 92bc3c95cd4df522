#include <cstddef>

#include "core/base/mac_address.hpp"

/// What is accepted is an address that its own text form names again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto mac = espial::parse_mac({reinterpret_cast<const char*>(data), size});
  if (!mac) return 0;
  const auto text = espial::to_text(*mac);
  if (size != text.size()) __builtin_trap();
  if (espial::parse_mac({text.data(), text.size()}) != mac) __builtin_trap();
  return 0;
}
