#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "hub/access/credentials.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::access;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& found :
       {cookie_value(text, kPlainCookie), cookie_value(text, kSecureCookie), bearer_token(text)}) {
    if (found && (found->empty() || found->find_first_of(";= \"\r\n") != std::string_view::npos)) {
      std::abort();
    }
  }
  return 0;
}
