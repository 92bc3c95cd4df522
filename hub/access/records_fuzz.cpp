#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "hub/access/records.hpp"

/// A document's name up to the first line end; its body follows.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::access;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const Document document{"", std::string(text.substr(0, end)),
                          std::string(text.substr(std::min(end + 1, text.size())))};
  (void)parse_role(document.name);
  if (const auto account = parse_account(document)) {
    if (!acceptable_name(account->name)) std::abort();
  }
  (void)parse_token(document);
  (void)parse_session(document);
  return 0;
}
