#include <cstddef>

#include "core/wire/label_text.hpp"

/// What is accepted is a label whose text is read as the same one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::wire;
  const auto label = parse_label({reinterpret_cast<const char*>(data), size});
  if (!label) return 0;
  const LabelText text(*label);
  const auto again = parse_label(text.view());
  if (!again || again->server != label->server || again->mac != label->mac ||
      again->key != label->key) {
    __builtin_trap();
  }
  return 0;
}
