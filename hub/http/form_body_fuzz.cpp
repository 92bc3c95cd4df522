#include "hub/http/form_body.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::http;
  const auto form = read_form_body({reinterpret_cast<const char*>(data), size});
  if (!form) return 0;
  if (form->size() > kFormFieldsMax) std::abort();
  for (const auto& [name, text] : *form) {
    if (name.size() > kFormTextBytesMax || text.size() > kFormTextBytesMax) std::abort();
  }
  return 0;
}
