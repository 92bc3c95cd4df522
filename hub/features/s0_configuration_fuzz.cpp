#include "hub/features/s0_configuration.hpp"

/// What is accepted must be written to a document that says the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::s0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto check = [](const ModuleConfiguration& configuration) {
    const auto again = parse_module(to_document(configuration));
    if (!again || again->functions != configuration.functions) __builtin_trap();
  };
  if (const auto configuration = parse_module(text)) check(*configuration);
  if (const auto option = parse_module_option(text)) check(option->second);
  return 0;
}
