#include "hub/store/store_address.hpp"

/// What is accepted must be the same address when it is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::store;
  const auto parsed = parse_store_address({reinterpret_cast<const char*>(data), size});
  if (!parsed.address) {
    if (parsed.problem.empty()) __builtin_trap();
    return 0;
  }
  const std::string text = to_text(*parsed.address);
  const auto again = parse_store_address(text);
  if (again.address && to_text(*again.address) != text) __builtin_trap();
  return 0;
}
